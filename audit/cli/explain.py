"""``audit explain``: where a finding and its dollars come from."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.judge import decision
from audit.cli.output import emit_json, number, product_name, say, show_table, usd, words

if TYPE_CHECKING:
    from audit.findings.explain import Explanation, Flip

EXAMPLES = """\b
Examples:
  audit explain autocapture_unread-201b3290afa3
  audit explain autocapture_unread-201b --json
  audit explain autocapture_unread-201b3290afa3 --account account.zip

\b
The ids stand in `audit findings ORGANIZATION` and in findings.json. The start of an id
does where it is clear. Give the --policy, --as-of and --lookback-days of that audit."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Where a finding and its dollars come from.", epilog=EXAMPLES)(explain)


def explain(
    context: typer.Context,
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="Its id, or the start of it.")],
    account: options.AccountFile = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    ledger: options.Ledger = "",
    json: options.Json = False,
) -> None:
    """Explain a finding: rule, thresholds, facts, queries, both bills, and what would flip it."""
    settings = options.settings(context)
    day = options.day(as_of)
    pack = policy or settings.policy
    days = settings.lookback_days if lookback_days is None else lookback_days
    own = settings.thresholds
    decided: Any = None
    from audit.findings.explain import explain as explained
    from audit.findings.explain import explanation_document, locate
    from audit.open import load_account

    if account:
        loaded = load_account(account=account)
        asked = options.asked(
            settings,
            loaded.arguments,
            policy=policy,
            as_of=day,
            lookback_days=lookback_days,
            project="",
            ledger=ledger,
        )
        decided = asked["suppressions"]
        pack, days, own = asked["policy"], asked["lookback_days"], asked["thresholds"]
        day = options.day(str(asked["as_of"]))
    else:
        path = store or settings.store
        owner, finding = locate(
            path, finding, policy=pack, as_of=day, lookback_days=days, thresholds=own
        )
        loaded = load_account(owner, store=path)
        decided = options.decided(settings, ledger, owner)
    found = explained(
        loaded,
        finding,
        policy=pack,
        as_of=day,
        lookback_days=days,
        thresholds=own,
        suppressions=decided,
    )
    if json:
        emit_json(explanation_document(found))
    else:
        _show(found, own)


def _show(of: "Explanation", own: dict[str, dict[str, float]]) -> None:
    finding, audit = of.finding, of.audit
    say(f"{finding.id}: {finding.message}")
    product = product_name(finding.product) if finding.product else ""
    place = finding.project_name or product or "the whole organization"
    say(f"{audit.organization_name} ({audit.organization_id}), {place}. As of {audit.as_of}.")
    say(
        f"Severity {words(finding.severity.value)}, remedy: {words(finding.effort.value)}. "
        f"Policy {of.policy.name}."
    )
    for line in decision(finding):
        say(f"{line[0].upper()}{line[1:]}.")
    _heading("Rule")
    say(f"{finding.title.replace('``', '')}.")
    for head, text in of.check.sections.items():
        say(f"{head}: {text.replace('``', '')}")
    say(f"Page: {finding.docs}")
    _thresholds(of, own)
    _facts(of)
    _bills(of)
    _queries(of)


def _thresholds(of: "Explanation", own: dict[str, dict[str, float]]) -> None:
    from audit.cli.checks import threshold_source

    thresholds = [one for one in of.flips if one.kind == "threshold"]
    if not thresholds:
        return
    _heading("Thresholds, and what each would have to be for another verdict")
    show_table(
        ("threshold", "in force", "flips at", "then", "source"),
        [
            (
                one.name,
                number(one.value),
                *_flip(one),
                threshold_source(of.check, one.name, of.policy, own),
            )
            for one in thresholds
        ],
        right=("in force", "flips at"),
    )


