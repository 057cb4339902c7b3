"""``audit run``: one account to one report folder."""

import json as json_module
from typing import Annotated

import typer

from audit.cli import options
from audit.cli.judge import named
from audit.cli.output import counted, emit_json, progress, say

EXAMPLES = """\b
Examples:
  audit run "Rowan Labs Oy"
  audit run edf64921-8e31-5ee2-b4e5-87fe8ef88c2a --out reports --open
  audit run --account account.zip --as-of 2026-11-01

\b
The folder holds audit.html (opens offline), audit.ipynb, findings.json, findings.csv and
account.zip, from which the same report can be made again. Where the folder of reports has an
earlier one of the organization, the page says what changed since, and previous/ holds a copy."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Write the report of one organization.", epilog=EXAMPLES)(run)


def run(
    context: typer.Context,
    organization: options.Organization = "",
    account: options.AccountFile = "",
    store: options.Store = "",
    out: Annotated[
        str, typer.Option(help="Folder of reports. Default: audit.toml, AUDIT_REPORTS or reports.")
    ] = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    project: options.Project = "",
    audience: options.Audience = "",
    previous: Annotated[
        str,
        typer.Option(
            metavar="FILE", help="An earlier account.zip to compare with. Default: the newest."
        ),
    ] = "",
    assumptions: Annotated[
        str,
        typer.Option(metavar="FILE", help="Your assumptions of the ROI, as for `audit roi`."),
    ] = "",
    ledger: options.Ledger = "",
    pdf: options.Pdf = False,
    shared_assets: options.SharedAssets = False,
    fail_on: options.Fail = options.FailOn.NONE,
    strict: options.Strict = False,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page when done.")] = False,
    json: options.Json = False,
) -> int:
    """Run the audit notebook on one account and write the report."""
    settings = options.settings(context)
    day = options.day(as_of)
    named(organization, account)
    from audit.engine.ready import Ready

    with Ready() as ready, progress("run") as step:
        from audit.roi import read_file
        from audit.run import run as run_notebook

        loaded = options.loaded(settings, organization, account=account, store=store)
        asked = options.asked(
            settings,
            loaded.arguments,
            policy=policy,
            as_of=day,
            lookback_days=lookback_days,
            project=project,
            audience=audience,
            ledger=ledger,
        )
        result = run_notebook(
            account=loaded,
            out=out or settings.reports,
            previous=previous,
            beside=account,
            roi_assumptions=read_file(assumptions) if assumptions else None,
            pdf=pdf,
            shared_assets=shared_assets,
            progress=step,
            ready=ready,
            **asked,
        )
    found = json_module.loads(result.findings.read_text(encoding="utf-8"))
    severities = [one["severity"] for one in found["findings"] if not one["suppressed"]]
    suppressed = len(found["findings"]) - len(severities)
    known = found["bill"]["usage_is_known"]
    if json:
        emit_json(
            {
                "folder": str(result.folder),
                "html": str(result.html),
                "notebook": str(result.notebook),
                "findings": str(result.findings),
                "account": str(result.account),
                "organization_id": found["organization_id"],
                "joint_saving": found["joint_saving"] if known else None,
                "basis": "estimate",
                "period": "billing month",
                "findings_count": len(severities),
                "suppressed_saving": found["suppressed_saving"] if known else None,
                "suppressed_count": suppressed,
                "not_evaluated_count": len(found["not_evaluated"]),
            }
        )
    else:
        number = counted(len(severities), "finding")
        if known:
            say(f"{number}, joint saving ${found['joint_saving']} a billing month (estimate).")
        else:
            say(f"{number}, joint saving unknown: no usage of these days is known.")
        if suppressed:
            more = f"${found['suppressed_saving']}" if known else "an unknown amount"
            say(
                f"{counted(suppressed, 'finding')} suppressed, which would save {more} beyond that."
            )
        say(str(result.html))
    if open_page:
        import webbrowser

        webbrowser.open(result.html.resolve().as_uri())
    return options.exit_code(severities, len(found["not_evaluated"]), fail_on, strict)
