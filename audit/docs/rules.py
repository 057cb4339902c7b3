"""The page that says which check covers which rule, and which area."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from audit.checks.contract import Area, Check, load_checks
from audit.docs.text import listed, page, sentence, table
from audit.findings.areas import AREAS

TITLES = {
    "A": "Misconfiguration and overspend",
    "B": "Bill, spike, refund and risk",
    "C": "Lifecycle and commerce",
}


@cache
def rulebook() -> Mapping[str, Mapping[str, str]]:
    """Every rule by group: id to what it is about."""
    text = (resources.files("audit") / "rulebook.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def covering() -> dict[str, list[Check]]:
    """The checks that cover each rule; a rule that none covers has an empty list."""
    out: dict[str, list[Check]] = {rule: [] for rules in rulebook().values() for rule in rules}
    for check in load_checks().values():
        for rule in check.rules:
            out.setdefault(rule, []).append(check)
    return out


def rules_page() -> str:
    """Every area and every rule, with the checks that cover it."""
    by_rule = covering()
    return page(
        "Rules and areas",
        "Which check covers what the vendor's handbook asks for. The numbers of the rules are this "
        "project's; each check's page names the handbook page behind it.",
        "## Areas",
        "Of each area the report says what is used (value read), what it costs (cost read), the "
        "main finding and the next step.",
        table(
            ("Area", "Value read", "Cost read", "Checks"),
            [(_area(area)) for area in Area],
        ),
        *(part for group, rules in rulebook().items() for part in _group(group, rules, by_rule)),
    )


def _area(area: Area) -> tuple[str, str, str, str]:
    mine = [check for check in load_checks().values() if check.area is area]
    of = AREAS.get(area)
    facts = [
        p.partition("}")[0] for phrase in (of.value if of else ()) for p in phrase.split("{")[1:]
    ]
    cost = ", ".join(f"`{product}`" for product in of.products) if of else ""
    title = of.title if of else str(area).replace("_", " ").capitalize()
    note = of.cost_note if of else "For the team"
    return title, listed(facts), cost or note, _links(mine)


def _group(
    group: str, rules: Mapping[str, str], by_rule: Mapping[str, list[Check]]
) -> Iterable[str]:
    yield f"## {group}. {TITLES[group]}"
    yield table(
        ("Rule", "What it is about", "Checks"),
        [(rule, sentence(about), _links(by_rule[rule])) for rule, about in rules.items()],
    )


def _links(checks: Iterable[Check]) -> str:
    return ", ".join(f"[{check.name}](checks.md#{check.name})" for check in checks)
