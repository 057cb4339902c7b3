"""The page of the facts."""

from collections.abc import Iterable, Mapping, Sequence

from audit.checks.contract import SAVING_FACT, load_checks
from audit.checks.engine_facts import ENGINE_FACTS
from audit.docs.text import listed, page, sentence, table
from audit.facts.runner import KEYS, FactFile, fact_files


def facts_page() -> str:
    """Every fact: scope, unit, meaning, the SQL file that computes it and what it needs read."""
    asked = asked_by()
    return page(
        "Facts",
        "What checks are written in. A fact is a number or a claim about one organization, one "
        "of its projects, or one of its products, over the window of the audit.",
        "A fact is known where its subject stands as complete in `coverage`. There an absent row "
        "is 0, or false for a claim; anywhere else the fact is missing, and every check that asks "
        "for it is not evaluated, with the reason. A scope above the project needs the subject "
        "read for every project.",
        "To add a fact, add a `.sql` file to `audit/facts/` that starts with a header like those "
        "below and returns the key of its scope with the facts. Nothing needs to be registered.",
        *(part for scope in KEYS for part in _scope_part(scope, asked)),
        "## Facts of no file",
        "Computed from prices, from daily history, and from what the checks found.",
        table(
            ("Fact", "Scope", "Unit", "Meaning", "Asked by"),
            [
                *(
                    (f"`{name}`", f.scope, f.unit, sentence(f.meaning), by_checks(asked, name))
                    for name, f in ENGINE_FACTS.items()
                ),
                (
                    f"`{SAVING_FACT}`",
                    "as the check",
                    "USD",
                    "What the remedy of the asking check alone would save a billing month "
                    "(estimate).",
                    by_checks(asked, SAVING_FACT),
                ),
            ],
        ),
    )


def _scope_part(scope: str, asked: Mapping[str, Sequence[str]]) -> Iterable[str]:
    key = KEYS[scope]  # type: ignore[index]
    yield f"## Of each {scope}"
    yield f"Key: {listed(key)}."
    for file in fact_files():
        if file.scope == scope:
            yield from _file_part(file, asked)


def _file_part(file: FactFile, asked: Mapping[str, Sequence[str]]) -> Iterable[str]:
    yield f"### {file.name}"
    yield file.title
    lines = []
    if file.products:
        lines.append(f"- Speaks for: {listed(file.products)}")
    if file.unknown:
        lines.append(f"- May be missing although read: {file.unknown}")
    if lines:
        yield "\n".join(lines)
    yield table(
        ("Fact", "Unit", "Meaning", "Needs read", "Asked by"),
        [
            (
                f"`{f.name}`",
                f.unit,
                sentence(f.meaning),
                listed(f.subjects),
                by_checks(asked, f.name),
            )
            for f in file.facts
        ],
    )


def asked_by() -> dict[str, list[str]]:
    asked: dict[str, list[str]] = {}
    for name, check in load_checks().items():
        for fact in check.all_facts:
            asked.setdefault(fact, []).append(name)
    return asked


def by_checks(asked: Mapping[str, Sequence[str]], fact: str) -> str:
    return ", ".join(f"[{name}](checks.md#{name})" for name in asked.get(fact, ()))
