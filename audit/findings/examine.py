"""One account to one audit: the only place where verdicts become findings with prices."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from audit.account import Account
from audit.checks import load_checks
from audit.checks.contract import Audience, Check
from audit.errors import InputError, PriceError, SettingsError, unknown_name
from audit.facts.runner import tables_read
from audit.findings.areas import AREA_FACTS
from audit.findings.evidence import EvidenceOf, plain_value
from audit.findings.flags import Verdicts
from audit.findings.gaps import not_evaluated
from audit.findings.model import Audit, Finding, Period, Saving
from audit.findings.outlook.ahead import DRAWS, outlook
from audit.findings.outlook.model import Outlook
from audit.findings.outlook.of_account import terms_of, with_running_lines
from audit.findings.outlook.terms import Terms
from audit.findings.periods import bill_of, forecast, vendor_lines
from audit.findings.pricing import NOT_SUBSCRIBED, usd
from audit.findings.quality import notes
from audit.findings.savings import Attribution, Part, attribution, kept_shares, left_over
from audit.findings.suppressed import judgements
from audit.findings.world import TABLES_READ, World, all_wanted, look, needed_files
from audit.frames import in_memory
from audit.ledger import Judgement, Ruling, Suppression, as_plain, kept
from audit.policy import (
    DEFAULT_POLICY,
    OwnThresholds,
    Policy,
    load_policy,
    own_thresholds,
)
from audit.pricing import Catalogue

SAVING_PERIOD = "billing month"


def chosen_checks(
    policy: Policy,
    *,
    audience: str = Audience.CUSTOMER,
    only: Collection[str] = (),
    skip: Collection[str] = (),
) -> dict[str, Check]:
    """Checks in force, by name. ``only`` and ``skip`` name checks or areas; a check that is named
    runs for any audience, and ``team`` is the audience of all of them.

    Raises: SettingsError for a name that is none, or a check that the policy does not know.
    """
    checks = policy.in_force()
    areas = {str(check.area) for check in load_checks().values()}
    for name in (*only, *skip):
        if name not in load_checks() and name not in areas:
            raise SettingsError(unknown_name("check or area", name, [*load_checks(), *areas]))
    for name in only:
        if name in policy.not_in_force:
            raise SettingsError(
                f"The check {name} is not in force in policy {policy.name}: "
                f"{policy.not_in_force[name]} Choose another --policy."
            )
    chosen = {
        name: check
        for name, check in checks.items()
        if (audience == Audience.TEAM or check.audience is Audience.CUSTOMER or name in only)
        and (not only or name in only or check.area in only)
        and name not in skip
        and check.area not in skip
    }
    if not chosen:
        raise SettingsError(
            "No check is left to run. What --only names may be for the team alone (--audience "
            "team), or --skip leaves it out; `audit checks` lists each with its area and audience."
        )
    return chosen


def examine(
    account: Account,
    *,
    policy: str = DEFAULT_POLICY,
    as_of: date | str | None = None,
    lookback_days: int = 30,
    project_id: str = "",
    thresholds: OwnThresholds = None,
    audience: str = Audience.CUSTOMER,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    suppressions: Sequence[Suppression | Mapping[str, Any]] | str | None = None,
    priced_on: date | None = None,
    draws: int = DRAWS,
) -> Audit:
    """Audit one account. The same account and arguments give the same audit, to the byte.

    ``as_of``: the audit's now, a day or ISO text; default is the account's own.
    ``project_id`` keeps project checks to one project; the bill stays the organization's.
    ``thresholds``: check to threshold to value (or that as JSON), on top of the policy pack.
    ``audience``: ``customer``, or ``team`` for the checks that only the vendor's team reads too.
    ``suppressions``: the ledger's, as they are, as plain values or as JSON text.
    ``priced_on``: the day whose public prices count, where that is not ``as_of``; only to compare
    with another audit, and so no argument that is kept. ``draws``: simulated outcomes behind the
    ranges; 0 leaves the coming periods out.

    Raises: InputError, SettingsError or PriceError for what cannot be audited.
    """
    pack = load_policy(policy, load_checks(), thresholds)
    checks = chosen_checks(pack, audience=known_audience(audience), only=only, skip=skip)
    today = _day(as_of) or account.as_of
    decided = kept(suppressions, account.organization_id)
    # What the page says of every area, unless only some checks were asked for.
    wanted = all_wanted(checks, pack, frozenset() if only else AREA_FACTS)
    connection = in_memory(account.frames, tables_read(needed_files(wanted)) | TABLES_READ)
    try:
        world = look(
            connection,
            checks,
            pack,
            as_of=today,
            lookback_days=lookback_days,
            project_id=project_id or None,
            suppressions=decided,
            wanted=wanted,
            crm=is_for_team(checks, audience),
            priced_on=priced_on,
        )
    finally:
        connection.close()
    arguments = {
        "as_of": today.isoformat(),
        "lookback_days": lookback_days,
        "policy": pack.argument,
        "project_id": project_id,
        "audience": str(audience),
        "thresholds": {check: dict(values) for check, values in own_thresholds(thresholds).items()},
        "suppressions": [as_plain(one) for one in decided],
    }
    judgement = judgements(world, decided, project_id).get(account.organization_id, Judgement())
    return _audit(account, world, pack, today, arguments, judgement, priced_on or today, draws)


def is_for_team(checks: Mapping[str, Check], audience: str) -> bool:
    """Whether only the team reads the audit: it was asked for, or one of its checks was."""
    named = any(check.audience is Audience.TEAM for check in checks.values())
    return audience == Audience.TEAM or named


def known_audience(name: str) -> Audience:
    """Raises: InputError for a word that is none."""
    try:
        return Audience(name)
    except ValueError:
        raise InputError(unknown_name("audience", name, list(Audience))) from None


def _day(text: date | str | None) -> date | None:
    if text is None or text == "":
        return None
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"as_of is a day like 2026-11-01, got {text!r}.") from error


def _audit(
    account: Account,
    world: World,
    pack: Policy,
    today: date,
    arguments: Mapping[str, Any],
    judgement: Judgement,
    priced_on: date,
    draws: int,
) -> Audit:
    located = [
        (verdict, number, int(row))
        for verdict in world.verdicts.values()
        for number, row in enumerate(verdict.flagged)
    ]
    # Where two remedies save the same, the first of these is ranked above: the more severe one.
    located.sort(key=lambda at: (at[0].severities[at[1]].rank, at[0].check.name, at[2]))
    parts = [_part(verdict, row) for verdict, _, row in located]
    said = [
        world.rulings.get(verdict.check.name, {}).get(row, Ruling()) for verdict, _, row in located
    ]
    last = frozenset(place for place, ruling in enumerate(said) if ruling.suppressed)
    split = attribution(world.savings, 0, parts, last)
    evidence = EvidenceOf(account, world)
    found = [
        _finding(account, evidence, verdict, number, row, _saving(split, place, last), said[place])
        for place, (verdict, number, row) in enumerate(located)
    ]
    rank = {place: position for position, place in enumerate(split.order)}
    order = sorted(
        range(len(found)),
        key=lambda p: (
            found[p].suppressed,
            found[p].saving.on_top <= 0,
            rank[p] if found[p].saving.on_top > 0 else 0,
            found[p].severity.rank,
            -found[p].saving.alone,
            found[p].check,
            found[p].project_id or "",
            found[p].product or "",
        ),
    )
    period = _period(account, today, arguments["lookback_days"])
    vendor = vendor_lines(account)
    lines = world.prices.lines
    origins = lines[lines["origin"] != NOT_SUBSCRIBED].set_index("meter")["origin"]
    now = bill_of(account, world, priced_on, monthly_quantities(world))
    after = bill_of(account, world, priced_on, monthly_quantities(world, removed=True))
    _hold_equal(account, usd(int(world.savings.payable()[0])), now.total, "bill")
    _hold_equal(account, usd(split.joint), now.total - after.total, "joint saving")
    listed = Catalogue.load().price_list(priced_on)
    ranked = [(found[place], parts[place]) for place in split.order]
    terms = terms_of(account, world, ranked)
    if draws:
        terms = with_running_lines(terms, account, today, arguments["lookback_days"], priced_on)
    ahead, reason = _ahead(terms, account, world, today, draws)
    return Audit(
        account=account,
        organization_id=account.organization_id,
        organization_name=account.name,
        as_of=today,
        project_id=arguments["project_id"],
        arguments=arguments,
        policy=pack.name,
        policy_source=pack.source,
        price_list=listed.name,
        price_list_source=listed.source,
        period=period,
        usage_is_known=bool(world.usage_is_known()[0]),
        origins={str(meter): str(origin) for meter, origin in origins.items()},
        discount_percent=world.prices.percent.get(0, Decimal(0)),
        bill=now,
        counterfactual_bill=after,
        joint_saving=usd(split.joint),
        suppressed_saving=usd(split.joint_last),
        suppressions=judgement.standings,
        findings=tuple(found[p] for p in order),
        not_evaluated=tuple(not_evaluated(world)),
        data_quality=notes(
            account,
            period,
            world.usage,
            world.prices,
            vendor,
            world.unread_words if arguments["audience"] == Audience.TEAM else None,
        ),
        vendor_lines=vendor,
        forecast=forecast(account, ahead, today, reason),
        terms=terms,
        outlook=ahead,
        checks_run=tuple(world.verdicts),
        facts={str(scope): frame for scope, frame in world.facts.frames.items()},
        usage_rows=world.usage.rows,
    )


def _ahead(
    terms: Terms, account: Account, world: World, today: date, draws: int
) -> tuple[Outlook | None, str]:
    """The coming periods, or why nothing can be said of them."""
    if not draws:
        return None, "The coming periods were not asked for."
    if not world.usage_is_known()[0]:
        return None, "No daily usage is known."
    try:
        return outlook(terms, account, today, draws=draws), ""
    except InputError as error:
        return None, str(error)


def _hold_equal(account: Account, fleet: Decimal, exact: Decimal, what: str) -> None:
    """The columns that price a fleet and the bill that prices one account must not differ.

    Raises: PriceError. Better no audit than one with two answers.
    """
    if fleet != exact:
        raise PriceError(
            f"The {what} of {account.organization_id!r} comes to {fleet} USD by the columns of a "
            f"fleet and {exact} USD by the exact bill. This is a bug in the audit, not in the "
            "data: please report it with the account file."
        )


def _part(verdict: Verdicts, row: int) -> Part:
    mine = verdict.cut.fact_row == row
    return Part(verdict.check.remedy, verdict.cut.row[mine], verdict.cut.share[mine])


def _saving(split: Attribution, place: int, last: Collection[int]) -> Saving:
    fair = None if split.shapley is None or place in last else split.shapley[place]
    return Saving(
        alone=usd(split.alone[place]),
        on_top=usd(split.on_top[place]),
        shapley=None if fair is None else usd(fair),
        basis="estimate",
        period=SAVING_PERIOD,
    )


def finding_id(check: str, organization_id: str, place: Iterable[str | None]) -> str:
    """The same fault in the same place has the same id in every run."""
    text = "\x1f".join([check, organization_id, *(p or "" for p in place)])
    return f"{check}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _finding(
    account: Account,
    evidence: EvidenceOf,
    verdict: Verdicts,
    number: int,
    row: int,
    saving: Saving,
    ruling: Ruling,
) -> Finding:
    check = verdict.check
    fact = verdict.fact_row(row)
    project = str(fact["project_id"]) if verdict.scope == "project" else None
    product = str(fact["product"]) if verdict.scope == "product" else None
    message, failure = sentence(check, fact)
    if failure:
        message += f" ({failure})"
    if row in verdict.unpriced_fact:
        message += f" Its saving is not priced: {verdict.unpriced_fact[row]} is unknown."
    return Finding(
        id=finding_id(check.name, account.organization_id, (project, product)),
        check=check.name,
        title=check.title,
        severity=verdict.severities[number],
        area=check.area,
        audience=check.audience,
        check_version=check.version,
        project_id=project,
        project_name=str(fact["project_name"]) if project is not None else None,
        product=product,
        message=message,
        evidence=evidence.of(verdict, fact),
        thresholds=verdict.thresholds,
        saving=saving,
        effort=check.effort,
        rule=check.sections["What it finds"],
        why=check.sections["Why it costs"],
        remedy=check.sections["What to do"],
        trade_off=check.sections["Trade-off"],
        known_limits=check.sections["Known limits"],
        docs=check.docs,
        source=check.sections["Source"],
        suppression=ruling.suppression,
        reopened=ruling.reopened,
    )


def sentence(check: Check, fact: Mapping[str, Any]) -> tuple[str, str]:
    """The check's sentence on one row, and what went wrong when it could not be written."""
    names = [name for name in fact if name.isidentifier()]
    values = [plain_value(fact[name]) for name in names]
    write = check.function("message")
    if write is None:
        return f"{check.title}.", ""
    try:
        return str(write(SimpleNamespace(**dict(zip(names, values, strict=True))))), ""
    except Exception as error:
        return f"{check.title}.", f"its sentence failed with {type(error).__name__}: {error}"


def _period(account: Account, today: date, lookback_days: int) -> Period:
    start = today - timedelta(days=lookback_days)
    days = account["usage_daily"]["day"]
    inside = days[(days >= pd.Timestamp(start)) & (days < pd.Timestamp(today))]
    return Period(start, today, lookback_days, int(inside.nunique()))


def monthly_quantities(world: World, *, removed: bool = False) -> dict[str, int]:
    """Metered units by product; with ``removed`` after all remedies of open findings."""
    lines = world.prices.lines
    before = lines["quantity"].to_numpy(dtype=np.int64)
    if removed:
        savings = world.savings
        gone = savings.quantity * (1 - kept_shares(world.open_verdicts, len(savings.quantity)))
        inside = savings.line >= 0
        total = np.bincount(savings.line[inside], gone[inside], len(lines)).astype(np.float64)
        before = left_over(before, total)
    offered = (lines["origin"] == NOT_SUBSCRIBED).to_numpy() & (before == 0)
    meters = lines["meter"].astype("str")[~offered]
    return dict(zip(meters, before[~offered].tolist(), strict=True))
