"""What a refund depends on, told by the first source that knows: the CRM, invoices, the bill."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from audit.facts.runner import Why
    from audit.findings.world import World


def add(world: "World") -> None:
    """Add earlier refunds, the spend of a usual month and the newest bill."""
    facts = world.facts.frames["organization"]
    columns = {
        # Either may miss some: the CRM those it was not told of, credit notes those of before.
        "earlier_refunds": np.fmax(facts["crm_earlier_refunds"], facts["credited_invoices"]),
        "usual_spend_usd": _usual_spend(facts),
        "newest_bill_usd": facts["newest_invoice_usd"].where(
            facts["invoices_sent"] > 0, facts["forecasted_bill_usd"]
        ),
    }
    columns["newest_bill_usd"] = columns["newest_bill_usd"].where(facts["invoices_sent"].notna())
    why = {
        "earlier_refunds": "neither the CRM nor credit notes on invoices tell earlier refunds",
        "usual_spend_usd": "neither the CRM, nor invoices, nor usage tell what a month costs",
        "newest_bill_usd": "invoices were not read, or the newest has no total",
    }
    world.facts.add(
        "organization", columns, {name: _why(columns[name], text) for name, text in why.items()}
    )


def _usual_spend(facts: pd.DataFrame) -> "pd.Series[float]":
    """Of a month without the newest bill, which may be the very spike: by the CRM, else the mean
    of the invoices before, else, for who has none before, the bill of the priced month."""
    before = facts["usual_invoice_usd"]
    return facts["mrr_usd"].fillna(before.where(before > 0)).fillna(facts["bill_usd"])


def _why(values: "pd.Series[float]", reason: str) -> "Why":
    return dict.fromkeys(np.flatnonzero(values.isna()).tolist(), reason)
