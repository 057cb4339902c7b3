"""Options that several commands share, and the settings behind them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.errors import InputError, StoreError

if TYPE_CHECKING:
    from audit.account import Account
    from audit.ledger import Suppression
    from audit.ledger.address import Address
    from audit.settings import Settings


class FailOn(StrEnum):
    """From which severity on a finding makes the exit code 1."""

    NEEDS_ACTION = "needs_action"
    WORTH_ATTENTION = "worth_attention"
    OPPORTUNITY = "opportunity"
    INFORMATION = "information"
    NONE = "none"


Organization = Annotated[
    str, typer.Argument(metavar="[ORGANIZATION]", help="Its id or exact name.")
]
Store = Annotated[
    str, typer.Option(help="Store file. Default: audit.toml, AUDIT_STORE or audit.duckdb.")
]
AccountFile = Annotated[
    str, typer.Option("--account", metavar="FILE", help="An account.zip instead of a store.")
]
AsOf = Annotated[
    str,
    typer.Option(metavar="YYYY-MM-DD", help="The audit's now; usage up to the day before counts."),
]
LookbackDays = Annotated[
    int | None,
    typer.Option(metavar="DAYS", help="Days of usage that are audited. Default: 30."),
]
PolicyName = Annotated[str, typer.Option(help="Policy pack, or its .toml file. Default: 2025-06.")]
Only = Annotated[
    list[str] | None,
    typer.Option(metavar="CHECK", help="Run this check or area only; may be repeated."),
]
Skip = Annotated[
    list[str] | None,
    typer.Option(metavar="CHECK", help="Leave this check or area out; may be repeated."),
]
Project = Annotated[
    str,
    typer.Option(metavar="ID", help="Keep project checks to one project."),
]
Audience = Annotated[
    str,
    typer.Option(
        "--audience",
        "--for",
        help="customer, or team for what only the vendor's own team reads too. Default: customer.",
    ),
]
Ledger = Annotated[
    str,
    typer.Option(
        metavar="FILE|URL",
        help="Ledger of decisions. Default: audit.toml, AUDIT_LEDGER or audit-ledger.sqlite.",
    ),
]
Pdf = Annotated[
    bool, typer.Option("--pdf", help="Print the page to report.pdf as well (needs Chromium).")
]
SharedAssets = Annotated[
    bool,
    typer.Option(
        "--shared-assets", help="Pages share the chart library in OUT/assets: smaller, not alone."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output.")]
Csv = Annotated[bool, typer.Option("--csv", help="For a spreadsheet: CSV on standard output.")]
Fail = Annotated[FailOn, typer.Option(help="Exit with 1 when a finding is at least this severe.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="List each subject that was not read, and why.")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with 3 when a check could not be evaluated.")
]


def settings(context: typer.Context) -> "Settings":
    """The settings in force. Raises: SettingsError."""
    from audit.settings import load_settings

    return load_settings(context.find_root().obj or None)


def today() -> date:
    """Today in UTC: the only look at the calendar in the whole toolkit."""
    return datetime.now(UTC).date()


def day(text: str, option: str = "--as-of") -> date | None:
    """A day, or None for no text. Raises: InputError."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} is a day like 2026-11-01, got {text!r}.") from None


def loaded(settings: "Settings", organization: str, *, account: str, store: str) -> "Account":
    """The account of a file, else of the organization in the store."""
    from audit.open import load_account

    path = "" if account else store or settings.store
    return load_account(organization, store=path, account=account)


def asked(
    settings: "Settings",
    kept: Mapping[str, Any],
    *,
    policy: str,
    as_of: date | None,
    lookback_days: int | None,
    project: str,
    audience: str = "",
    ledger: str = "",
) -> dict[str, Any]:
    """What an audit is asked for: what was typed, else what an account file was kept with (so
    that it repeats its audit), else the settings and the ledger."""
    known = "suppressions" in kept and not ledger
    return {
        "policy": policy or _kept_policy(kept) or settings.policy,
        "as_of": as_of or kept.get("as_of") or "",
        "lookback_days": kept.get("lookback_days", settings.lookback_days)
        if lookback_days is None
        else lookback_days,
        "project_id": project or kept.get("project_id") or "",
        "audience": audience or kept.get("audience") or settings.audience,
        "thresholds": kept.get("thresholds", settings.thresholds),
        "suppressions": kept["suppressions"] if known else decided(settings, ledger),
    }


def decided(
    settings: "Settings",
    ledger: str = "",
    organization_id: str | None = None,
    *,
    lifted: bool = False,
) -> "tuple[Suppression, ...]":
    """The suppressions of the ledger. One that the settings name need not be there yet.

    Raises: StoreError for one that was typed and is not there, or cannot be read.
    """
    place = ledger_of(settings, ledger)
    if place.file is not None and not place.file.exists():
        if ledger:
            raise StoreError(f"No ledger at {place}. `audit suppress` makes one.")
        return ()
    from audit.ledger.storage import Ledger

    found = Ledger(place).suppressions(organization_id)
    return tuple(one for one in found if lifted or one.lifted_on is None)


def ledger_of(settings: "Settings", ledger: str) -> "Address":
    """Where the ledger is. As text it tells no user and no password."""
    from audit.ledger.address import address

    return address(ledger or settings.ledger)


def _kept_policy(kept: Mapping[str, Any]) -> str:
    """The pack an account file was kept with. A path in it would be one of another machine."""
    policy = str(kept.get("policy") or "")
    if policy.endswith(".toml"):
        raise InputError(
            f"The account file names the policy {policy!r}, a file of whoever wrote it. Name the "
            "pack with --policy."
        )
    return policy


def one_format(json: bool, csv: bool) -> None:
    """Raises: InputError when both are asked for."""
    if json and csv:
        raise InputError("--json and --csv exclude each other; choose one.")


def again(store: str, account: str = "") -> str:
    """The options that lead the next command to the same place, as they were typed."""
    from shlex import quote

    if account:
        return f" --account {quote(account)}"
    return f" --store {quote(store)}" if store else ""


def exit_code(severities: Sequence[str], gaps: int, fail_on: FailOn, strict: bool) -> int:
    """1 for a finding at or above ``fail_on``, else 3 for gaps when ``strict``, else 0.

    >>> exit_code(["opportunity"], 2, FailOn.NEEDS_ACTION, strict=True)
    3
    """
    order = [one.value for one in FailOn]
    limit = -1 if fail_on is FailOn.NONE else order.index(fail_on)
    if any(order.index(one) <= limit for one in severities):
        return 1
    return 3 if strict and gaps else 0
