"""All accounts of a store in one pass, ranked by joint saving. Nothing loops over accounts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from audit.checks import Audience, load_checks
from audit.findings.examine import chosen_checks, finding_id, is_for_team, known_audience
from audit.findings.flags import Verdicts
from audit.findings.pricing import Integers
from audit.findings.suppressed import judgements
from audit.findings.world import World, look
from audit.ledger import Judgement, Suppression
from audit.policy import DEFAULT_POLICY, OwnThresholds, load_policy
from audit.store import Store


@dataclass(frozen=True)
class Scan:
    """``organizations``: one row per organization, highest joint saving first: organization_id,
    name, as_of, usage_is_known (false: a bill of 0 means unknown), bill_usd and
    joint_saving_usd (USD a billing month, estimate, whole cents as float64), suppressed_saving_usd
    (what the suppressed findings would save beyond that), findings and needs_action (the open
    ones), suppressed, not_evaluated. ``findings``: one row per finding: id, check, severity,
    organization_id, project_id, product, saving_alone_usd, suppressed, suppression_id (<NA>: no
    suppression covers it) and reopened (why it is open all the same; else empty).
    ``judgements``: what has become of every suppression, by audited organization.
    """

    organizations: pd.DataFrame
    findings: pd.DataFrame
    judgements: Mapping[str, Judgement]


def scan(
    store: str | Path,
    *,
    policy: str = DEFAULT_POLICY,
    as_of: date | None = None,
    lookback_days: int = 30,
    thresholds: OwnThresholds = None,
    audience: str = Audience.CUSTOMER,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    suppressions: Sequence[Suppression] = (),
) -> Scan:
    """Run the checks over a whole store. ``suppressions``: all of the ledger's that are not
    lifted. Raises: StoreError, SettingsError, InputError."""
    pack = load_policy(policy, load_checks(), thresholds)
    checks = chosen_checks(pack, audience=known_audience(audience), only=only, skip=skip)
    with Store.open(store) as opened:
        world = look(
            opened.connection,
            checks,
            pack,
            as_of=as_of,
            lookback_days=lookback_days,
            suppressions=suppressions,
            wanted=frozenset(),
            crm=is_for_team(checks, audience),
        )
    return Scan(_organizations(world), _findings(world), judgements(world, suppressions))


def _organizations(world: World) -> pd.DataFrame:
    count = len(world.audited)
    findings = np.zeros(count, dtype=np.int64)
    urgent = np.zeros(count, dtype=np.int64)
    gaps = np.zeros(count, dtype=np.int64)
    suppressed = np.zeros(count, dtype=np.int64)
    opened = world.open_verdicts
    for verdict, whole in zip(opened, world.verdicts.values(), strict=True):
        keys = world.organization_keys(verdict)
        np.add.at(suppressed, keys[whole.flagged], 1)
        np.add.at(suppressed, keys[verdict.flagged], -1)
        np.add.at(findings, keys[verdict.flagged], 1)
        needs = np.asarray([s == "needs_action" for s in verdict.severities], dtype=bool)
        np.add.at(urgent, keys[verdict.flagged[needs]] if len(needs) else keys[:0], 1)
        gaps += _gaps(world, whole)
    joint = world.savings.joint(opened)
    beyond = np.zeros(count, dtype=np.int64)
    if suppressed.any():
        beyond = world.savings.joint(list(world.verdicts.values())) - joint
    frame = pd.DataFrame(
        {
            "organization_id": world.audited["organization_id"],
            "name": world.audited["name"],
            "as_of": world.audited["as_of"],
            "usage_is_known": world.usage_is_known(),
            "bill_usd": world.savings.payable() / 100.0,
            "joint_saving_usd": joint / 100.0,
            "suppressed_saving_usd": beyond / 100.0,
            "findings": findings,
            "suppressed": suppressed,
            "needs_action": urgent,
            "not_evaluated": gaps,
        }
    )
    return frame.sort_values(
        ["joint_saving_usd", "organization_id"], ascending=[False, True], ignore_index=True
    )


def _gaps(world: World, verdict: Verdicts) -> Integers:
    """How often one check could not be evaluated, by organization, as ``not_evaluated`` of each
    audit lists it."""
    count = len(world.audited)
    if verdict.error:
        return np.ones(count, dtype=np.int64)
    keys = world.organization_keys(verdict)
    unpriced = np.intersect1d(list(verdict.unpriced_fact), verdict.flagged).astype(np.int64)
    gaps = np.bincount(keys[verdict.missing], minlength=count)
    gaps += np.bincount(keys[unpriced], minlength=count)
    # Of an organization without a project or product the check could not be asked.
    if verdict.scope != "organization":
        nowhere = np.bincount(keys, minlength=count) == 0
        if verdict.scope == "product":
            nowhere[world.usage.totals["key"].to_numpy(dtype=np.int64)] = False
        gaps += nowhere
    return gaps


def _findings(world: World) -> pd.DataFrame:
    parts = []
    for name, verdict in world.verdicts.items():
        keys = world.organization_keys(verdict)
        at = verdict.flagged

        def texts(column: str, verdict: Verdicts = verdict) -> list[Any]:
            if column not in verdict.frame.columns:
                return [None] * len(verdict.flagged)
            return verdict.frame[column].iloc[verdict.flagged].to_numpy(dtype=object).tolist()

        organizations, projects, products = map(texts, ("organization_id", "project_id", "product"))
        ids = [
            finding_id(name, organization, place)
            for organization, *place in zip(organizations, projects, products, strict=True)
        ]
        suppressed = np.zeros(len(at), dtype=bool)
        number = np.zeros(len(at), dtype=np.int64)
        reopened = [""] * len(at)
        of = world.rulings.get(name, {})
        for place in np.flatnonzero(np.isin(at, list(of))).tolist():
            ruling = of[int(at[place])]
            suppressed[place] = ruling.suppressed
            number[place] = ruling.suppression.id if ruling.suppression else 0
            reopened[place] = ruling.reopened.value if ruling.reopened else ""
        parts.append(
            pd.DataFrame(
                {
                    "id": ids,
                    "check": name,
                    "severity": [severity.value for severity in verdict.severities],
                    "organization_id": organizations,
                    "project_id": projects,
                    "product": products,
                    "saving_alone_usd": world.savings.alone(keys, verdict.cut)[at] / 100.0,
                    "suppressed": suppressed,
                    "suppression_id": pd.arrays.IntegerArray(number, number == 0),
                    "reopened": reopened,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
