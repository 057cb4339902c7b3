"""What the CRM holds of each organization: stage, dates, sums and measures of health."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample import faults as planting
from audit.sources.sample.draws import Integers, Truths
from audit.sources.sample.frames import same_day, text
from audit.sources.sample.plan import Plan

PIPELINE = (
    "1. New Account",
    "2. Onboarding Initiated",
    "3. Onboarding Completed",
    "6c. Sales Handoff",
)
NEW, INITIATED, COMPLETED, HANDED_OVER = range(4)
BUSINESS_TYPES = ("B2B", "B2C", "B2B2C")
INDUSTRIES = ("Software", "Commerce", "Education", "Travel", "Media", "Health")
SPECIALISTS = ("Iris Vance", "Tomasz Zieliński", "Noor Rahman")
BILL_SEGMENTS = ("Paid one nonzero bill", "Paid two nonzero bills", "Paid three nonzero bills")


Field = tuple[str, Truths, list[Any]]


@dataclass(frozen=True)
class Known:
    """What other parts of the sample know of each organization; arrays by organization."""

    members: Integers
    period_end: pd.Series
    last_bill_cents: Integers
    forecast_cents: Integers
    paid_bills: Integers
    products: Integers
    startup: Truths
    payment_failed: Truths


class Crm:
    """The lifecycle table of one batch of organizations."""

    def __init__(self, plan: Plan, known: Known, as_of: date) -> None:
        self.plan, self.known, self.as_of = plan, known, as_of
        draws = plan.draws
        self.recorded = draws.chance("in the CRM", 0.7) & ~plan.free
        self.recorded |= draws.numbers == 0
        self.stage = draws.below("stage", len(PIPELINE))
        self.stage = np.where(draws.numbers == 0, NEW, self.stage)
        #: Health, complaints and changes are out of the ordinary only where faults are planted.
        self.moving = planting.moving(draws, faults=plan.faults) & (draws.numbers != 0)

    def frame(self, ids: npt.NDArray[np.object_]) -> pd.DataFrame:
        fields = [*self._stages(), *self._sums(), *self._health(), *self._exceptions()]
        rows = [np.flatnonzero(mask & self.recorded) for _, mask, _ in fields]
        organization = np.concatenate(rows)
        which = np.repeat(np.arange(len(fields)), [len(r) for r in rows])
        values = [
            str(value[row])
            for (_, _, value), mine in zip(fields, rows, strict=True)
            for row in mine.tolist()
        ]
        order = np.lexsort((which, organization))
        return pd.DataFrame(
            {
                "organization_id": text(ids, organization[order]),
                "field": text([name for name, _, _ in fields], which[order]),
                "value": pd.Series(np.array(values, dtype=object)[order], dtype="str"),
                "updated_at": same_day(self.as_of, len(order)),
            }
        )

    def _days(self, offsets: Integers) -> list[str]:
        return [(self.as_of + timedelta(days=int(o))).isoformat() for o in offsets]

    def _all(self, name: str, values: npt.NDArray[Any] | list[Any]) -> Field:
        plain = values.tolist() if isinstance(values, np.ndarray) else values
        return name, np.ones(self.plan.size, dtype=bool), plain

    def _stages(self) -> Iterator[Field]:
        draws, stage, known = self.plan.draws, self.stage, self.known
        yield self._all("onboarding_pipeline", [PIPELINE[s] for s in stage])
        yield self._all("next_renewal_date", list(known.period_end.dt.strftime("%Y-%m-%d")))
        written = -8 - draws.below("first outreach", 40)
        yield "first_outreach_at", stage != NEW, self._days(written)
        last = np.maximum(written + draws.below("later message", 12), written)
        yield "last_messaged_at", stage != NEW, self._days(last)
        yield self._all(
            "segments",
            [
                ", ".join(
                    (["Onboarding Lead"] if s in (NEW, INITIATED) else [])
                    + (["Onboarding Completed"] if s == COMPLETED else [])
                    + (["Startup Plan"] if startup else [])
                    + list(BILL_SEGMENTS[: min(int(bills), 3)][-1:])
                )
                for s, bills, startup in zip(stage, known.paid_bills, known.startup, strict=True)
            ],
        )
        yield "account_executive_id", stage == HANDED_OVER, [f"005{n:09d}" for n in draws.numbers]
        who = draws.below("specialist", len(SPECIALISTS))
        yield self._all("onboarding_specialist", [SPECIALISTS[w] for w in who])

    def _sums(self) -> Iterator[Field]:
        draws, known = self.plan.draws, self.known
        yield self._all("mrr_usd", [_dollars(c) for c in known.last_bill_cents])
        yield self._all("forecasted_mrr_usd", [_dollars(c) for c in known.forecast_cents])
        yield self._all("paid_nonzero_bills", known.paid_bills)
        people = known.members + draws.below("other employees", 60) ** 2 // 6
        yield self._all("employees", people)
        yield self._all("users_count", known.members)
        which = draws.below("business", len(BUSINESS_TYPES))
        which = np.where(self.plan.consumer, 1, which)
        yield self._all("business_type", [BUSINESS_TYPES[w] for w in which])
        industry = draws.below("industry", len(INDUSTRIES))
        yield self._all("industry_segment", [INDUSTRIES[i] for i in industry])
        yield self._all("company_has_revenue", ["true"] * self.plan.size)
        yield "is_startup_plan", known.startup, ["true"] * self.plan.size

    def _health(self) -> Iterator[Field]:
        draws, known, moving = self.plan.draws, self.known, self.moving

        def value(name: str, calm: tuple[int, int], wild: tuple[int, int]) -> Field:
            strange = moving & draws.chance("strange " + name, 0.15)
            usual = calm[0] + draws.below("calm " + name, calm[1] - calm[0] + 1)
            odd = wild[0] + draws.below("wild " + name, wild[1] - wild[0] + 1)
            return self._all(name, np.where(strange, odd, usual))

        engaging = np.maximum(known.members - draws.below("not engaging", 2), 1)
        yield self._all("users_engaging", np.minimum(engaging, known.members))
        yield value("days_since_last_seen", (0, 1), (3, 20))
        yield value("active_users_percent", (45, 90), (8, 38))
        yield value("active_users_percent_change", (-4, 8), (-40, -8))
        yield value("query_failure_percent_7_days", (0, 4), (6, 18))
        yield value("days_since_insight_analyzed", (0, 5), (8, 40))
        yield value("billing_page_visits_7_days", (0, 1), (2, 6))
        yield value("tickets_30_days", (0, 4), (6, 14))
        yield value("urgent_tickets", (0, 0), (1, 3))
        yield value("docs_visits_7_days", (0, 18), (30, 140))
        yield value("days_since_meeting", (3, 28), (35, 140))
        yield value("days_since_ticket", (3, 28), (35, 140))
        yield self._all("product_count", known.products)
        yield value("analysing_insights_percent", (42, 90), (5, 35))
        yield value("watching_replays_percent", (42, 80), (5, 35))
        yield value("creating_flags_percent", (21, 60), (0, 18))
        yield value("using_experiments_percent", (21, 50), (0, 18))
        yield value("viewing_surveys_percent", (21, 50), (0, 18))
        yield value("csm_sentiment", (3, 5), (1, 2))

    def _exceptions(self) -> Iterator[Field]:
        plan, draws, known, moving = self.plan, self.plan.draws, self.known, self.moving
        failed = -2 - draws.below("payment failed", 12)
        yield "payment_failed_at", known.payment_failed, self._days(failed)
        for claim, share in (
            ("open_conversation", 0.06),
            ("pricing_complaint", 0.04),
            ("champion_left", 0.03),
            ("evaluating_alternatives", 0.03),
        ):
            yield claim, moving & draws.chance(claim, share), ["true"] * plan.size
        engaged = moving & draws.chance("lead task", 0.05)
        yield "temporary_owner", engaged, ["Sales development"] * plan.size
        advised = moving & (self.stage == INITIATED) & draws.chance("advised", 0.4)
        yield "advised_at", advised, self._days(-10 - draws.below("advised at", 25))
        yield "credit_expires_at", known.startup, self._days(20 + draws.below("credit ends", 300))
        yield "credit_runway_days", known.startup, list(draws.below("runway", 360))


def _dollars(cents: int) -> str:
    return f"{int(cents) // 100}.{int(cents) % 100:02d}"
