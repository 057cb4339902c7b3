"""One account to one report folder: the notebook is executed by papermill and made a page.

A run is assembled in a hidden folder beside its place and renamed when it is whole, so a
crash leaves neither half a report nor less than the last one. The account is saved first and
the notebook reads that file, in that folder: it sees one organization only, and whoever has
the folder can run the same notebook again.
"""

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from audit.account import Account
from audit.checks import Audience, load_checks
from audit.engine.execute import NO_LIMITS, Limits, execute
from audit.engine.parameters import checked
from audit.engine.ready import Ready
from audit.errors import InputError, RunError
from audit.ledger import Suppression, as_plain, kept
from audit.open import load_account
from audit.policy import DEFAULT_POLICY, Policy, load_policy
from audit.reports import (
    DEFAULT_OUT,
    PREVIOUS,
    Previous,
    RunResult,
    folder_name,
    previous_at,
    previous_of,
    slug,
)
from audit.roi import assumptions

__all__ = ["DEFAULT_OUT", "RunResult", "folder_name", "run", "shipped_notebook", "slug"]

NOTEBOOK = "account_audit.ipynb"

#: What a notebook need not declare as long as it is told no more than this.
SILENT = {
    "project_id": "",
    "lookback_days": 30,
    "as_of": "",
    "policy": DEFAULT_POLICY,
    "audience": Audience.TEAM.value,  # who writes for the team only need not ask
    "thresholds": "",
    "out": ".",
}

#: Stands for people's words that are the team's own.
WITHHELD = "withheld"

#: Folder of what pages of reports share.
ASSETS = "assets"

#: End of the name of a hidden folder in which a report is put together, and the folder of a day.
NEW = ".new"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

#: What a report was compared with, in its folder.
COMPARED = (PREVIOUS / "account.zip").as_posix()

#: Folder of letters in a report's folder.
DRAFTS = "outreach"

Progress = Callable[[str], None]


def run(
    organization_id: str = "",
    *,
    account: Account | str | Path = "",
    store: str | Path = "",
    out: str | Path = DEFAULT_OUT,
    policy: str = DEFAULT_POLICY,
    thresholds: Mapping[str, Mapping[str, float]] | None = None,
    as_of: date | str = "",
    lookback_days: int = 30,
    project_id: str = "",
    audience: str = "customer",
    suppressions: Sequence[Suppression | Mapping[str, Any]] | None = None,
    previous: str | Path = "",
    beside: str | Path = "",
    roi_assumptions: Mapping[str, Any] | None = None,
    notebook: Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    limits: Limits = NO_LIMITS,
    shared_assets: bool = False,
    pdf: bool = False,
    progress: Progress = lambda _: None,
    ready: Ready | None = None,
) -> RunResult:
    """Audit one account into ``out/<as_of>/<slug>-<id>/``; an earlier report there is replaced.

    The account is given, or read as :func:`audit.open.load_account` does: from an account file,
    a store (``organization_id`` may be empty where it holds one), or the sample portfolio.
    ``suppressions``: the ledger's; those of this organization go into the notebook, and on a
    customer's page those of checks that the customer sees.
    ``previous``: an account file to compare with, of which the folder gets a copy. Empty: what the
    report that the account file lies in was compared with, else the newest earlier report in
    ``out``. ``beside``: that account file, where ``account`` was read from it.
    ``roi_assumptions``: the reader's own, name to value. ``notebook``: another one, with
    ``parameters`` of its own by name. ``shared_assets``: the chart library lies in ``out/assets``
    instead of in the page. ``pdf``: the page is printed to report.pdf as well. ``ready``: a
    process begun before the store was opened.

    Raises: InputError, SettingsError or StoreError before anything is written; RunError when
    the notebook fails, naming the folder that holds what was executed.
    """
    day = _day(as_of)
    source = notebook or shipped_notebook()
    pack = load_policy(policy, load_checks(), thresholds)
    with ready or Ready() as process:  # before a store is opened
        progress("Reading the account")
        chosen = account
        if not isinstance(chosen, Account):
            chosen = load_account(organization_id, store=str(store), account=str(account))
        until = day or chosen.as_of
        before = _before(chosen, until, out, previous, account if chosen is not account else beside)
        decided = _for_audience(kept(suppressions, chosen.organization_id), audience)
        place = place_of(chosen, out, until)
        told = _told(
            organization_id=chosen.organization_id,
            project_id=project_id,
            lookback_days=lookback_days,
            as_of=day.isoformat() if day else "",
            policy=pack.argument,
            audience=audience,
            thresholds=json.dumps(thresholds, sort_keys=True) if thresholds else "",
            roi_assumptions=_checked_assumptions(roi_assumptions, pack),
            suppressions=json.dumps([as_plain(one) for one in decided]) if decided else "",
            previous=COMPARED if before else "",
        )
        # The file has but one organization, and who looks back may.
        silent = {**SILENT, "organization_id": chosen.organization_id, "previous": COMPARED}
        passed = checked(source, told, parameters or {}, silent)
        with assembled(place) as folder:
            for_team = audience == Audience.TEAM
            (chosen if for_team else chosen.for_customer()).save(folder / "account.zip")
            if before:
                before.copy(folder, audience)
            executed = RunResult(folder)
            # The cells run in another process, and this one only waits for them.
            Thread(target=import_module, args=("audit.report",), daemon=True).start()
            problem = execute(source, executed.notebook, passed, progress, process, limits)
            if problem:
                failed = failed_at(place)
                publish(folder, failed)
                raise RunError(
                    f"{problem} What was executed until then is in {failed / 'audit.ipynb'}."
                )
            progress("Writing the page")
            shared = Path(out) / ASSETS if shared_assets else None
            _write_page(executed, f"Account audit: {chosen.name}", shared)
            if pdf:
                progress("Printing the page")
                from audit.report.pdf import write as print_page

                print_page(executed.html, executed.pdf)
            publish(folder, place)
            shutil.rmtree(failed_at(place), ignore_errors=True)
    return RunResult(place)


