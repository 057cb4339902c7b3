"""The controls that make a scenario by hand: what a dashboard shows, and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from audit.errors import InputError, PriceError, unknown_name
from audit.findings.model import Audit
from audit.pricing.catalogue import Catalogue, Product
from audit.scenarios.apply import AUTOCAPTURE, RECORDINGS
from audit.scenarios.changes import (
    MONTHS,
    AutocaptureOff,
    Change,
    Fixes,
    Growth,
    Plan,
    Prices,
    Sampling,
    Scenario,
)

#: Most credit a slider reaches, as a multiple of the usage of the coming year.
MOST_CREDIT = 2


@dataclass(frozen=True)
class Slider:
    """One control. ``default`` changes nothing. With ``choices`` its values are places in them."""

    name: str
    label: str
    low: float
    high: float
    step: float
    default: float
    unit: str
    choices: tuple[str, ...] = ()


def sliders(audit: Audit) -> tuple[Slider, ...]:
    """The controls that make a difference for this account."""
    terms, ahead = audit.terms, audit.outlook
    if terms is None or ahead is None:
        return ()
    rows = terms.rows
    found = [Slider("growth_percent", "Usage after a year", -80, 300, 5, 0, "% of the forecast")]
    if terms.fixes:
        found.append(Slider("fixes", "Findings fixed", 0, len(terms.fixes), 1, 0, "highest first"))
    if rows["meter"].isin(RECORDINGS).any():
        found.append(Slider("sampling_percent", "Recordings sampled", 0, 100, 5, 100, "% at most"))
    if (rows["event"] == AUTOCAPTURE).any():
        found.append(Slider("autocapture_off", "Autocapture off", 0, 1, 1, 0, "1 is off"))
    lists = price_lists(audit)
    if lists:
        named = ("As today", *(f"Of {day.day} {day:%B %Y}" for day in lists))
        found.append(Slider("price_list", "Public prices", 0, len(lists), 1, 0, "", named))
    year = int(ahead.year.mean) * MOST_CREDIT
    if year >= 1_000:
        high = float(-(-year // 5_000) * 5_000)
        found.append(Slider("commitment_usd", "Prepaid credit", 0, high, 500, 0, "USD a year"))
    found.append(Slider("from_month", "Changes begin in month", 1, MONTHS, 1, 1, "of twelve"))
    return tuple(found)


def price_lists(audit: Audit) -> tuple[date, ...]:
    """Days before the audit's on which a public price of the account's products began, oldest
    first, so that a later list takes no other's place; only where all of them had a price."""
    if audit.terms is None:
        return ()
    products = Catalogue.load().products
    used = [products[meter] for meter in audit.terms.meters if meter in products]
    began = {price.first_day for product in used for price in product.prices}
    return tuple(
        day
        for day in sorted(began)
        if day < audit.as_of and all(_is_priced(product, day) for product in used)
    )[:-1]  # the last is today's


def _is_priced(product: Product, on: date) -> bool:
    try:
        product.price(on)
    except PriceError:
        return False
    return True


def chosen(audit: Audit, values: Mapping[str, Any], name: str = "Your own") -> Scenario:
    """The scenario that slider values stand for; what is left out stays at its default.

    Raises: InputError for a value that no slider of this account has, or beyond its ends.
    """
    known = {slider.name: slider for slider in sliders(audit)}
    for key in values:
        if key not in known:
            raise InputError(unknown_name("control", key, list(known)))
    at = {key: values.get(key, slider.default) for key, slider in known.items()}
    for key, slider in known.items():
        is_number = isinstance(at[key], int | float)
        if not is_number or not slider.low <= at[key] <= slider.high:
            raise InputError(f"{key} is {slider.low:g} to {slider.high:g}, got {at[key]!r}.")
    month = int(at.get("from_month", 1))
    changes: list[Change] = []
    if at.get("growth_percent"):
        changes.append(Growth(float(at["growth_percent"]), from_month=month))
    if at.get("fixes") and audit.terms is not None:
        first = audit.terms.fixes[: int(at["fixes"])]
        changes.append(Fixes(tuple(fix.finding_id for fix in first), from_month=month))
    if at.get("sampling_percent", 100) < 100:
        changes.append(Sampling(at["sampling_percent"] / 100, at_most=True, from_month=month))
    if at.get("autocapture_off"):
        changes.append(AutocaptureOff(from_month=month))
    if at.get("price_list"):
        on = price_lists(audit)[int(at["price_list"]) - 1]
        changes.append(Prices(on, from_month=month))
    if at.get("commitment_usd"):
        amount = float(at["commitment_usd"])
        changes.append(Plan(amount, from_month=month, self_serve=None))
    return Scenario(name, tuple(changes))
