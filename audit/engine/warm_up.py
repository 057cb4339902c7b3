"""What is computed once in a process and the same for every account, before the first fork.

Reads what is installed with the package and nothing else: no account, no setting, no connection.
"""

import tempfile
from pathlib import Path


def notebooks() -> None:
    """The validator of notebooks, and the chart library as a page has it."""
    import nbformat

    from audit import report

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Nothing yet")])
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        nbformat.write(notebook, Path(folder) / "nothing.ipynb")
        nbformat.read(Path(folder) / "nothing.ipynb", as_version=4)
        report.write(notebook, Path(folder) / "nothing.html", title="Nothing")


def audits() -> None:
    """The checks, and the policy packs."""
    from audit.checks import load_checks
    from audit.policy import DEFAULT_POLICY, load_policy

    load_policy(DEFAULT_POLICY, load_checks())
