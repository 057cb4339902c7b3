"""The page of the contract rules: every rule set with its bands, and where it has them from."""

from collections.abc import Iterable

from audit.checks import load_checks
from audit.docs.text import page, table
from audit.policies.schema import SECTIONS
from audit.policy import Policy, load_policy, policy_names
from audit.prepaid import RULE_SETS, Rules, break_evens, rules_of
from audit.prepaid.levers import ONE_YEAR, Terms, steps

TERMS = (("one year", ONE_YEAR), ("two years", Terms(years=2)), ("three years", Terms(years=3)))


def contracts_page() -> str:
    """The rule sets, then every contract number of every pack with its source."""
    packs = [load_policy(name, load_checks()) for name in policy_names()]
    return page(
        "Contract rules of the annual plan",
        "Bands are by credit at list value. What each means for a decision stands in "
        "[annual_plan.md](annual_plan.md); a pack of your own changes any of it.",
        *(part for name in RULE_SETS for part in _rule_set(rules_of(packs[0], name))),
        "## Every number, with its source",
        *(part for pack in packs for part in _numbers(pack)),
    )


def _rule_set(rules: Rules) -> Iterable[str]:
    yield f"## {rules.name}"
    yield f"From policy `{rules.pack}`: {rules.title}, in force {rules.first_day}."
    terms = TERMS if rules.has_levers else TERMS[:1]
    rows = []
    for one in zip(*(steps(rules, given) for _, given in terms), strict=True):
        rows.append(tuple(f"{_percent(step.percent)} from ${step.from_usd:,.0f}" for step in one))
    yield table([name.capitalize() for name, _ in terms], rows)
    even = [
        f"{one.from_percent:g}% to {one.to_percent:g}% at ${one.usage_usd:,.0f}"
        for one in break_evens(rules)
    ]
    yield f"Buying up for one year costs no more from this usage on: {'; '.join(even)}."


def _percent(percent: float | None) -> str:
    return "Sales confirms" if percent is None else f"{percent:g}%"


def _numbers(pack: Policy) -> Iterable[str]:
    yield f"### {pack.name}"
    rows = []
    for key in SECTIONS["contract"]:
        entry = pack.entries[f"contract.{key.name}"]
        if key.kind == "tiers":
            value = "; ".join(
                f"{tier.from_usd:,}: {'custom' if tier.percent is None else tier.percent}"
                for tier in pack.tiers()
            )
        else:
            value = f"silent: {entry.gap}" if entry.value is None else str(entry.value)
        rows.append((f"`{key.name}`", value, key.meaning, entry.source))
    yield table(("Key", "Value", "Meaning", "Source"), rows)
