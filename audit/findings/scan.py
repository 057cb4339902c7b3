"""All accounts of a store in one pass, ranked by joint saving. Nothing loops over accounts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from audit.checks import Audience, load_checks
from audit.findings.examine import chosen_checks, finding_id, known_audience
from audit.findings.world import World, look
from audit.policy import DEFAULT_POLICY, OwnThresholds, load_policy
from audit.store import Store


@dataclass(frozen=True)
class Scan:
    """``organizations``: one row per organization, highest joint saving first: organization_id,
    name, as_of, usage_is_known (false: a bill of 0 means unknown), bill_usd and
    joint_saving_usd (USD a billing month, estimate, whole cents as float64), findings,
    needs_action, not_evaluated. ``findings``: one row per finding: id, check, severity,
    organization_id, project_id, product, saving_alone_usd.
    """

    organizations: pd.DataFrame
    findings: pd.DataFrame


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
) -> Scan:
    """Run the checks over a whole store. Raises: StoreError, SettingsError, InputError."""
    pack = load_policy(policy, load_checks(), thresholds)
    checks = chosen_checks(pack, audience=known_audience(audience), only=only, skip=skip)
    with Store.open(store) as opened:
        world = look(opened.connection, checks, pack, as_of=as_of, lookback_days=lookback_days)
    return Scan(_organizations(world), _findings(world))


def _organizations(world: World) -> pd.DataFrame:
    count = len(world.audited)
    findings = np.zeros(count, dtype=np.int64)
    urgent = np.zeros(count, dtype=np.int64)
    gaps = np.zeros(count, dtype=np.int64)
    for verdict in world.verdicts.values():
        keys = world.organization_keys(verdict)
        np.add.at(findings, keys[verdict.flagged], 1)
        needs = np.asarray([s == "needs_action" for s in verdict.severities], dtype=bool)
        np.add.at(urgent, keys[verdict.flagged[needs]] if len(needs) else keys[:0], 1)
        np.add.at(gaps, keys[verdict.missing], 1)
        gaps += bool(verdict.error)
    joint = world.savings.joint(list(world.verdicts.values()))
    frame = pd.DataFrame(
        {
            "organization_id": world.audited["organization_id"],
            "name": world.audited["name"],
            "as_of": world.audited["as_of"],
            "usage_is_known": world.usage_is_known(),
            "bill_usd": world.savings.payable() / 100.0,
            "joint_saving_usd": joint / 100.0,
            "findings": findings,
            "needs_action": urgent,
            "not_evaluated": gaps,
        }
    )
    return frame.sort_values(
        ["joint_saving_usd", "organization_id"], ascending=[False, True], ignore_index=True
    )


def _findings(world: World) -> pd.DataFrame:
    parts = []
    for name, verdict in world.verdicts.items():
        keys = world.organization_keys(verdict)
        at = verdict.flagged
        frame = verdict.frame.iloc[at]
        empty = pd.Series([None] * len(at), dtype="object", index=frame.index)
        project = frame["project_id"] if verdict.scope == "project" else empty
        product = frame["product"] if verdict.scope == "product" else empty
        ids = [
            finding_id(name, organization, (one, other))
            for organization, one, other in zip(
                frame["organization_id"], project, product, strict=True
            )
        ]
        parts.append(
            pd.DataFrame(
                {
                    "id": ids,
                    "check": name,
                    "severity": [str(s) for s in verdict.severities],
                    "organization_id": frame["organization_id"].to_numpy(),
                    "project_id": project.to_numpy(),
                    "product": product.to_numpy(),
                    "saving_alone_usd": world.savings.alone(keys, verdict.cut)[at] / 100.0,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
