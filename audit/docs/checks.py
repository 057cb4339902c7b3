"""The page of the checks, and how to add one."""

from collections.abc import Iterable

from audit.checks.contract import SECTIONS, USAGE_COLUMNS, Check, Effort, Severity, load_checks
from audit.docs.text import listed, markdown, page, sentence, table, words


def checks_page() -> str:
    """Every check's page, and how to add one."""
    checks = load_checks()
    return page(
        "Checks",
        "What the audit looks for. A check is one file in `audit/checks/`, found by its name; its "
        "docstring is its section here. A missing fact leaves a place *not evaluated*, with the "
        "reason: never a pass, never 0.",
        table(
            ("Check", "Flags", "Area", "For", "Severity", "Effort", "Prices a saving"),
            [
                (
                    f"[{name}](#{name})",
                    markdown(check.title),
                    words(check.area),
                    str(check.audience),
                    _severity(check),
                    words(check.effort),
                    "yes" if check.cuts else "no",
                )
                for name, check in checks.items()
            ],
        ),
        *(part for check in checks.values() for part in _check_part(check)),
        *_HOW_TO_ADD,
    )


def _check_part(check: Check) -> Iterable[str]:
    yield f"## {check.name}"
    title = markdown(check.title)
    rules = f" Rules: {', '.join(check.rules)} ([rules](rules.md))." if check.rules else ""
    yield (
        f"**{title}.** Area: {words(check.area)}. For the {check.audience}. "
        f"Severity: {_severity(check)}. Effort: {words(check.effort)}.{rules}"
    )
    for section in SECTIONS:
        yield f"**{section}.** {sentence(markdown(check.sections[section]))}"
    if check.thresholds:
        yield table(
            ("Threshold", "Default", "From", "To"),
            [
                (f"`{t.name}`", f"{t.default:,g}", f"{t.bounds.low:,.0f}", f"{t.bounds.high:,.0f}")
                for t in check.thresholds.values()
            ],
        )
    facts = [f"Facts: {listed(check.facts)}."]
    more = [fact for fact in check.cut_facts if fact not in check.facts]
    if more:
        facts.append(f"To price the saving also {listed(more)}.")
    if check.remedy != check.name:
        facts.append(
            f"Remedy: `{check.remedy}`, shared with {listed(_same_remedy(check))}; it is counted "
            "once."
        )
    yield " ".join(facts)
    yield f"Documentation: <{check.docs}>"


def _same_remedy(check: Check) -> list[str]:
    return [
        name
        for name, other in load_checks().items()
        if other.remedy == check.remedy and name != check.name
    ]


def _severity(check: Check) -> str:
    return words(check.severity) + (" or more" if check.function("severity") else "")


_EXAMPLE = '''```python
"""Flag projects that ...

What it finds: ...

Why it costs: ...

What to do: ...

Trade-off: ...

Known limits: ...

Source: ...
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A02",)
DOCS = "https://posthog.com/docs/..."


def flag(identify_events, events, *, identify_percent: Percent = 5):
    return 100 * identify_events > identify_percent * events


def cut(meter, event):
    return 0.8 * (meter.isin(EVENT_METERS) & (event == "$identify"))


def message(fact):
    return f"$identify is {fact.identify_events / fact.events:.1%} of {fact.project_name}'s events."
```'''

_HOW_TO_ADD = (
    "## How to add a check",
    "Add one file to `audit/checks/`, named for the fault so that it reads after *Flag*, and one "
    "test file `tests/checks/test_NAME.py`. Nothing else needs to be edited.",
    _EXAMPLE,
    "- The docstring starts with `Flag ` and has these paragraphs: " + ", ".join(SECTIONS) + ".",
    "- `flag`: parameters before the `*` are facts (see [facts](facts.md)), given as whole columns "
    "without missing values; it returns a mask. Do not loop, read files, the clock or settings.",
    "- Parameters after the `*` are thresholds: a default, a bounded type (`Percent`, `Usd`, "
    "`Count`, `PerSession`, `Days`, `Months`, `Seconds`, `Ratio`, `Score`) and a name that ends in "
    "its unit. Policy packs and `audit.toml` may set them within the bounds.",
    "- `AREA` is the part of the account it speaks of, `RULES` the rules of the handbook that it "
    "covers (see [rules](rules.md)), and `AUDIENCE` (optional) who reads it: what is for the team "
    "never stands on a customer's page and prices no saving.",
    "- The check speaks of projects or of products where it asks for such a fact, and else of "
    "organizations.",
    "- `cut` (optional): the share, 0 to 1, of each usage row that the remedy removes. It may ask "
    f"for the columns {', '.join(f'`{name}`' for name in USAGE_COLUMNS)}, for facts, and for "
    "thresholds. A fact that is missing here leaves the finding without a price.",
    "- `message`: one sentence on one row, from its facts and `organization_name`, `project_name` "
    "or `product_name`.",
    "- `severity` (optional): a column of severities. A fact that only this function asks for "
    "counts as 0 or false where it is missing. "
    f"There are {', '.join(f'`{one.value}`' for one in Severity)}; "
    f"efforts are {', '.join(f'`{one.value}`' for one in Effort)}.",
    "- `REMEDY` (optional): checks that name the same remedy count the stronger cut once.",
    "- `PRODUCTS` (optional): the products a check of products is asked about.",
    "Test it with one faulty organization, a healthy look-alike, the threshold and one above it, "
    "each fact missing, and the dollars of its saving worked out by hand.",
)
