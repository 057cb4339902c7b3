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
    """What the package ships as files: checks, policy packs, price list, facts and scores."""
    from audit.checks import load_checks
    from audit.facts.releases import releases
    from audit.facts.runner import fact_files
    from audit.findings.flags import claims
    from audit.findings.outlook.effectiveness import priors
    from audit.health.published import load_published
    from audit.health.rules import load_rules
    from audit.policy import DEFAULT_POLICY, load_policy
    from audit.pricing.catalogue import Catalogue
    from audit.roi.assumptions import benchmarks
    from audit.roi.product import rules

    load_policy(DEFAULT_POLICY, load_checks())
    Catalogue.load()
    for read in (claims, fact_files, releases, priors, load_published, load_rules):
        read()
    benchmarks()
    rules()


def charts() -> None:
    """The chart library's own search for plug-ins, and the schema that a chart is checked by."""
    import altair as alt

    from audit.views.charts import finished, rows
    from audit.views.display import Table, figure

    nothing = alt.Chart(rows([])).mark_bar().encode(x="nothing:Q")
    figure(finished(nothing, 1), "Nothing", Table((), ()))
