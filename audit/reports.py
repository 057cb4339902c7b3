"""Where reports lie: ``OUT/<as_of>/<slug>-<id>/``, and which of them came before."""

import hashlib
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from audit.account import Account
from audit.errors import AuditError, InputError

DEFAULT_OUT = Path("reports")
MOST_SLUG = 40
MOST_ID = 64

#: Folder inside a report with what it was compared with.
PREVIOUS = Path("previous")


@dataclass(frozen=True)
class RunResult:
    """The files of one finished report."""

    folder: Path

    @property
    def notebook(self) -> Path:
        return self.folder / "audit.ipynb"

    @property
    def html(self) -> Path:
        return self.folder / "audit.html"

    @property
    def pdf(self) -> Path:
        return self.folder / "report.pdf"

    @property
    def findings(self) -> Path:
        return self.folder / "findings.json"

    @property
    def rows(self) -> Path:
        return self.folder / "findings.csv"

    @property
    def account(self) -> Path:
        return self.folder / "account.zip"

    @property
    def previous(self) -> "RunResult":
        """A copy of what the report was compared with; of that one, two files at most."""
        return RunResult(self.folder / PREVIOUS)


def folder_name(account: Account) -> str:
    """``<slug>-<id>``: lower-case ASCII, never empty, no separators or dots, never too long.

    An id that had to be changed gets eight digits of its hash, so that two never share.
    """
    return f"{slug(account.name)}-{_safe_id(account.organization_id)}"


def slug(name: str) -> str:
    """A name as part of a folder name; 'organization' when nothing of it is left.

    >>> slug("Café ../ Ünïcode & Co."), slug("会社")
    ('cafe-unicode-co', 'organization')
    """
    plain = unicodedata.normalize("NFKD", name[:1000]).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:MOST_SLUG].strip("-")
    return kept or "organization"


def reports_of(organization_id: str, out: str | Path = DEFAULT_OUT) -> dict[date, RunResult]:
    """The finished reports of an organization, by their day, oldest first; whatever its name was.

    Their account files have still to be asked whose they are.
    """
    end = f"-{_safe_id(organization_id)}"
    found = {}
    for account in sorted(Path(out).glob("*/*/account.zip")):
        folder = account.parent
        if folder.name.startswith(".") or not folder.name.endswith(end):
            continue
        with suppress(ValueError):
            found[date.fromisoformat(folder.parent.name)] = RunResult(folder)
    return found


def earlier(reports: Mapping[date, RunResult], until: date) -> Iterator[RunResult]:
    """The reports from before a day, the newest first."""
    return (reports[day] for day in sorted(reports, reverse=True) if day < until)


@dataclass(frozen=True)
class Previous:
    """The account file of an earlier report, and whom that report was for."""

    account: Path
    audience: str

    def copy(self, folder: Path, audience: str) -> RunResult:
        """Put a copy into a report's folder, with the report's numbers if it was for the same
        audience: what only the team reads must not lie beside a customer's page."""
        target = RunResult(folder).previous
        target.folder.mkdir()
        before = Account.load(self.account)
        kept = before if audience == "team" else before.for_customer()
        if kept is before:
            shutil.copyfile(self.account, target.account)
        else:
            kept.save(target.account)
        told = RunResult(self.account.parent).findings
        if self.audience == audience and told.is_file():
            shutil.copyfile(told, target.findings)
        return target


def previous_at(file: str | Path, account: Account, until: date) -> Previous:
    """An earlier account file of the same organization.

    Raises: InputError for another organization or a later day; what ``Account.load`` raises.
    """
    file = Path(file)
    before = Account.load(file)
    if before.organization_id != account.organization_id:
        raise InputError(
            f"{file} is of {before.organization_id}, not of {account.organization_id}. Compare "
            "with a report of the same organization."
        )
    day = date.fromisoformat(str(before.arguments.get("as_of") or before.as_of))
    if day > until:
        raise InputError(f"{file} is of {day}, after {until}. Compare with an earlier report.")
    return Previous(file, str(before.arguments.get("audience", "customer")))


def previous_of(
    account: Account, until: date, out: str | Path, beside: str | Path = ""
) -> Previous | None:
    """What a report is compared with when nobody says: what the one whose account file is audited
    again (``beside``) was compared with, else the newest earlier one in ``out``. Files that cannot
    be read or are of another organization are passed over."""
    known = [RunResult(Path(beside).parent).previous] if beside else []
    for one in (*known, *earlier(reports_of(account.organization_id, out), until)):
        if one.account.is_file():
            with suppress(AuditError):
                return previous_at(one.account, account, until)
    return None


def _safe_id(identity: str) -> str:
    safe = re.sub(r"[^a-z0-9_-]+", "-", identity.lower())[:MOST_ID].strip("-")
    if safe != identity:
        safe = f"{safe}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}".lstrip("-")
    return safe
