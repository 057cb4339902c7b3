"""``audit batch``: the reports of many accounts in one go."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import complain, counted, emit_json, progress, say, show_table
from audit.errors import InputError

if TYPE_CHECKING:
    from audit.batch.batch import Outcome, Plan
    from audit.batch.choice import Chosen
    from audit.settings import Settings

EXAMPLES = """\b
Examples:
  audit batch --due
  audit batch --segment "Onboarding Lead" --jobs 4 --out reports
  audit batch "Rowan Labs Oy" "Kite & Key Press Ltd" --pdf
  audit batch --from accounts.txt --dry-run
  audit batch --all --notebook annual_plan.ipynb --audience team -p years=2

\b
Run it again after a crash, a Ctrl-C or new data: it makes the reports that are missing, that failed
and whose facts, policy, prices, code or options changed, and leaves the others. What it did stands
in batch.jsonl of the folder. A failed account does not stop the others; the exit code is then 4."""

#: Beyond the time of its notebook, an account may take so long to be read and written.
AROUND_SECONDS = 60
FAILED_CODE = 4


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Write the reports of many organizations.", epilog=EXAMPLES)(batch)


def batch(
    context: typer.Context,
    organizations: Annotated[
        list[str] | None, typer.Argument(metavar="[ORGANIZATION]...", help="Ids or exact names.")
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Those that are due, as `audit queue` has them.")
    ] = False,
    due_by: Annotated[
        str,
        typer.Option(metavar="YYYY-MM-DD", help="With --due, also what is due by then."),
    ] = "",
    segment: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Those in this segment; may be repeated."),
    ] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every organization.")] = False,
    from_file: Annotated[
        str, typer.Option("--from", metavar="FILE", help="Ids or exact names, one a line.")
    ] = "",
    notebook: Annotated[
        str, typer.Option(metavar="FILE", help="Another notebook than the account audit.")
    ] = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter", "-p", metavar="NAME=VALUE", help="Of that notebook; may be repeated."
        ),
    ] = None,
    store: options.Store = "",
    out: Annotated[
        str, typer.Option(help="Folder of reports. Default: audit.toml, AUDIT_REPORTS or reports.")
    ] = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    audience: options.Audience = "",
    ledger: options.Ledger = "",
    jobs: Annotated[
        int, typer.Option(min=0, metavar="N", help="Accounts at a time. Default: one a core.")
    ] = 0,
    timeout: Annotated[
        int, typer.Option(min=0, metavar="SECONDS", help="Most time of one notebook; 0: any.")
    ] = 600,
    memory: Annotated[
        int, typer.Option(min=0, metavar="MB", help="Most memory of one notebook; 0: any.")
    ] = 2_000,
    drafts: Annotated[
        bool, typer.Option(help="Draft a message beside each customer's report.")
    ] = True,
    pdf: options.Pdf = False,
    shared_assets: options.SharedAssets = False,
    again: Annotated[
        bool, typer.Option("--again", help="Make all reports again, changed or not.")
    ] = False,
    scheduler: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786."),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be made and why; make nothing.")
    ] = False,
    json: options.Json = False,
) -> int:
    """Write a report for each account, several at a time, and go on where it broke off."""
    settings = options.settings(context)
    asked = _asked(settings, policy, options.day(as_of), lookback_days, audience, ledger)
    from audit.batch import batch as batches
    from audit.batch.snapshot import snapshot
    from audit.checks import load_checks
    from audit.policy import load_policy

    folder, source = Path(out or settings.reports), Path(store or settings.store)
    request = batches.Request(
        policy=load_policy(asked["policy"], load_checks(), asked["thresholds"]),
        notebook=_notebook(notebook),
        asked=asked,
        parameters=_parameters(parameter or []),
        limits={"notebook_seconds": timeout, "memory_mb": memory},
        drafts=drafts and asked["audience"] == "customer",
        booking_link=settings.booking_link,
        sender=settings.sender,
        pdf=pdf,
        shared_assets=shared_assets,
        again=again,
    )
    _check_parameters(request)
    if not source.exists():
        from audit.store import Store

        Store.open(source)  # says what to do
    batches.checked_folder(folder)
    with snapshot(source) as held, progress("batch") as step:
        step("choosing the accounts")
        chosen = _chosen(
            held, organizations or [], due, due_by, segment or [], everyone, from_file, asked
        )
        if dry_run:
            found = batches.plan(held, folder, chosen, request)
        else:
            outcome = batches.batch(
                held,
                folder,
                chosen,
                request,
                lambda: _workers(scheduler, jobs, timeout),
                progress=step,
                ended=lambda one: complain(f"{one.name}: {one.problem}") if one.problem else None,
            )
    if dry_run:
        _show_plan(found, json)
        return 0
    _show(outcome, folder, json)
    return FAILED_CODE if outcome.failed or outcome.stopped else 0


def _asked(
    settings: "Settings",
    policy: str,
    day: date | None,
    lookback_days: int | None,
    audience: str,
    ledger: str,
) -> dict[str, Any]:
    """Arguments of a run as JSON data."""
    asked = options.asked(
        settings,
        {},
        policy=policy,
        as_of=day,
        lookback_days=lookback_days,
        project="",
        audience=audience,
        ledger=ledger,
    )
    from audit.ledger import as_plain

    del asked["project_id"]
    asked["as_of"] = day.isoformat() if day else ""
    asked["suppressions"] = [as_plain(one) for one in asked["suppressions"]]
    return asked


def _notebook(name: str) -> Path:
    from audit.run import shipped_notebook

    if not name:
        return shipped_notebook()
    file = Path(name)
    if not file.is_file() and file.name == name:
        return shipped_notebook(name)
    if not file.is_file():
        raise InputError(f"No notebook at {file}.")
    return file


def _parameters(given: list[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.isidentifier():
            raise InputError(f"--parameter is NAME=VALUE, got {one!r}.")
        found[name] = value
    return found


def _check_parameters(request: Any) -> None:
    """Once, before anything runs: what is wrong here is wrong for every account."""
    from audit.run import check_parameters

    check_parameters(request.notebook, request.asked, request.parameters)


def _chosen(
    store: Path,
    organizations: list[str],
    due: bool,
    due_by: str,
    segments: list[str],
    everyone: bool,
    from_file: str,
    asked: dict[str, Any],
) -> list["Chosen"]:
    from audit.batch import choice
    from audit.ledger import from_plain

    listed = [*organizations, *(choice.listed(Path(from_file)) if from_file else ())]
    named = bool(organizations or from_file)
    if due_by and not due:
        raise InputError("--due-by goes with --due.")
    if named + (due or bool(segments)) + everyone != 1:
        raise InputError(
            "Say which accounts: names, --from FILE, --due, --segment NAME or --all. "
            "--due and --segment narrow each other; the others stand alone."
        )
    if named:
        return choice.by_name(store, listed)
    if due:
        return choice.due(
            store,
            segments=segments,
            due_by=options.day(due_by, "--due-by"),
            policy=asked["policy"],
            as_of=options.day(asked["as_of"]),
            lookback_days=asked["lookback_days"],
            thresholds=asked["thresholds"],
            suppressions=[from_plain(one) for one in asked["suppressions"]],
        )
    return choice.of_segments(store, segments)


def _workers(scheduler: str, jobs: int, timeout: int) -> Any:
    seconds = timeout + AROUND_SECONDS if timeout else 0
    if scheduler:
        from audit.batch.cluster import Cluster

        return Cluster(scheduler, seconds)
    from audit.engine.pool import Pool

    return Pool(jobs, timeout_seconds=seconds)


def _show_plan(found: "Plan", json: bool) -> None:
    if json:
        emit_json(
            {
                "todo": [
                    {
                        "organization_id": one.account.organization_id,
                        "name": one.account.name,
                        "reason": one.reason,
                    }
                    for one in found.todo
                ],
                "unchanged": [one.organization_id for one in found.kept],
            }
        )
        return
    if found.todo:
        show_table(
            ("Account", "Id", "Why"),
            [(o.account.name, o.account.organization_id, o.reason) for o in found.todo],
        )
    say(f"{counted(len(found.todo), 'report')} to make, {len(found.kept)} unchanged.")


def _show(outcome: "Outcome", folder: Path, json: bool) -> None:
    made = len(outcome.records) - len(outcome.failed)
    if json:
        emit_json(
            {
                "folder": str(folder),
                "index": str(folder / "index.html"),
                "made": made,
                "unchanged": outcome.skipped,
                "failed": [
                    {"organization_id": one.organization_id, "problem": one.problem}
                    for one in outcome.failed
                ],
                "stopped": outcome.stopped,
            }
        )
        return
    parts = [f"{counted(made, 'report')} made", f"{outcome.skipped} unchanged"]
    if outcome.failed:
        parts.append(f"{len(outcome.failed)} failed")
    say(", ".join(parts) + ".")
    say(str(folder / "index.html"))
    if outcome.stopped:
        complain(f"It stopped: {outcome.stopped} Run it again to go on.")
    elif outcome.failed:
        complain("Run it again to try the failed ones again.")
