"""What each product cost over the last months, per unit, and why: growth, or more per person.

The first source that knows three months wins; see :mod:`audit.roi.months`. USD before discounts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import partial

from audit.findings.model import Audit, Basis
from audit.findings.pricing import line_estimate, own_prices, packages
from audit.pricing import Catalogue, Schedule
from audit.roi.assumptions import Assumptions
from audit.roi.decomposition import Parts, added, parts, scaled
from audit.roi.months import Months, from_bills, from_days
from audit.roi.product import rules, unit_usd

#: USD of units of a product at the prices of the first month; None without such prices.
Cost = Callable[[str, int], Decimal | None]

LEAST_MONTHS = 3

#: Meters that follow the people of a product; those of one line count the same visits. Ours.
TRAFFIC: tuple[tuple[str, ...], ...] = (
    ("product_analytics",),
    ("session_replay", "mobile_replay"),
    ("feature_flags",),
    ("llm_analytics",),
)
TRAFFIC_NAMES = ("events", "recordings", "flag requests", "AI events")

SUM = "change = growth + units per person + started or stopped + price and terms"


@dataclass(frozen=True)
class TrendMonth:
    """``cost``: of all products. ``growth``: people (or their stand-in) over those of the first
    month. ``growth_only``: what the month would have cost if nothing but people had changed."""

    start: date
    end: date
    cost: Decimal
    growth: Decimal | None
    growth_only: Decimal | None


@dataclass(frozen=True)
class TrendLine:
    """One product by month, oldest first: metered units, USD, USD per ``unit`` (None without
    units), and the parts of its change from the first month to the last."""

    product: str
    name: str
    unit: str
    quantities: tuple[int, ...]
    costs: tuple[Decimal, ...]
    unit_costs: tuple[Decimal | None, ...]
    parts: Parts

    @property
    def unit_cost_change_percent(self) -> Decimal | None:
        """From the first month with units to the last one."""
        known = [one for one in self.unit_costs if one]
        if len(known) < 2 or not self.unit_costs[-1]:
            return None
        change = 100 * known[-1] / known[0] - 100
        return change.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Trend:
    """``reason`` says why there is none. ``growth_from``: people, meters, or empty where growth
    and units per person cannot be told apart, and ``growth_words`` says so or how."""

    months: tuple[TrendMonth, ...]
    lines: tuple[TrendLine, ...]
    parts: Parts | None
    basis: Basis
    quantities_of: str
    growth_from: str
    growth_words: str
    reason: str
    left_out: tuple[str, ...] = ()

    @property
    def change(self) -> Decimal | None:
        """From the first month to the last."""
        return self.months[-1].cost - self.months[0].cost if self.months else None


def trend(audit: Audit, own: Assumptions) -> Trend:
    """The trend of an account, or the reason why it has none."""
    prices = own_prices(audit.account)
    most = int(own.number("most_months"))
    found = [
        from_bills(audit, most, prices, actual=True),
        from_days(audit, most, prices),
        from_bills(audit, most, prices, actual=False),
    ]
    enough = [one for one in found if len(one.spans) >= LEAST_MONTHS and one.quantities]
    if not enough:
        return _none(found)
    return _trend(enough[0], own, prices)


def _none(found: Sequence[Months]) -> Trend:
    months = max(len(one.spans) for one in found)
    reason = (
        f"A trend needs {LEAST_MONTHS} whole months, and {months or 'none'} "
        f"{'is' if months < 2 else 'are'} known. `audit pull --history-days 180` reads six."
    )
    unpriced = sorted({name for one in found for name in one.left_out})
    if months >= LEAST_MONTHS:
        reason = "Nothing was used in the months that are known."
        if unpriced:
            reason = f"No price is known for all of these months of {', '.join(unpriced)}."
    return Trend((), (), None, "estimate", "", "", "", reason)


def _trend(of: Months, own: Assumptions, prices: Mapping[str, Schedule]) -> Trend:
    source, growths, words = _growth(of, own)
    flat = packages(Catalogue.load())

    def cost(product: str, units: int) -> Decimal | None:
        return line_estimate(product, units, of.priced_on[0], prices)

    def line_growth(product: str, month: int) -> Fraction | None:
        return Fraction(1) if product in flat else growths[month]

    lines = []
    for product, units in of.quantities.items():
        usd = of.costs[product]
        lines.append(
            _line(
                product,
                units,
                usd,
                parts(
                    (units[0], usd[0]),
                    (units[-1], usd[-1]),
                    line_growth(product, -1),
                    partial(cost, product),
                ),
            )
        )
    lines.sort(key=lambda line: (-line.costs[-1], line.product))
    months = []
    for number, (start, end) in enumerate(of.spans):
        total = sum((usd[number] for usd in of.costs.values()), Decimal("0.00"))
        growth = growths[number]
        months.append(
            TrendMonth(
                start,
                end,
                total,
                None if growth is None else _index(growth),
                _grown(of, cost, growth, flat),
            )
        )
    return Trend(
        months=tuple(months),
        lines=tuple(lines),
        parts=added(line.parts for line in lines),
        basis=of.basis,
        quantities_of=of.quantities_of,
        growth_from=source,
        growth_words=words,
        reason="",
        left_out=of.left_out,
    )


def _grown(
    of: Months,
    cost: Cost,
    growth: Fraction | None,
    flat: frozenset[str],
) -> Decimal | None:
    """The first month with as many more units as there are more people."""
    if growth is None:
        return None
    total = Decimal("0.00")
    for product, units in of.quantities.items():
        total += of.costs[product][0]
        if product in flat:
            continue
        then = cost(product, units[0])
        now = cost(product, scaled(units[0], growth))
        if then is not None and now is not None:
            total += now - then
    return total


def _line(
    product: str, units: tuple[int, ...], usd: tuple[Decimal, ...], change: Parts
) -> TrendLine:
    known = Catalogue.load().products.get(product)
    rule = rules().get(product, {})
    per = int(rule.get("per", 1))
    divisor = known.divisor if known else 1
    return TrendLine(
        product=product,
        name=known.name if known else product,
        unit=str(rule.get("unit", known.unit if known else "unit")),
        quantities=units,
        costs=usd,
        unit_costs=tuple(
            unit_usd(cost, Decimal(n) / divisor, per) for n, cost in zip(units, usd, strict=True)
        ),
        parts=change,
    )


def _growth(of: Months, own: Assumptions) -> tuple[str, list[Fraction | None], str]:
    """Where growth is read from, growth of every month over the first, and words about it."""
    people = [_people_of(span, own.people) for span in of.spans]
    if people[0] and people[-1]:
        return (
            "people",
            [Fraction(count, people[0]) if count else None for count in people],
            "Growth is that of the people you told for these months.",
        )
    least = int(own.number("least_meters"))
    used = [
        (name, totals)
        for name, family in zip(TRAFFIC_NAMES, TRAFFIC, strict=True)
        if all(totals := _family(of, family))
    ]
    tell = (
        "Whoever knows them (a trends insight on unique users by month) can tell them as the "
        "assumption people, such as people.2026-07 = 18000."
    )
    if len(used) < least:
        return (
            "",
            [None] * len(of.spans),
            f"How many people these months had is not known, and fewer than {least} meters that "
            f"follow people were used, so growth and units per person stand together. {tell}",
        )
    growths: list[Fraction | None] = [
        _middle([Fraction(totals[month], totals[0]) for _, totals in used])
        for month in range(len(of.spans))
    ]
    names = ", ".join(name for name, _ in used)
    return (
        "meters",
        growths,
        f"How many people these months had is not known, so growth is read from the meters that "
        f"follow people: the middle one of {names}. {tell}",
    )


def _people_of(span: tuple[date, date], told: Mapping[str, int]) -> int | None:
    """People of a month, by its first day or by the calendar month of its middle."""
    middle = span[0] + (span[1] - span[0]) / 2
    return told.get(span[0].isoformat()) or told.get(f"{middle:%Y-%m}")


def _family(of: Months, family: tuple[str, ...]) -> list[int]:
    known = [of.quantities[product] for product in family if product in of.quantities]
    return [sum(month) for month in zip(*known, strict=True)] if known else [0]


def _middle(values: list[Fraction]) -> Fraction:
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _index(growth: Fraction) -> Decimal:
    exact = Decimal(growth.numerator) / Decimal(growth.denominator)
    return exact.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
