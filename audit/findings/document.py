"""``findings.json`` and ``findings.csv``: what programs read. Described in docs/findings.md."""

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from audit.account import Account
from audit.errors import InputError
from audit.findings.model import Audit, Finding, Saving
from audit.findings.outlook import document as ahead
from audit.ledger import Standing
from audit.pricing import Bill, as_json

SCHEMA = "account-audit/findings/1"

#: Characters at which a spreadsheet starts to read a cell as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

#: Characters that act instead of showing; tabs and line breaks stay, CSV quotes them.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def document(audit: Audit) -> dict[str, Any]:
    """The audit as plain values. Money is text, USD with two decimals."""
    return {
        "schema": SCHEMA,
        "organization_id": audit.organization_id,
        "organization_name": audit.organization_name,
        "as_of": audit.as_of.isoformat(),
        "project_id": audit.project_id or None,
        "policy": audit.policy,
        "price_list": audit.price_list,
        "period": {
            "start": audit.period.start.isoformat(),
            "end": audit.period.end.isoformat(),
            "days": audit.period.days,
            "observed_days": audit.period.observed_days,
        },
        "bill": {
            **_bill(audit.bill),
            "basis": "estimate",
            "period": "billing month",
            "usage_is_known": audit.usage_is_known,
            "quantities_of": audit.quantities_of,
            "vendor": _vendor(audit),
        },
        "findings": [_finding(finding, audit) for finding in audit.findings],
        "joint_saving": money(audit.joint_saving),
        "suppressed_saving": money(audit.suppressed_saving),
        "suppressions": [_suppression(one) for one in audit.suppressions],
        "counterfactual_bill": _bill(audit.counterfactual_bill),
        "forecast": ahead.forecast(audit.forecast),
        "outlook": ahead.outlook(audit.outlook),
        "not_evaluated": [
            {
                "check": gap.check,
                "project_id": gap.project_id,
                "product": gap.product,
                "missing": gap.missing,
                "reason": gap.reason,
            }
            for gap in audit.not_evaluated
        ],
        "data_quality": [
            {"kind": note.kind.value, "subject": note.subject, "message": note.message}
            for note in audit.data_quality
        ],
        "checks_run": list(audit.checks_run),
    }


