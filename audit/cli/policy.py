"""``audit policy``: the packs, what they say, how two differ and what that changes."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import counted, emit_json, say, show_table, usd, words
from audit.errors import InputError

if TYPE_CHECKING:
    from audit.policies.reading import Value
    from audit.policy import Policy
    from audit.policy_change import Change, Effect, Moved
    from audit.queue.handover import Decision

EXAMPLES = """\b
Examples:
  audit policy
  audit policy 2026-11
  audit policy 2025-06 2026-11
  audit policy 2025-06 2026-11 "Rowan Labs Oy"
  audit policy 2025-06 ours.toml --json

\b
A pack of your own is a copy of one that ships (`audit policy 2026-11 --toml > ours.toml`) with a
name of its own. Every command takes it as --policy ours.toml, and audit.toml as policy."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Policy packs, and what another one changes.", epilog=EXAMPLES)(policy)


def policy(
    context: typer.Context,
    pack: Annotated[
        str, typer.Argument(metavar="[PACK]", help="Show this pack: a name, or a .toml file.")
    ] = "",
    other: Annotated[
        str, typer.Argument(metavar="[OTHER]", help="Show what this other pack changes.")
    ] = "",
    organization: Annotated[
        str, typer.Argument(metavar="[ORGANIZATION]", help="Show what that changes for it.")
    ] = "",
    toml: Annotated[
        bool, typer.Option("--toml", help="The pack as a file, to make one's own of.")
    ] = False,
    account: options.AccountFile = "",
    store: options.Store = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    ledger: options.Ledger = "",
    json: options.Json = False,
) -> None:
    """List the policy packs, show one, or show what another one changes, in general or for one
    organization: findings, saving, handover to Sales."""
    settings = options.settings(context)
    if toml:
        _file(pack)
    elif other and (organization or account):
        found = _effect(
            context, pack, other, organization, account, store, as_of, lookback_days, ledger
        )
        emit_json(effect_document(found)) if json else _show_effect(found)
    elif other:
        _compare(_loaded(pack, settings.thresholds), _loaded(other, settings.thresholds), json)
    elif pack:
        _one(_loaded(pack, settings.thresholds), json)
    else:
        _all(settings.policy, json)


def _loaded(name: str, thresholds: dict[str, dict[str, Any]]) -> "Policy":
    from audit.checks import load_checks
    from audit.policy import load_policy

    return load_policy(name, load_checks(), thresholds)


def _file(pack: str) -> None:
    from audit.policy import policy_names, policy_text

    if pack not in policy_names():
        raise InputError(f"--toml needs a pack that ships: {', '.join(policy_names())}.")
    for line in policy_text(pack).rstrip("\n").split("\n"):
        say(line)


def _all(chosen: str, json: bool) -> None:
    from audit.policy import DEFAULT_POLICY, policy_names, shipped_pack

    packs = [shipped_pack(name) for name in policy_names()]
    if json:
        emit_json(
            [
                {
                    "name": pack.name,
                    "title": pack.title,
                    "source": pack.source,
                    "first_day": pack.first_day,
                    "default": pack.name == DEFAULT_POLICY,
                    "chosen": pack.name == chosen,
                }
                for pack in packs
            ]
        )
        return
    show_table(
        ("policy", "title", "first day", ""),
        [
            (p.name, p.title, p.first_day, "in your settings" if p.name == chosen else "")
            for p in packs
        ],
        whole=("policy", "first day"),
    )
    if chosen not in policy_names():
        say(f"Your settings name {chosen}.")


def document(policy: "Policy") -> dict[str, Any]:
    """A pack as plain values, with the thresholds it changes."""
    from audit.policies.schema import KEYS

    return {
        "name": policy.name,
        "title": policy.title,
        "source": policy.source,
        "values": [
            {
                "key": key,
                "meaning": KEYS[key].meaning,
                "value": plain(entry.value),
                "gap": entry.gap or None,
                "source": entry.source,
                "feeds": [f"{check}.{name}" for check, name in KEYS[key].feeds],
            }
            for key, entry in policy.entries.items()
        ],
        "thresholds": [
            {
                "check": check,
                "threshold": threshold,
                "value": value,
                "source": policy.threshold_source(check, threshold) or "your audit.toml",
            }
            for (check, threshold), value in policy.changed.items()
        ],
        "not_in_force": dict(policy.not_in_force),
    }


def plain(value: "Value | None") -> Any:
    """A value of a pack for JSON."""
    if not isinstance(value, tuple):
        return value
    return [{"from_usd": tier.from_usd, "percent": tier.percent} for tier in value]


