"""The dashboard a team shares: one notebook, served by Voila or opened in JupyterLab.

The notebook asks for a :func:`judged` store and shows its :func:`page`. By ``audit dashboard``
the store is judged before the first visitor comes, by a server that serves many; alone, the
notebook does it itself.
"""

import json
import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audit.dashboard.board import Board
    from audit.dashboard.screen import Screen

#: What the server tells a kernel, as JSON.
VARIABLE = "AUDIT_DASHBOARD"


def told() -> dict[str, Any]:
    """What the server said; empty where there is none."""
    return dict(json.loads(os.environ.get(VARIABLE) or "{}"))


def judged(store: str = "", *, ledger: str = "", **rules: Any) -> "Board":
    """The accounts of a store, judged; from the server where one has them, else from the cache.

    Raises: StoreError, SettingsError, InputError.
    """
    from audit.accounts import sample_store
    from audit.dashboard.board import Rules, opened
    from audit.ledger.storage import Ledger
    from audit.report.bundle import cache_folder

    given = told()
    if given:
        return import_module("audit.dashboard.held").board(given["board"])
    decided = Ledger.at(ledger).suppressions() if ledger else ()
    path = store or str(sample_store())
    return opened(path, Rules(**rules), decided, folder=cache_folder())


def page(
    board: "Board",
    store: str = "",
    *,
    organization_id: str = "",
    view: str = "",
    audience: str = "team",
    ledger: str = "",
    visitor: str = "",
) -> "Screen":
    """The page. The address a visitor came by wins over ``organization_id`` and ``view``.

    ``visitor``: who you are, for decisions you take; only where no server says who it is.
    """
    from urllib.parse import urlencode

    from audit.accounts import sample_store
    from audit.dashboard.desk import FarDesk, OwnDesk
    from audit.dashboard.screen import Screen
    from audit.dashboard.visit import Source, Visitor

    given = told()
    asked = {"view": view, "organization_id": organization_id}
    query = os.environ.get("QUERY_STRING") or urlencode({k: v for k, v in asked.items() if v})
    if given:
        source = Source(**given["source"])
        who = Visitor(os.environ.get("HTTP_X_AUDIT_USER", ""), os.environ["HTTP_X_AUDIT_ROLE"])
        return Screen(board, source, FarDesk(given["desk"]), visitor=who, query=query)
    path = Path(store) if store else sample_store()
    source = Source.of(path, board.rules, published=path, audience=audience, ledger=ledger)
    return Screen(board, source, OwnDesk(), visitor=Visitor(visitor), query=query)
