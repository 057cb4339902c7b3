"""The generated pages of ``docs/``. ``python -m audit.docs`` writes them.

Each page is built from what the code itself reads (definitions, SQL headers, docstrings and
signatures), so it cannot say something else; a test holds the committed files to it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from audit.docs.assumptions import assumptions_page
from audit.docs.checks import checks_page
from audit.docs.contracts import contracts_page
from audit.docs.facts import facts_page
from audit.docs.rules import rules_page
from audit.docs.tables import tables_page

FOLDER = Path(__file__).resolve().parents[2] / "docs"

PAGES: Mapping[str, Callable[[], str]] = {
    "tables.md": tables_page,
    "facts.md": facts_page,
    "checks.md": checks_page,
    "rules.md": rules_page,
    "assumptions.md": assumptions_page,
    "contracts.md": contracts_page,
}


def write(folder: str | Path = FOLDER) -> list[Path]:
    """Write all pages into a folder. The same code gives the same bytes."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in PAGES.items():
        paths.append(folder / name)
        paths[-1].write_text(text(), encoding="utf-8", newline="\n")
    return paths
