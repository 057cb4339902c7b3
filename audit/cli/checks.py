"""``audit checks``: what is checked, with the thresholds in force."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import emit_json, number, say, show_table, words
from audit.errors import InputError

if TYPE_CHECKING:
    from audit.checks import Check
    from audit.policy import Policy

EXAMPLES = """\b
Examples:
  audit checks
  audit checks autocapture_unread
  audit checks --policy 2026-11 --json

\b
Change a threshold in audit.toml:
  [thresholds.autocapture_unread]
  autocapture_percent = 40"""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="What is checked, with the thresholds.", epilog=EXAMPLES)(checks)


def checks(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[CHECK]", help="Show the page of one.")] = "",
    policy: options.PolicyName = "",
    json: options.Json = False,
) -> None:
    """List the checks: what they look for, and the thresholds in force."""
    from audit.checks import load_checks
    from audit.policy import load_policy

    settings = options.settings(context)
    known = load_checks()
    pack = load_policy(policy or settings.policy, known, settings.thresholds)
    if name and name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0.3)
        hint = f" Nearest: {near[0]}." if near else ""
        raise InputError(f"No check {name!r}.{hint} `audit checks` lists all {len(known)}.")
    wanted = [known[name]] if name else list(known.values())
    documents = [document(check, pack, settings.thresholds) for check in wanted]
    if json:
        emit_json(documents)
    elif name:
        _page(known[name], documents[0])
    else:
        show_table(
            ("check", "what it finds", "area", "for", "severity", "remedy takes", "thresholds"),
            [
                (
                    d["name"],
                    d["title"],
                    words(d["area"]),
                    d["audience"] if d["in_force"] else "not in force",
                    words(d["severity"]),
                    words(d["effort"]),
                    _thresholds(d),
                )
                for d in documents
            ],
            whole=("check",),
        )
        say(f"{len(documents)} checks, policy {pack.name} ({pack.title}).")


def document(check: "Check", pack: "Policy", own: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A check and its thresholds in force, as plain values."""
    in_force = pack.thresholds(check)
    return {
        "name": check.name,
        "title": check.title.replace("``", ""),
        "severity": check.severity.value,
        "effort": check.effort.value,
        "area": check.area.value,
        "audience": check.audience.value,
        "rules": list(check.rules),
        "version": check.version,
        "docs": check.docs,
        "page": {head: text.replace("``", "") for head, text in check.sections.items()},
        "facts": list(check.all_facts),
        "thresholds": [
            {
                "name": one.name,
                "value": in_force[one.name],
                "default": one.default,
                "low": one.bounds.low,
                "high": one.bounds.high,
                "source": threshold_source(check, one.name, pack, own),
            }
            for one in check.thresholds.values()
        ],
        "policy": pack.name,
        "in_force": check.name not in pack.not_in_force,
    }


def threshold_source(
    check: "Check", name: str, pack: "Policy", own: dict[str, dict[str, Any]]
) -> str:
    """Who set a threshold: the user, the policy pack, or the check."""
    if name in own.get(check.name, {}):
        return "your audit.toml"
    where = pack.threshold_source(check.name, name)
    if where is not None:
        return f"policy {pack.name}: {where}"
    return check.sections["Source"]


def _rules(document: dict[str, Any]) -> str:
    return f"Rules {', '.join(document['rules'])}." if document["rules"] else "A rule of ours."


def _thresholds(document: dict[str, Any]) -> tuple[str, ...]:
    return tuple(f"{one['name']} {number(one['value'])}" for one in document["thresholds"])


def _page(check: "Check", document: dict[str, Any]) -> None:
    say(f"{check.name}: {document['title']}.")
    severity, effort = words(document["severity"]), words(document["effort"])
    say(f"Area {words(document['area'])}, for the {document['audience']}. {_rules(document)}")
    say(f"Severity {severity}, remedy: {effort}. {check.docs}")
    if not document["in_force"]:
        say(f"Not in force in policy {document['policy']}.")
    for head, text in document["page"].items():
        say()
        say(f"{head}: {text}")
    say()
    say(f"Facts: {', '.join(document['facts'])}")
    if document["thresholds"]:
        say()
        show_table(
            ("threshold", "in force", "default", "from", "to", "source"),
            [
                (
                    one["name"],
                    *(number(one[name]) for name in ("value", "default", "low", "high")),
                    one["source"],
                )
                for one in document["thresholds"]
            ],
            right=("in force", "default", "from", "to"),
        )