def check_parameters(
    notebook: Path, asked: Mapping[str, Any], parameters: Mapping[str, Any]
) -> None:
    """What :func:`run` would find wrong with the parameters, whatever the account.

    ``asked``: arguments of ``run``. Raises: InputError.
    """
    texts = {
        name: json.dumps(asked[name]) if asked.get(name) else ""
        for name in ("thresholds", "roi_assumptions")
    }
    given = {name: value for name, value in asked.items() if name != "suppressions"}
    checked(notebook, _told(**{**given, **texts}), parameters, SILENT)


def _told(**given: Any) -> dict[str, Any]:
    """Our parameters of a notebook. Some are passed only where they say something."""
    rare = ("roi_assumptions", "suppressions", "previous")
    said = {name: value for name, value in given.items() if value or name not in rare}
    return {**said, "store": "account.zip", "out": "."}


def _checked_assumptions(given: Mapping[str, Any] | None, pack: Policy) -> str:
    if not given:
        return ""
    text = json.dumps(given, sort_keys=True, default=float)
    assumptions(text, pack)
    return text


def place_of(account: Account, out: str | Path, as_of: date | str = "") -> Path:
    """The folder of an account's report."""
    until = _day(as_of) or account.as_of
    return Path(out) / until.isoformat() / folder_name(account)


def failed_at(place: Path) -> Path:
    """Where a run that failed leaves what it executed; a later one that succeeds takes it away."""
    return place.with_name(place.name + "-failed")


def shipped_notebook(name: str = NOTEBOOK) -> Path:
    """The built notebook, in an installed package or beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / name).is_file():
            return folder / name
    raise RunError(f"The notebook {name} is not installed. Reinstall account-audit.")


def _before(
    account: Account, until: date, out: str | Path, previous: str | Path, file: Any
) -> Previous | None:
    if previous:
        return previous_at(previous, account, until)
    return previous_of(account, until, out, file)


def _for_audience(decided: Sequence[Suppression], audience: str) -> list[Suppression]:
    """A customer's report says nothing of checks that only the team sees, nor in any of its files
    who decided something and why."""
    if audience == Audience.TEAM:
        return list(decided)
    known = load_checks()
    return [
        replace(one, owner=WITHHELD, reason=WITHHELD)
        for one in decided
        if one.check in known and known[one.check].audience is Audience.CUSTOMER
    ]


def _write_page(executed: RunResult, title: str, shared: Path | None) -> None:
    import nbformat

    from audit import report

    report.write(
        nbformat.read(executed.notebook, as_version=4), executed.html, title=title, shared=shared
    )


def _day(as_of: date | str) -> date | None:
    if isinstance(as_of, date) or not as_of:
        return as_of or None
    try:
        return date.fromisoformat(as_of)
    except ValueError:
        raise InputError(f"as_of {as_of!r} is not a day. Write it as 2025-07-01.") from None


@contextmanager
def assembled(place: Path) -> Iterator[Path]:
    """A hidden folder beside the place, gone afterwards unless it was renamed. It is locked as long
    as somebody is at work in it (:func:`sweep`)."""
    place.parent.mkdir(parents=True, exist_ok=True)
    _recover(place)
    folder = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=NEW, dir=place.parent))
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def sweep(out: Path) -> None:
    """Take away the hidden folders that killed runs left half-made, and nothing else."""
    for left in out.glob(f"*/.*{NEW}"):
        if left.is_symlink() or not left.is_dir() or not DAY.fullmatch(left.parent.name):
            continue
        lock = os.open(left, os.O_RDONLY)
        try:
            with suppress(BlockingIOError):  # somebody is at work in it
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        finally:
            os.close(lock)


def publish(folder: Path, place: Path) -> None:
    """Put a finished folder in its place; the one before stays until the new one is there.

    Raises: RunError where something is in its place that is no report.
    """
    if place.exists() and not (place / "account.zip").is_file():
        raise RunError(f"{place} is no report of ours. Move it away, or choose another --out.")
    if (place / DRAFTS).is_dir():  # letters that somebody may be at work on
        shutil.copytree(place / DRAFTS, folder / DRAFTS, dirs_exist_ok=True)
    before = place.with_name(f".{place.name}.before")
    while True:
        if place.exists():
            shutil.rmtree(before, ignore_errors=True)
            with suppress(FileNotFoundError):  # another run of the same account was faster
                place.rename(before)
        try:
            folder.rename(place)
        except OSError:
            if not place.exists():
                raise
            continue
        shutil.rmtree(before, ignore_errors=True)
        return


def _recover(place: Path) -> None:
    """Bring back a report that a crash left between the two renames."""
    before = place.with_name(f".{place.name}.before")
    if before.is_dir() and not place.exists():
        before.rename(place)
