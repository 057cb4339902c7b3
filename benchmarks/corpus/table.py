"""The figures of a corpus run, as a table to read and as a block of the docs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import median

from audit.checks import load_checks
from corpus.planting import NO_PLANTERS
from corpus.runner import Outcome, Result, Stray, wilson

BEGIN, END = "<!-- corpus: begin -->", "<!-- corpus: end -->"
#: A saving below this is compared in dollars of it, not of itself.
SMALL_USD = Decimal(5)
#: Kinds of case in which the fault is there.
POSITIVE = ("fault", "inside", "combination")


@dataclass(frozen=True)
class Figures:
    """One check. ``strays`` are findings nobody planted, on any customer of the corpus."""

    check: str
    planted: int
    found: int
    negatives: int
    false: int
    strays: int
    lookalikes: tuple[int, int]
    boundaries: tuple[int, int]
    missing: tuple[int, int]
    errors: tuple[float, ...]

    @property
    def recall(self) -> float | None:
        return self.found / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        every = self.found + self.false + self.strays
        return self.found / every if every else None


def figures(result: Result) -> list[Figures]:
    by_check: dict[str, list[Outcome]] = {}
    for one in result.outcomes:
        by_check.setdefault(one.check, []).append(one)
    strays = Counter(one.check for one in result.strays)
    return [
        _figures(check, by_check.get(check, []), strays[check])
        for check in sorted({*by_check, *strays})
    ]


def _figures(check: str, outcomes: list[Outcome], strays: int) -> Figures:
    positive = [o for o in outcomes if o.kind in POSITIVE]
    negative = [o for o in outcomes if o.kind in ("outside", "lookalike", "missing")]
    looks = [o for o in outcomes if o.kind == "lookalike"]
    edge = [o for o in outcomes if o.kind in ("inside", "outside")]
    wrong_edge = [o for o in edge if o.found != (o.kind == "inside")]
    gone = [o for o in outcomes if o.kind == "missing"]
    handled = [o for o in gone if o.not_evaluated and not o.found]
    return Figures(
        check=check,
        planted=len(positive),
        found=sum(o.found for o in positive),
        negatives=len(negative),
        false=sum(o.found for o in negative),
        strays=strays,
        lookalikes=(sum(o.found for o in looks), len(looks)),
        boundaries=(len(wrong_edge), len(edge)),
        missing=(len(handled), len(gone)),
        errors=tuple(sorted(_error(o) for o in positive if o.found and o.true_saving is not None)),
    )


def _error(one: Outcome) -> float:
    if one.true_saving is None:
        return 0.0
    true, found = one.true_saving, one.saving or Decimal(0)
    return float(abs(found - true) / max(true, SMALL_USD))


def percentile(values: Sequence[float], share: float) -> float | None:
    return values[min(int(share * len(values)), len(values) - 1)] if values else None


HEAD = (
    "Check",
    "Planted",
    "Found",
    "Precision",
    "Recall",
    "Look-alikes flagged",
    "Boundary errors",
    "Missing handled",
    "Saving off by, median",
    "95th percentile",
)


def cells(one: Figures) -> tuple[str, ...]:
    return (
        one.check,
        str(one.planted),
        str(one.found),
        _ratio(one.precision),
        _ratio(one.recall),
        _of(one.lookalikes),
        _of(one.boundaries),
        _of(one.missing),
        _percent(median(one.errors) if one.errors else None),
        _percent(percentile(one.errors, 0.95)),
    )


def _ratio(value: float | None) -> str:
    # Not rounded up: 0.9996 is not 1.
    return "" if value is None else f"{int(value * 1000) / 1000:.3f}"


def _of(pair: tuple[int, int]) -> str:
    return f"{pair[0]} of {pair[1]}" if pair[1] else ""


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}%"


def as_text(result: Result, *, wrong: bool = False) -> str:
    rows = [HEAD, *(cells(one) for one in figures(result))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    lines += ["", *sentences(result)]
    if wrong:
        lines += ["", *mistakes(result)]
    return "\n".join(lines) + "\n"


def sentences(result: Result) -> list[str]:
    out = [f"{result.customers:,} customers with something planted."]
    if result.joint:
        errors = sorted(float(abs(f - t) / max(t, SMALL_USD)) for t, f in result.joint)
        out.append(
            f"Joint saving of {len(errors):,} accounts with two to four faults: off by "
            f"{_percent(median(errors))} (median), {_percent(percentile(errors, 0.95))} "
            "(95th percentile)."
        )
    if result.healthy:
        hit = len({organization for _, organization in result.false_findings})
        low, high = wilson(hit, result.healthy)
        rate = 1_000 * len(result.false_findings) / result.healthy
        out.append(
            f"False findings per 1,000 healthy accounts: {rate:.2f} "
            f"({len(result.false_findings)} on {hit} of {result.healthy:,}; 95% interval of the "
            f"accounts hit: {1_000 * low:.2f} to {1_000 * high:.2f} per 1,000)."
        )
    return out


def mistakes(result: Result) -> list[str]:
    """Every kind of mistake once, with how often."""
    seen: Counter[str] = Counter()
    for one in result.outcomes:
        if one.kind in POSITIVE and not one.found:
            why = " (not evaluated)" if one.not_evaluated else ""
            seen[f"missed: {one.check}: {one.kind}: {one.name}{why}"] += 1
        if one.kind in ("outside", "lookalike", "missing") and one.found:
            seen[f"wrongly found: {one.check}: {one.kind}: {one.name}"] += 1
        if one.kind == "missing" and not one.found and not one.not_evaluated:
            seen[f"silent: {one.check}: {one.name}"] += 1
        if one.found and one.kind in POSITIVE and _error(one) > 0.1:
            seen[f"saving off by over a tenth: {one.check}: {one.kind}: {one.name}"] += 1
    for stray in result.strays:
        seen[f"stray: {stray.check}: beside {stray.kind} {stray.name}"] += 1
    for check, _ in result.false_findings:
        seen[f"false on a healthy account: {check}"] += 1
    return [f"{count:5} {text}" for text, count in sorted(seen.items())]


def as_markdown(result: Result, seeds: Sequence[int]) -> str:
    """The block between the markers of docs/accuracy.md."""
    lines = [
        BEGIN,
        f"Seeds {', '.join(map(str, seeds))}. " + " ".join(sentences(result)),
        "",
        "| " + " | ".join(HEAD) + " |",
        "|---|" + "---:|" * (len(HEAD) - 1),
    ]
    for one in figures(result):
        first, *rest = cells(one)
        lines.append(f"| `{first}` | " + " | ".join(rest) + " |")
    without = {name: why for name, why in NO_PLANTERS.items() if name in load_checks()}
    if without:
        lines += ["", "Without planters:", ""]
        lines += [f"- `{name}`: {why}" for name, why in sorted(without.items())]
    return "\n".join([*lines, END])


def write_markdown(page: Path, result: Result, seeds: Sequence[int]) -> None:
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(before + as_markdown(result, seeds) + after, encoding="utf-8")


__all__ = ["Stray", "as_markdown", "as_text", "figures", "write_markdown"]
