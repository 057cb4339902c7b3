"""Builds every notebook from its reviewed source: ``python notebooks/build.py``.

A source is Jupytext's percent format; the built notebook has no outputs, and the same source
always gives the same bytes. ``--check`` writes nothing and fails where one is out of date.
"""

import sys
from pathlib import Path

import jupytext
import nbformat

HERE = Path(__file__).parent
#: What `voila` alone serves, and the page it does so by; installed with the package.
SERVED, TEMPLATE = "dashboard", "account-audit-alone"


def sources() -> list[Path]:
    """The sources of all notebooks, by name."""
    return [path for path in sorted(HERE.glob("*.py")) if path != Path(__file__)]


def built(source: Path) -> str:
    """The notebook of a source, as the text of its file."""
    notebook = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    if source.stem == SERVED:
        notebook.metadata["voila"] = {"template": TEMPLATE}
    for number, cell in enumerate(notebook.cells, 1):
        # Jupytext draws ids at random; a cell's place is enough to tell cells apart.
        cell["id"] = f"cell-{number:02d}"
        if cell.cell_type == "code":
            cell["outputs"], cell["execution_count"] = [], None
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def main() -> int:
    stale = []
    for source in sources():
        target, text = source.with_suffix(".ipynb"), built(source)
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        stale.append(target.name)
        if "--check" not in sys.argv:
            target.write_text(text, encoding="utf-8", newline="\n")
    print(f"{'Out of date' if '--check' in sys.argv else 'Built'}: {', '.join(stale) or 'nothing'}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
