"""The dashboard as a widget: in JupyterLab, under Voila, and in the page of ``audit dashboard``."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from audit.dashboard.board import Board
from audit.dashboard.desk import Desk
from audit.dashboard.visit import Source, Visit, Visitor
from audit.report.parts import asset
from audit.views.display import style

FRONT = Path(__file__).parent / "front"
#: What our own page finds the widget by, with what it shows before a kernel has answered.
SCREEN_MIME = "application/vnd.account-audit.screen+json"


def script() -> str:
    """The page's script, as a module; charts are drawn as in reports."""
    return asset("charts.js") + (FRONT / "screen.js").read_text(encoding="utf-8")


def styles() -> str:
    """The page's style sheet, with that of the views."""
    views = style().removeprefix("<style>").removesuffix("</style>")
    return views + (FRONT / "screen.css").read_text(encoding="utf-8")


class Screen(anywidget.AnyWidget):
    """One visitor's page. ``first``: messages that it shows at once."""

    _esm = script()
    _css = styles()
    first: Any = traitlets.List().tag(sync=True)

    def __init__(
        self,
        board: Board,
        source: Source,
        desk: Desk,
        *,
        visitor: Visitor | None = None,
        query: str = "",
    ) -> None:
        self._visit = Visit(board, source, desk, self.send, visitor=visitor, query=query)
        super().__init__(first=self._visit.first)
        self.on_msg(lambda _widget, content, _buffers: self._visit.received(content))

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        said = str(self.first[0].get("title", ""))
        return {
            **(data or {}),
            "text/plain": f"The dashboard: {said}",
            SCREEN_MIME: {"model_id": self.model_id, "first": self.first},
        }