def _facts(of: "Explanation") -> None:
    _heading("Facts, and what each would have to be, all others as they are")
    flips = {one.name: one for one in of.flips if one.kind == "fact"}
    show_table(
        ("fact", "value", "unit", "flips at", "then", "query"),
        [
            (
                (one.fact, one.meaning),
                number(one.value),
                one.unit,
                *(_flip(flips[one.fact]) if one.fact in flips else ("", "prices only")),
                one.query,
            )
            for one in of.finding.evidence
        ],
        right=("value", "flips at"),
    )


def _bills(of: "Explanation") -> None:
    from audit.cli.price import BILL_COLUMNS, BILL_NUMBERS, bill_rows

    audit, finding, saving = of.audit, of.finding, of.finding.saving
    if not audit.usage_is_known:
        _heading("Bill unknown: no usage of these days is known, and so the saving is unknown")
        return
    basis = f"a {saving.period}, {saving.basis}, {audit.price_list}"
    for title, one in (("Bill now", audit.bill), ("Bill if only this is fixed", of.without)):
        _heading(f"{title}: {usd(one.total)} {basis}")
        show_table(BILL_COLUMNS, bill_rows(one), right=BILL_NUMBERS)
    _heading(f"Saving, USD {basis}")
    say(f"alone   {usd(saving.alone)} = {usd(audit.bill.total)} - {usd(of.without.total)}")
    above = "all open findings and the suppressed ones" if finding.suppressed else "the findings"
    say(f"on top  {usd(saving.on_top)}, after {above} ranked above it")
    if saving.shapley is not None:
        say(f"shapley {usd(saving.shapley)}, its fair share of all")
    say(
        f"All open findings ({len(audit.open_findings):,}) save {usd(audit.joint_saving)} together."
    )
    if audit.suppressed_findings:
        number = len(audit.suppressed_findings)
        say(f"Those suppressed ({number:,}) would save {usd(audit.suppressed_saving)} beyond that.")
    _ahead(of)


def _ahead(of: "Explanation") -> None:
    """The saving of the coming periods, where there is one."""
    outlook = of.audit.outlook
    found = outlook.findings.get(of.finding.id) if outlook else None
    if outlook is None or found is None:
        return
    start, end = outlook.periods[1].start, outlook.periods[-1].end
    _heading(f"Saving of the coming periods, {start} to before {end}, USD, estimate")
    show_table(
        ("", "mean", "8 of 10 cases", "19 of 20 cases"),
        [
            (
                name,
                usd(one.mean),
                f"{usd(one.p10)} to {usd(one.p90)}",
                f"{usd(one.p025)} to {usd(one.p975)}",
            )
            for name, one in (
                ("next period, alone", found.next_alone),
                ("next period, on top", found.next_on_top),
                ("twelve periods, alone", found.year_alone),
                ("twelve periods, on top", found.year_on_top),
            )
        ],
        right=("mean",),
    )
    say(
        f"Of what it aims at, {found.came_true:.0%} is expected to come true once it is done: an "
        f"assumption by effort ({words(of.finding.effort)}), in docs/outlook.md."
    )


def _queries(of: "Explanation") -> None:
    hashes = {e.query: e.query_sha256 for e in of.finding.evidence}
    for name, text in of.queries.items():
        _heading(f"Query {name}, SHA-256 {hashes[name]}")
        for line in text.strip().splitlines():
            say(line)
    for name, text in of.asked.items():
        _heading(f"Asked of the source: {name}")
        for line in text.strip().splitlines():
            say(line)
    _heading("Data behind it")
    for sha, rows in {e.data_sha256: e.rows for e in of.finding.evidence}.items():
        readers = dict.fromkeys(e.query for e in of.finding.evidence if e.data_sha256 == sha)
        say(f"SHA-256 {sha} over {rows:,} rows, read by {', '.join(readers)}")


def _heading(text: str) -> None:
    say()
    say(f"== {text} ==")


def _flip(one: "Flip") -> tuple[str, str]:
    if one.flips_at is None:
        return "", "not by this number alone"
    away = ""
    if not isinstance(one.value, bool) and one.value:
        away = f" ({100 * (float(one.flips_at) / float(one.value) - 1):+.1f}%)"
    return number(one.flips_at), f"{one.becomes}{away}"
