"""What an audit predicts, as the ledger keeps it."""

from datetime import date, timedelta

import numpy as np

from audit.checks import Effort
from audit.errors import InputError
from audit.findings.model import Audit, Finding
from audit.findings.outlook.ahead import prior_of
from audit.findings.outlook.terms import Terms
from audit.forecast.months import months_after
from audit.ledger.records import Prediction, Run
from audit.roi.account import tracked_users
from audit.verify.basis import groups, kept_groups, kept_usage, usage


def recorded(audit: Audit, *, by: str, on: date) -> tuple[Run, tuple[Prediction, ...]]:
    """The run and a prediction for every open finding that saves.

    Raises: InputError for an audit of one project or without prices, which nothing later can be
    held to.
    """
    if audit.project_id:
        raise InputError("Predictions are of a whole organization: leave --project out.")
    if audit.terms is None or not audit.usage_is_known:
        raise InputError(
            f"No usage of {audit.organization_name} is known, so there is nothing to predict."
        )
    terms = audit.terms
    run = Run(
        organization_id=audit.organization_id,
        as_of=audit.as_of,
        policy=audit.policy,
        price_list=audit.price_list,
        window_start=audit.period.start,
        window_end=audit.period.end,
        bill=audit.bill.total,
        joint_saving=audit.joint_saving,
        people=tracked_users(audit).value,
        recorded_on=on,
        recorded_by=by,
        findings=tuple(_summary(one) for one in audit.open_findings),
        usage=kept_usage(usage(terms)),
    )
    ahead = _ahead(audit, terms)
    by_id = {fix.finding_id: fix for fix in terms.fixes}
    found = []
    for finding in audit.open_findings:
        fix = by_id.get(finding.id)
        if fix is None or finding.saving.alone <= 0:
            continue
        next_alone = audit.outlook.findings[finding.id].next_alone if audit.outlook else None
        cut = groups(terms, fix)
        prior = prior_of(fix.effort)
        touched = sorted({group.meter for group in cut})
        found.append(
            Prediction(
                organization_id=audit.organization_id,
                finding_id=finding.id,
                check=finding.check,
                project_id=finding.project_id or "",
                product=finding.product or "",
                effort=str(finding.effort),
                as_of=audit.as_of,
                due_on=_due(audit, finding),
                alone=finding.saving.alone,
                low=next_alone.p10 if next_alone else None,
                mid=next_alone.p50 if next_alone else None,
                high=next_alone.p90 if next_alone else None,
                came_true=prior.mean,
                came_true_low=prior.quantile(0.1),
                basis={
                    "groups": kept_groups(cut),
                    "ahead": {meter: ahead[meter] for meter in touched if meter in ahead},
                },
            )
        )
    return run, tuple(found)


def _summary(finding: Finding) -> dict[str, str]:
    return {
        "id": finding.id,
        "check": finding.check,
        "severity": str(finding.severity),
        "saving_alone_usd": f"{finding.saving.alone:.2f}",
        "saving_on_top_usd": f"{finding.saving.on_top:.2f}",
    }


def _due(audit: Audit, finding: Finding) -> date:
    """A setting shows in the days after it; what needs a release, in the first billing period
    that begins after the audit."""
    if finding.effort is Effort.SETTING:
        return audit.as_of + timedelta(days=1)
    if audit.outlook is not None:
        return audit.outlook.periods[1].end
    return months_after(audit.as_of, 2)


def _ahead(audit: Audit, terms: Terms) -> dict[str, list[float]]:
    """By meter, units of the next period as a share of the priced month's: 10, 50 and 90% of the
    forecast, made before anybody wrote."""
    if audit.outlook is None:
        return {}
    units = audit.outlook.simulated.units[:, 1, :]
    return {
        meter: [round(float(q), 6) for q in np.percentile(units[:, line] / month, (10, 50, 90))]
        for line, (meter, month) in enumerate(zip(terms.meters, terms.month, strict=True))
        if month > 0
    }