def _one(policy: "Policy", json: bool) -> None:
    from audit.policies.schema import KEYS
    from audit.policy_change import shown

    if json:
        emit_json(document(policy))
        return
    say(f"{policy.name}: {policy.title}.")
    say(policy.source)
    say()
    show_table(
        ("rule", "value", "meaning", "source"),
        [
            (key, shown(entry.value), KEYS[key].meaning, entry.gap or entry.source)
            for key, entry in policy.entries.items()
        ],
        whole=("rule",),
    )
    if policy.changed:
        say()
        show_table(
            ("threshold", "value", "source"),
            [
                (
                    f"{check}.{threshold}",
                    shown(value),
                    policy.threshold_source(check, threshold) or "your audit.toml",
                )
                for (check, threshold), value in policy.changed.items()
            ],
            whole=("threshold",),
        )
    for check, reason in policy.not_in_force.items():
        say(f"Not in force: {check}. {reason}")


def _compare(before: "Policy", after: "Policy", json: bool) -> None:
    from audit.policy_change import changes

    found = changes(before, after)
    if json:
        emit_json(
            {
                "before": before.name,
                "after": after.name,
                "changes": [_change(one) for one in found],
            }
        )
        return
    show_table(
        ("rule", before.name, after.name, "meaning"),
        [
            (one.key, *(_shown(one, v) for v in (one.before, one.after)), one.meaning)
            for one in found
        ],
        whole=("rule",),
    )
    say(f"{counted(len(found), 'rule')} differ; `--json` has the sources.")


def _shown(change: "Change", value: "Value | None") -> str:
    from audit.policy_change import shown

    is_check = "." not in change.key
    return "not in force" if value is None and is_check else shown(value)


def _change(change: "Change") -> dict[str, Any]:
    return {
        "key": change.key,
        "meaning": change.meaning,
        "before": plain(change.before),
        "after": plain(change.after),
        "source_before": change.source_before,
        "source_after": change.source_after,
    }


def _effect(
    context: typer.Context,
    pack: str,
    other: str,
    organization: str,
    account: str,
    store: str,
    as_of: str,
    lookback_days: int | None,
    ledger: str,
) -> "Effect":
    settings = options.settings(context)
    day = options.day(as_of)
    from audit.policy_change import effect

    loaded = options.loaded(settings, organization, account=account, store=store)
    asked = options.asked(
        settings,
        loaded.arguments,
        policy=pack,
        as_of=day,
        lookback_days=lookback_days,
        project="",
        ledger=ledger,
    )
    kept = ("as_of", "lookback_days", "thresholds", "suppressions")
    return effect(loaded, pack, other, **{name: asked[name] for name in kept})


def effect_document(effect: "Effect") -> dict[str, Any]:
    """What a change of policy does to an account, as plain values."""
    return {
        "organization_id": effect.before.organization_id,
        "as_of": effect.before.as_of,
        "before": effect.before.policy,
        "after": effect.after.policy,
        "basis": "estimate",
        "period": "billing month",
        "joint_saving_usd": {
            "before": effect.before.joint_saving,
            "after": effect.after.joint_saving,
            "change": effect.saving_change,
        },
        "handover": {
            "before": _decision(effect.handover_before),
            "after": _decision(effect.handover_after),
        },
        "findings": [_moved(one) for one in effect.moved],
    }


def _decision(decision: "Decision") -> dict[str, Any]:
    return {
        "verdict": decision.verdict.value,
        "segment": decision.segment,
        "reasons": list(decision.reasons),
    }


def _moved(moved: "Moved") -> dict[str, Any]:
    sides = {
        side: None
        if finding is None
        else {"severity": finding.severity.value, "saving_alone_usd": finding.saving.alone}
        for side, finding in (("before", moved.before), ("after", moved.after))
    }
    found = moved.finding
    return {
        "id": found.id,
        "check": found.check,
        "what": moved.what,
        "why": moved.why or None,
        "project_id": found.project_id,
        "product": found.product,
        "message": found.message,
        **sides,
    }


def _show_effect(effect: "Effect") -> None:
    before, after = effect.before, effect.after
    say(f"{after.organization_name} ({after.organization_id}), as of {after.as_of}.")
    say(
        f"Joint saving: {usd(before.joint_saving)} a billing month under {before.policy}, "
        f"{usd(after.joint_saving)} under {after.policy} (estimates)."
    )
    for audit, decision in (
        (before, effect.handover_before),
        (after, effect.handover_after),
    ):
        verdict = words(decision.verdict.value)
        say(f"Handover to Sales under {audit.policy}: {verdict}; {'; '.join(decision.reasons)}.")
    say()
    if not effect.moved:
        say("No finding changes.")
        return
    show_table(
        ("check", "what", before.policy, after.policy, "finding"),
        [
            (
                moved.finding.check,
                moved.what,
                *(_side(one) for one in (moved.before, moved.after)),
                (moved.finding.message, *([moved.why] if moved.why else [])),
            )
            for moved in effect.moved
        ],
        whole=("check",),
    )


def _side(finding: Any) -> str:
    if finding is None:
        return "not found"
    saving = f", {usd(finding.saving.alone)}" if finding.saving.alone else ""
    return words(finding.severity.value) + saving
