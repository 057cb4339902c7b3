"""What is computed once in a process and the same for every account, before the first fork.

Reads what is installed with the package and nothing else: no customer's account, no setting; and
leaves no connection open.
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


def account() -> None:
    """An audit of a made-up account. Most of what it touches are the database's own pages, a third
    of what an audit needs for itself, which every process forked later then shares."""
    from audit.account import Account
    from audit.findings.examine import examine
    from audit.frames import forget
    from audit.sources.sample import portfolio

    tables = portfolio(1).tables
    examine(
        Account.from_tables(str(tables["organizations"]["organization_id"][0]), tables), draws=0
    )
    forget()