def to_json(audit: Audit) -> str:
    """The document as text; the same audit gives the same bytes."""
    return json.dumps(document(audit), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_csv(audit: Audit) -> str:
    """One row per finding, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "organization_id",
            "as_of",
            "id",
            "check",
            "severity",
            "area",
            "audience",
            "project_id",
            "project_name",
            "product",
            "message",
            "saving_alone_usd",
            "saving_on_top_usd",
            "saving_shapley_usd",
            "basis",
            "saving_period",
            "suppressed",
            "suppression_id",
            "reopened",
            "effort",
            "remedy",
            "trade_off",
            "docs",
        ]
    )
    for one in audit.findings:
        place = [audit.organization_id, audit.as_of.isoformat()]
        writer.writerow([safe_cell(value) for value in [*place, *_cells(one)]])
    return out.getvalue()


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula and that acts on no terminal: an apostrophe
    stands before such a start, and what controls a terminal or turns text around is spelled out.

    >>> safe_cell("=cmd|' /C calc'!A0"), safe_cell("a\x1b[2J")
    ("'=cmd|' /C calc'!A0", 'a[U+001B][2J')
    """
    text = CONTROLS.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
    return "'" + text if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def write(audit: Audit, folder: str | Path) -> list[Path]:
    """Write findings.json, findings.csv and account.zip (the facts used) into a folder.

    Raises: InputError, before anything is written, when the folder's account.zip is of another
    organization or cannot be read: it may be the last copy of a customer's facts.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    there = folder / "account.zip"
    if there.exists() and Account.identity(there) != audit.organization_id:
        before = Account.load(there)
        raise InputError(
            f"{there} is of {before.organization_id} ({before.name}), and this audit is of "
            f"{audit.organization_id} ({audit.organization_name}). Write into another folder, "
            f"or name the account to audit: store={there.name}."
        )
    findings = folder / "findings.json"
    rows = folder / "findings.csv"
    findings.write_text(to_json(audit), encoding="utf-8")
    rows.write_text(to_csv(audit), encoding="utf-8", newline="")
    return [findings, rows, audit.account.save(there, audit.arguments)]


def money(amount: Decimal | None) -> str | None:
    """USD as text, two decimals."""
    return None if amount is None else f"{amount:.2f}"


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        **as_json(bill),
        "subtotal": money(bill.subtotal),
        "discount": money(bill.discount),
        "total": money(bill.total),
    }


def _vendor(audit: Audit) -> list[dict[str, Any]]:
    return [
        {
            "period_start": line.period_start.isoformat(),
            "period_end": line.period_end.isoformat(),
            "product": line.product,
            "quantity": line.quantity,
            "amount": money(line.amount),
            "basis": "estimate" if line.amount is None else "actual",
            "projected_quantity": line.projected_quantity,
            "projected_amount": money(line.projected),
            "estimated_amount": money(line.estimate),
            "is_complete": line.is_complete,
        }
        for line in audit.vendor_lines
    ]


def _saving(saving: Saving) -> dict[str, Any]:
    return {
        "alone": money(saving.alone),
        "on_top": money(saving.on_top),
        "shapley": money(saving.shapley),
        "basis": saving.basis,
        "period": saving.period,
    }


def _finding(finding: Finding, audit: Audit) -> dict[str, Any]:
    return {
        "id": finding.id,
        "check": finding.check,
        "title": finding.title,
        "severity": finding.severity.value,
        "area": finding.area.value,
        "audience": finding.audience.value,
        "check_version": finding.check_version,
        "project_id": finding.project_id,
        "project_name": finding.project_name,
        "product": finding.product,
        "message": finding.message,
        "evidence": [
            {
                "fact": item.fact,
                "value": item.value,
                "unit": item.unit,
                "meaning": item.meaning,
                "query": item.query,
                "query_sha256": item.query_sha256,
                "source_query": item.source_query,
                "rows": item.rows,
                "data_sha256": item.data_sha256,
            }
            for item in finding.evidence
        ],
        "thresholds": dict(finding.thresholds),
        "saving": _saving(finding.saving) | ahead.of_finding(audit.outlook, finding.id),
        "suppressed": finding.suppressed,
        "suppression_id": finding.suppression.id if finding.suppression else None,
        "reopened": finding.reopened.value if finding.reopened else None,
        "effort": finding.effort.value,
        "rule": finding.rule,
        "why": finding.why,
        "remedy": finding.remedy,
        "trade_off": finding.trade_off,
        "known_limits": finding.known_limits,
        "docs": finding.docs,
        "source": finding.source,
    }


def _suppression(standing: Standing) -> dict[str, Any]:
    one = standing.suppression
    return {
        "id": one.id,
        "state": standing.state.value,
        "check": one.check,
        "project_id": one.project_id or None,
        "product": one.product or None,
        "reason": one.reason,
        "owner": one.owner,
        "created_on": one.created_on.isoformat(),
        "until": one.until.isoformat(),
        "up_to_usd": money(one.up_to_usd),
    }


def _cells(one: Finding) -> list[str]:
    return [
        one.id,
        one.check,
        one.severity.value,
        one.area.value,
        one.audience.value,
        one.project_id or "",
        one.project_name or "",
        one.product or "",
        one.message,
        money(one.saving.alone) or "",
        money(one.saving.on_top) or "",
        money(one.saving.shapley) or "",
        one.saving.basis,
        one.saving.period,
        "yes" if one.suppressed else "no",
        str(one.suppression.id) if one.suppression else "",
        one.reopened.value if one.reopened else "",
        one.effort.value,
        one.remedy,
        one.trade_off,
        one.docs,
    ]
