"""The audits between then and now, each with one more thing of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from audit.account import Account
from audit.diff.model import Effect
from audit.errors import PriceError
from audit.findings.examine import examine
from audit.findings.model import Audit
from audit.ledger import Suppression, kept
from audit.pricing import Catalogue, Schedule
from audit.validation import validated

#: Tables with what was agreed with the vendor, or set on the billing page, and their coverage.
PLAN_TABLES = ("organizations", "subscriptions", "limits", "coverage")
PLAN_SUBJECTS = ("subscriptions", "limits")
LIMIT_COLUMNS = ("limit_usd", "next_period_limit_usd", "usage_limit")
PLAN_COLUMNS = (
    "subscription_level",
    "billing_plan",
    "has_active_subscription",
    "is_annual_plan_customer",
    "startup_program",
    "period_interval",
    "discount_percent",
    "discount_amount_usd",
    "discount_expires_at",
    "never_drop_data",
)

#: What an account file was asked for that is taken from there.
KEPT = ("as_of", "lookback_days", "policy", "thresholds", "suppressions")


@dataclass(frozen=True)
class Chain:
    """``first``: then, by today's checks. ``last``: now. ``steps``: the audit after each effect."""

    first: Audit
    last: Audit
    steps: Mapping[Effect, Audit]


def chain(before: Account, now: Account, asked: Mapping[str, Any]) -> Chain:
    """Audit then, now, and what lies between. A step that changes nothing costs nothing.

    ``asked``: what ``examine`` is asked of now. Of ``before``, it is what its file was kept with;
    project and audience are those of now, so that like is compared with like.
    """
    asked = {**asked, "draws": 0}  # what is to come is not compared
    last = examine(now, **asked)
    then = {**asked, "as_of": "", "suppressions": None}
    then |= {name: before.arguments[name] for name in KEPT if name in before.arguments}
    first = examine(before, **then)
    days = first.as_of, last.as_of
    decided = kept(then["suppressions"], before.organization_id)
    held = _held(decided, *days)
    rules = {name: first.arguments[name] for name in ("policy", "thresholds")}
    rules["suppressions"] = held
    decisions = kept(asked.get("suppressions"), now.organization_id)
    own = with_plan_of(now, before, *days)

    # From the end: where two neighbours are asked the same, they are one audit.
    plan = threshold = last
    if held != _held(decisions, days[1], days[1]):
        threshold = plan = examine(now, **{**asked, "suppressions": held})
    if _rules(first) != _rules(last):
        plan = examine(now, **{**asked, **rules})
    price = plan if own is now else examine(own, **{**asked, **rules})
    usage = price
    if _prices(days[0]) != _prices(days[1]):
        usage = examine(own, priced_on=days[0], **{**asked, **rules})
    return Chain(
        first,
        last,
        {
            Effect.USAGE: usage,
            Effect.PRICE: price,
            Effect.PLAN: plan,
            Effect.THRESHOLD: threshold,
            Effect.DECISION: last,
        },
    )


def _held(decided: Sequence[Suppression], then: date, now: date) -> tuple[Suppression, ...]:
    """The decisions in force then, as if none had ended since."""
    return tuple(replace(one, until=max(one.until, now)) for one in decided if one.holds_on(then))


def _rules(audit: Audit) -> tuple[Any, ...]:
    return audit.arguments["policy"], audit.arguments["thresholds"]


def _prices(on: date) -> dict[str, Schedule | None]:
    """The public prices of a day, by product."""
    found: dict[str, Schedule | None] = {}
    for name, product in Catalogue.load().products.items():
        try:
            found[name] = product.price(on).schedule
        except PriceError:
            found[name] = None
    return found


def with_plan_of(now: Account, before: Account, then: date, today: date) -> Account:
    """The account of now as if it still had the plan of then, discounts as they were that day."""
    old, new = before["organizations"], now["organizations"]
    columns = {name: old[name].set_axis(new.index) for name in PLAN_COLUMNS}
    organizations = _in_force(new.assign(**columns), then)
    frames = {
        **now.frames,
        "organizations": organizations,
        "subscriptions": before["subscriptions"],
        "limits": _limits(now["limits"], before["limits"]),
        "coverage": _coverage(now["coverage"], before["coverage"]),
    }
    changed = Account(now.organization_id, frames)
    own = Account(now.organization_id, {**now.frames, "organizations": _in_force(new, today)})
    # What is the same is the very account of now, so that nothing is audited twice.
    same = all(changed.fingerprint(table) == own.fingerprint(table) for table in PLAN_TABLES)
    return now if same else changed


def _in_force(organizations: pd.DataFrame, on: date) -> pd.DataFrame:
    """Terms of a day: an amount discount that is over by then is none, and others do not end."""
    ends = organizations["discount_expires_at"]
    amounts = organizations["discount_amount_usd"].astype(object)
    over = ends.notna() & (ends < pd.Timestamp(on))
    return organizations.assign(
        discount_amount_usd=amounts.mask(over, None), discount_expires_at=ends.mask(ends.notna())
    )


def _limits(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Limits of then, with what has been used and cut by now."""
    products = sorted({*now["product"], *before["product"]})
    if not products:
        return now
    old, new = before.set_index("product"), now.set_index("product")
    known = old if len(old) else new
    columns = {
        name: (old if name in LIMIT_COLUMNS else new)[name].reindex(products)
        for name in known.columns
        if name != "organization_id"
    }
    frame = pd.DataFrame(columns, index=products).rename_axis("product").reset_index()
    owner = (now if len(now) else before)["organization_id"].iloc[0]
    rows = frame.assign(organization_id=owner)
    return validated("limits", rows).frame


def _coverage(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """What was read: of the plan then, of everything else now."""
    rest = now[~now["subject"].isin(PLAN_SUBJECTS)]
    plan = before[before["subject"].isin(PLAN_SUBJECTS)]
    parts = [part for part in (rest, plan) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else now
