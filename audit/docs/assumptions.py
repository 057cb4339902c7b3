"""The page of the assumptions behind ROI."""

from audit.checks.contract import load_checks
from audit.docs.text import page, sentence, table
from audit.policy import DEFAULT_POLICY, load_policy
from audit.roi import assumptions, benchmarks
from audit.roi.assumptions import Assumption
from audit.roi.document import FORMULAS, TEAM_FORMULAS
from audit.roi.finding import SIMULATED
from audit.roi.product import rules

RULES = {
    "events": "share of the events that an insight, action, cohort, experiment, survey or "
    "destination names, or that web analytics shows to somebody",
    "groups": "the same; nothing where no event carries a group",
    "flags": "share of the requests from projects with a flag in use; of the polls, what a longer "
    "interval needs",
    "people": "nothing where nobody looked at the product; else not known, unless you tell it",
    "deliveries": "share of the deliveries that arrived; nothing without an active destination",
    "on_request": "all of it: billed because somebody asked for it",
    "fee": "a fixed fee, with nothing to read",
}


def assumptions_page() -> str:
    """Every assumption with its value, bounds and source; formulas, rules and benchmarks."""
    own = assumptions(None, load_policy(DEFAULT_POLICY, load_checks()))
    known, source = benchmarks()
    return page(
        "Assumptions behind ROI",
        "What [roi.md](roi.md) explains, as the code has it. Each assumption can be changed: "
        "`audit roi --set name=value`, `--assumptions FILE`, or the notebook's parameter "
        "`roi_assumptions`, as JSON.",
        "## Formulas",
        "\n".join(f"- {formula}" for formula in FORMULAS.values()),
        f"Where usage could be simulated: {SIMULATED}.",
        "For the team alone:",
        "\n".join(f"- {formula}" for formula in TEAM_FORMULAS.values()),
        "## Assumptions",
        f"Values of a policy are those of {DEFAULT_POLICY}; another policy has its own.",
        table(
            ("Name", "Value", "Unit", "From", "To", "Meaning", "Source", "Who sees it"),
            [_row(one) for one in own.by_name.values()],
        ),
        "`people` is a number by month (`people.2026-07 = 18000`), or by the first day of one.",
        "## How each product is read",
        table(
            ("Product", "Read", "Unit cost per"),
            [
                (f"`{name}`", sentence(RULES[rule["rule"]]), rule.get("unit", ""))
                for name, rule in rules().items()
            ],
        ),
        "## Published events per user",
        f"Source: {source}.",
        table(
            ("Name", "Product", "Events a month"),
            [(f"`{one.name}`", one.title, str(one.events)) for one in known],
        ),
    )


def _row(of: Assumption) -> tuple[str, ...]:
    bounds = ("", "") if of.choices else (f"{of.low:f}", f"{of.high:f}")
    return (
        f"`{of.name}`",
        "not known" if of.value is None else str(of.value) or "all",
        of.unit,
        *bounds,
        sentence(of.meaning),
        sentence(of.source),
        "the team" if of.for_team else "everybody",
    )
