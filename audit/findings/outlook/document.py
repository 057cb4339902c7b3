"""The coming periods as plain values for ``findings.json``. Money is text, USD, an estimate."""

from typing import TYPE_CHECKING, Any

from audit.findings.outlook.model import LineOutlook, Outlook, Range

if TYPE_CHECKING:
    from audit.findings.model import Forecast

PERCENTILES = ("p50", "p10", "p90", "p025", "p975")


def plain(of: Range | None) -> dict[str, str] | None:
    """A range as text."""
    if of is None:
        return None
    return {name: f"{getattr(of, name)}" for name in ("mean", *PERCENTILES)}


def forecast(of: "Forecast") -> dict[str, Any]:
    """The running period. ``total`` is the mean; ``range`` has the percentiles too."""
    return {
        "start": of.start.isoformat() if of.start else None,
        "end": of.end.isoformat() if of.end else None,
        "basis": "estimate",
        "lines": [_line(line) for line in of.lines],
        "discount": f"{of.discount:.2f}",
        "total": None if of.total is None else f"{of.total.mean:.2f}",
        "range": plain(of.total),
        "reason": of.reason,
    }


def outlook(of: Outlook | None) -> dict[str, Any] | None:
    """The running period and the twelve after it; None where nothing can be said of them."""
    if of is None:
        return None
    return {
        "basis": "estimate",
        "draws": of.draws,
        "history_days": of.history_days,
        "periods": [
            {
                "start": period.start.isoformat(),
                "end": period.end.isoformat(),
                "bill": plain(bill),
                "fixed_bill": plain(fixed),
            }
            for period, bill, fixed in zip(of.periods, of.bills, of.fixed_bills, strict=True)
        ],
        "twelve_months": {
            "bill": plain(of.year),
            "fixed_bill": plain(of.year_fixed),
            "to_pay_after_credit": plain(of.year_paid),
            "joint_saving": plain(of.year_saving),
        },
        "next_period": {"joint_saving": plain(of.next_saving)},
        "notes": list(of.notes),
    }


def of_finding(of: Outlook | None, finding_id: str) -> dict[str, Any]:
    """What is added to a finding's saving: ranges, once it is done, of the coming periods."""
    found = of.findings.get(finding_id) if of else None
    if found is None:
        return {"ahead": None}
    return {
        "ahead": {
            "came_true": round(found.came_true, 4),
            "next_period": {
                "on_top": plain(found.next_on_top),
                "alone": plain(found.next_alone),
            },
            "twelve_months": {
                "on_top": plain(found.year_on_top),
                "alone": plain(found.year_alone),
            },
        }
    }


def _line(line: LineOutlook) -> dict[str, Any]:
    return {
        "product": line.product,
        "counted": line.counted,
        "expected": int(line.units.mean),
        "units": plain(line.units),
        "if_it_passes": line.if_it_passes,
        "if_it_stays": line.if_it_stays,
        "amount": f"{line.amount.mean:.2f}",
        "amount_range": plain(line.amount),
        "method": line.method,
        "note": line.note,
    }
