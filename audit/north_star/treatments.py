"""How the cases that the published measure leaves open are treated: choices, stated everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from audit.errors import InputError, unknown_name
from audit.north_star.published import published

#: Two years; nobody looks further, and few stores go back so far.
MOST_MONTHS = 24

#: What may be chosen for each open case, and what it means. The first is the default.
CHOICES: dict[str, dict[str, str]] = {
    "startup_credit": {
        "apart": "a month paid by startup credit starts no cohort; who pays so is shown apart",
        "count": "startup credit counts as payment",
        "drop": "as apart, and only counted among what is left out",
    },
    "never_billed": {
        "apart": "a bill that stayed a draft or was voided starts no cohort and is shown apart",
        "count": "it starts a cohort as if it had been sent, with no revenue",
        "drop": "as apart, and only counted among what is left out",
    },
    "handovers": {
        "retained": "handed to Sales counts as retained, even where no revenue shows",
        "by_revenue": "handed to Sales is judged by revenue like all others",
        "apart": "handed to Sales is shown apart",
        "drop": "handed to Sales is only counted among what is left out",
    },
    "credits": {
        "override": "credit lowers revenue unless it is one-off by the rule of RevOps",
        "subtract": "all credit lowers revenue",
        "ignore": "credit from the balance lowers no revenue",
    },
    "refunds": {
        "subtract": "credit notes lower the revenue of the month they are on",
        "ignore": "credit notes lower no revenue",
    },
    "uncollectible": {
        "no_revenue": "an invoice that was given up is a bill without revenue",
        "revenue": "an invoice that was given up counts as revenue",
    },
}

#: How each is called where people read.
TITLES = {
    "startup_credit": "Startup credit",
    "never_billed": "Forecasts that never became a bill",
    "handovers": "Handovers to Sales",
    "credits": "One-off credits",
    "refunds": "Refunds",
    "uncollectible": "Uncollectible invoices",
    "months": "Months later",
    "threshold_usd": "Threshold of the first bill",
    "least_arr_usd": "Least yearly revenue for dollars",
    "invoices_since": "Invoices are known since",
    "exclude": "Excluded organizations",
}


def _default(name: str) -> str:
    return next(iter(CHOICES[name]))


@dataclass(frozen=True)
class Treatments:
    """The parameters of the measure.

    ``months``: after the first bill, when it is measured who is retained. ``threshold_usd``: of
    the first bill of a month; None takes the policy's. ``least_arr_usd``: USD a year of base
    revenue below which an organization's dollars do not count; None counts all.
    ``invoices_since``: the day from which the store holds all invoices, where it does not hold
    them from the start. ``exclude``: ids or exact names, such as the vendor's own organization.
    """

    startup_credit: str = _default("startup_credit")
    never_billed: str = _default("never_billed")
    handovers: str = _default("handovers")
    credits: str = _default("credits")
    refunds: str = _default("refunds")
    uncollectible: str = _default("uncollectible")
    months: int = field(default_factory=lambda: published().months)
    threshold_usd: float | None = None
    least_arr_usd: float | None = None
    invoices_since: date | None = None
    exclude: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises: InputError for a choice or number that is none."""
        for name, choices in CHOICES.items():
            given = getattr(self, name)
            if given not in choices:
                raise InputError(unknown_name(f"treatment {name}", str(given), choices))
        if not 1 <= self.months <= MOST_MONTHS:
            raise InputError(f"months is 1 to {MOST_MONTHS}, got {self.months}.")
        for name in ("threshold_usd", "least_arr_usd"):
            amount = getattr(self, name)
            if amount is not None and not 0 <= amount < 1e9:
                raise InputError(f"{name} is USD from 0 to a billion, got {amount}.")

    @classmethod
    def of(cls, **given: Any) -> "Treatments":
        """From plain values as a notebook has them: 0 months, 0 or empty text is the default.

        Raises: InputError for an unknown name, choice, number or day.
        """
        known = [one.name for one in fields(cls)]
        for name in given:
            if name not in known:
                raise InputError(unknown_name("treatment", name, known))
        chosen = {name: value for name, value in given.items() if value not in (None, "", 0)}
        if isinstance(chosen.get("invoices_since"), str):
            chosen["invoices_since"] = _day(chosen["invoices_since"])
        exclude: str | Sequence[str] = chosen.get("exclude", ())
        listed = exclude.split(";") if isinstance(exclude, str) else exclude
        chosen["exclude"] = tuple(one.strip() for one in listed if one.strip())
        return cls(**chosen)


def stated(of: Treatments, threshold_usd: float) -> list[dict[str, Any]]:
    """Every parameter in force, for every output: name, title, value, meaning, choices, source."""
    sources = published().sources
    rows = [
        {
            "name": name,
            "title": TITLES[name],
            "value": getattr(of, name),
            "meaning": choices[getattr(of, name)],
            "choices": list(choices),
            "source": sources["one_off_credit"] if name == "credits" else "ours",
        }
        for name, choices in CHOICES.items()
    ]
    since = of.invoices_since
    more: list[tuple[str, Any, str, str]] = [
        (
            "months",
            of.months,
            "so long after the month of the first bill it is measured who is retained",
            sources["months"],
        ),
        (
            "threshold_usd",
            threshold_usd,
            "a bill of a month above it starts a cohort",
            "the policy" if of.threshold_usd is None else "set by hand",
        ),
        (
            "least_arr_usd",
            of.least_arr_usd,
            "all dollars count"
            if of.least_arr_usd is None
            else "dollars of smaller organizations do not count; their logos do",
            f"ours; {sources['revops']}",
        ),
        (
            "invoices_since",
            since and since.isoformat(),
            "the store holds every invoice there was"
            if since is None
            else "who was billed from then on and is older may have had its first bill before",
            "ours",
        ),
        (
            "exclude",
            "; ".join(of.exclude) or None,
            "not looked at; the vendor's own organization belongs here",
            "ours",
        ),
    ]
    rows += [
        {
            "name": name,
            "title": TITLES[name],
            "value": value,
            "meaning": meaning,
            "choices": [],
            "source": source,
        }
        for name, value, meaning, source in more
    ]
    return rows


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"invoices_since is a day like 2026-01-01, got {text!r}.") from None
