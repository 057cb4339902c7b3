"""Where the account stands, told by the first source that knows: invoices, bill lines, the CRM."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from audit.facts.runner import Why
    from audit.findings.flags import Verdicts
    from audit.findings.world import World

#: Periods of which bills are told, newest first.
PERIODS = (1, 2, 3)

#: Checks that say whether an account is onboarding's; any of them is enough.
SCOPE_CHECKS = ("onboarding_in_scope", "startup_roll_off_in_scope")


def add(world: "World") -> None:
    """Add the renewal, the bills paid and the recent bills of every organization."""
    facts = world.facts.frames["organization"]
    renewal, assumed = _renewal(facts)
    paid = facts["invoiced_paid_bills"].fillna(facts["crm_paid_bills"])
    columns = {"days_until_renewal": renewal, "renewal_is_assumed": assumed, "paid_bills": paid}
    columns["startup_use_usd"] = facts["bill_usd"].where(facts["on_startup_plan"] != 0, 0.0)
    columns |= _recent_bills(facts)
    not_told = "neither the CRM nor billing tells when the bill renews"
    not_read = "neither invoices nor the vendor's bills were read"
    why = {
        "days_until_renewal": not_told,
        "renewal_is_assumed": not_told,
        "paid_bills": "invoices were not read, and the CRM does not count the paid bills",
        "startup_use_usd": "it is not known whether a startup plan is in force, or what is used",
        **{f"recent_bill_{n}_usd": f"fewer than {n} past bills are known" for n in PERIODS},
        **{f"lowest_of_{n}_bills_usd": not_read for n in PERIODS},
    }
    world.facts.add(
        "organization", columns, {name: _why(columns[name], text) for name, text in why.items()}
    )


def add_scope(world: "World", verdicts: "Mapping[str, Verdicts]") -> None:
    """Add whether onboarding works on the account, by the checks that say so."""
    facts = world.facts.frames["organization"]
    scope = pd.Series(np.zeros(len(facts)), index=facts.index)
    why: Why = {}
    for name in SCOPE_CHECKS:
        if name not in verdicts:
            scope[:] = np.nan
            why |= dict.fromkeys(range(len(facts)), f"the check {name} is not in force")
            continue
        one = verdicts[name]
        if one.error:
            scope[:] = np.nan
            why |= dict.fromkeys(range(len(facts)), f"{name}: {one.error}")
        scope.iloc[one.missing] = np.nan
        why |= {
            row: f"{name} could not be evaluated: {fact} is unknown"
            for row, fact in zip(one.missing.tolist(), one.missing_fact, strict=True)
        }
    for name in SCOPE_CHECKS:
        if name in verdicts:
            scope.iloc[verdicts[name].flagged] = 1.0
    known = scope.notna().to_numpy()
    world.facts.add(
        "organization",
        {"is_in_scope": scope},
        {"is_in_scope": {row: reason for row, reason in why.items() if not known[row]}},
    )


def _renewal(facts: pd.DataFrame) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    """Days until the renewal, and whether the end of the billing period stands in for it: where
    the CRM names no day, or one that has passed while the period goes on."""
    crm, period = facts["crm_days_until_renewal"], facts["days_until_period_end"]
    assumed = (crm.isna() & period.notna()) | ((crm < 0) & (period >= 0))
    known = crm.notna() | period.notna()
    return crm.where(~assumed, period), assumed.astype(np.float64).where(known)


def _recent_bills(facts: pd.DataFrame) -> dict[str, "pd.Series[float]"]:
    """The last bills, all from the source that tells most of them; where both tell as many, from
    the invoices, which are what was really asked for. And the lowest of the last one, two and
    three, 0 where there were fewer."""
    from_lines = facts["line_bills"].fillna(-1) > facts["invoice_bills"].fillna(-1)
    read = facts["line_bills"].notna() | facts["invoice_bills"].notna()
    columns: dict[str, pd.Series[float]] = {}
    lowest = pd.Series(np.inf, index=facts.index)
    for n in PERIODS:
        bill = facts[f"invoice_bill_{n}_usd"].where(~from_lines, facts[f"line_bill_{n}_usd"])
        columns[f"recent_bill_{n}_usd"] = bill
        lowest = np.minimum(lowest, bill.fillna(0))
        columns[f"lowest_of_{n}_bills_usd"] = lowest.where(read)
    return columns


def _why(values: "pd.Series[float]", reason: str) -> "Why":
    return dict.fromkeys(np.flatnonzero(values.isna()).tolist(), reason)
