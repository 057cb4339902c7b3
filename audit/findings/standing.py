"""Where the account stands, told by the first source that knows: invoices, bill lines, the CRM."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from audit.facts.runner import Why
    from audit.findings.world import World

#: Periods of which bills are told, newest first.
PERIODS = (1, 2, 3)


def add(world: "World") -> None:
    """Add the renewal, the bills paid and the recent bills of every organization."""
    facts = world.facts.frames["organization"]
    renewal, assumed = _renewal(facts)
    paid = facts["invoiced_paid_bills"].fillna(facts["crm_paid_bills"])
    columns = {"days_until_renewal": renewal, "renewal_is_assumed": assumed, "paid_bills": paid}
    columns |= _recent_bills(facts)
    why = {
        "days_until_renewal": "neither the CRM nor billing tells when the bill renews",
        "renewal_is_assumed": "neither the CRM nor billing tells when the bill renews",
        "paid_bills": "invoices were not read, and the CRM does not count the paid bills",
        **{
            f"recent_bill_{n}_usd": f"fewer than {n} complete billing periods are known, by "
            "invoices or by lines of the bill"
            for n in PERIODS
        },
    }
    world.facts.add(
        "organization", columns, {name: _why(columns[name], text) for name, text in why.items()}
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
    the invoices, which are what was really asked for."""
    told = {
        source: facts[[f"{source}_bill_{n}_usd" for n in PERIODS]].notna().sum(axis=1)
        for source in ("invoice", "line")
    }
    from_lines = told["line"] > told["invoice"]
    return {
        f"recent_bill_{n}_usd": facts[f"invoice_bill_{n}_usd"].where(
            ~from_lines, facts[f"line_bill_{n}_usd"]
        )
        for n in PERIODS
    }


def _why(values: "pd.Series[float]", reason: str) -> "Why":
    return dict.fromkeys(np.flatnonzero(values.isna()).tolist(), reason)
