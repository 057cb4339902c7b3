"""Audit a PostHog organization: what it pays, what is waste, and what fixing it saves.

>>> from audit import examine, load_account  # doctest: +SKIP
>>> examine(load_account("Acme")).joint_saving  # doctest: +SKIP
Decimal('1234.56')
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audit.account import Account
    from audit.accounts import portfolio
    from audit.errors import AuditError
    from audit.findings.document import document, write
    from audit.findings.examine import examine
    from audit.findings.model import Audit
    from audit.findings.scan import scan
    from audit.open import load_account
    from audit.store import Store, publish

__all__ = [
    "Account",
    "Audit",
    "AuditError",
    "Store",
    "document",
    "examine",
    "load_account",
    "portfolio",
    "publish",
    "scan",
    "write",
]

_HOMES = {
    "Account": "audit.account",
    "Audit": "audit.findings.model",
    "AuditError": "audit.errors",
    "Store": "audit.store",
    "document": "audit.findings.document",
    "examine": "audit.findings.examine",
    "load_account": "audit.open",
    "portfolio": "audit.accounts",
    "publish": "audit.store",
    "scan": "audit.findings.scan",
    "write": "audit.findings.document",
}


def __getattr__(name: str) -> Any:
    # Names are imported when asked for, so that `import audit` stays cheap.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'audit' has no attribute {name!r}")
