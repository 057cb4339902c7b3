"""What an audit has to say to the systems around the account, as changes that nobody has sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from audit.checks import Audience
from audit.errors import InputError, unknown_name
from audit.findings.model import Audit, Finding
from audit.lifecycle.words import vocabulary
from audit.push.change import Change, html_of, key_of
from audit.queue.handover import Decision, Handover
from audit.views.words import count, first_sentence, unmarked, usd
from audit.web.systems import Systems

MOST_FINDINGS = 8
PIPELINE = "onboarding_pipeline"
#: Slack's limit of one block of text, less what surrounds it.
LONGEST_MESSAGE = 2_900
#: What says that a shared channel is earned, from a year at 20,000 dollars on.
CHANNEL_CHECK = "slack_connect_reached"
LONGEST_CHANNEL = 80


@dataclass(frozen=True)
class Wanted:
    """What to plan. ``task_due``: a task with this day. ``status``: the new word of the pipeline.
    ``lead``: set the trait that a playbook of Vitally watches to make a lead for Sales.
    ``message``: tell the internal channel. ``remark``: a sentence of whoever plans."""

    note: bool = False
    task_due: date | None = None
    status: str = ""
    lead: bool = False
    message: bool = False
    remark: str = ""


def planned(
    audit: Audit,
    wanted: Wanted,
    systems: Systems,
    *,
    stage_word: str | None = None,
    handover: Decision | None = None,
) -> tuple[Change, ...]:
    """The changes of one account, the same every time for the same audit.

    ``stage_word``: the pipeline's word now. ``handover``: the verdict, which a lead needs.

    Raises: InputError for a system without settings, a word the pipeline does not have, a task in
    the past, a lead for an account that is not ready, or nothing wanted.
    """
    changes: list[Change] = []
    run = f"{audit.as_of} {audit.policy}"

    def add(system: str, action: str, target: str, payload: Mapping[str, Any], text: str) -> None:
        who = audit.organization_id
        key = key_of(who, run, f"{system} {action} {target if action == 'trait' else ''}")
        changes.append(Change(system, action, who, target, payload, text, key))

    paragraphs, items = _said(audit, wanted, handover)
    text = "\n".join([*paragraphs, *(f"- {lead} {rest}" for lead, rest in items)])
    if wanted.note or wanted.task_due or wanted.status or wanted.lead:
        _needs(systems.vitally, "vitally")
    if wanted.note:
        subject = f"Account audit of {audit.as_of}"
        note = {
            "subject": subject,
            "note": html_of(paragraphs, items),
            "noteDate": f"{audit.as_of}T00:00:00.000Z",
        }
        add("vitally", "note", f"note: {subject}", note, text)
    if wanted.task_due:
        if wanted.task_due < audit.as_of:
            raise InputError(
                f"The task would be due on {wanted.task_due}, before the audit's {audit.as_of}."
            )
        name = f"Check what came of the audit of {audit.as_of}"
        task = {"name": name, "description": html_of(paragraphs), "dueDate": str(wanted.task_due)}
        add("vitally", "task", f"task due {wanted.task_due}: {name}", task, "\n".join(paragraphs))
    if systems.vitally is not None and wanted.status:
        word = _word(wanted.status)
        trait = systems.vitally.pipeline_trait
        text_of = f"{trait}: {stage_word or 'nothing'} -> {word}"
        add("vitally", "trait", f"{trait} = {word}", {"trait": trait, "value": word}, text_of)
    if systems.vitally is not None and wanted.lead:
        _ready(audit, handover)
        trait, value = systems.vitally.lead_trait, systems.vitally.lead_value
        if not trait:
            raise InputError(
                "Which trait makes a lead is not known. Name the one that your playbook watches "
                "as lead_trait under [systems.vitally] in audit.toml. A segment cannot be set "
                "from outside of Vitally."
            )
        payload = {"trait": trait, "value": value}
        add("vitally", "trait", f"{trait} = {value}", payload, f"{trait} -> {value}")
    if wanted.message:
        slack = _needs(systems.slack, "slack")
        if not slack.channel:
            raise InputError(
                "Name the internal channel by its id, as channel under [systems.slack] in "
                "audit.toml."
            )
        channel = suggested_channel(audit)
        told = _message(audit, paragraphs, items, channel)
        add("slack", "message", f"message to {slack.channel}", {"text": told}, told)
    if not changes:
        raise InputError(
            "Say what to write: --note, --task DAY, --status WORD, --lead or --message."
        )
    return tuple(changes)


def suggested_channel(audit: Audit) -> str | None:
    """The name of a shared channel where the check says that one is earned, else None.

    Opening it and inviting anybody stays with a person.
    """
    if not any(finding.check == CHANNEL_CHECK for finding in audit.open_findings):
        return None
    letters = (c if c.isascii() and c.isalnum() else " " for c in audit.organization_name.lower())
    name = "-".join("".join(letters).split()) or "customer"
    return f"posthog-{name}"[:LONGEST_CHANNEL].rstrip("-")


def _needs(section: Any, name: str) -> Any:
    if section is None:
        raise InputError(f"Add a section [systems.{name}] to audit.toml (docs/systems.md).")
    return section


def _word(status: str) -> str:
    """A word of the pipeline, spelled as the vocabulary spells it."""
    eras = [era for era in vocabulary().eras if era.field == PIPELINE]
    known = {word for era in eras for word in era.stages if word not in era.retired}
    if status not in known:
        # To the letter: Vitally takes any text, and a word it does not know starts no playbook.
        raise InputError(unknown_name("status", status, sorted(known)))
    return status


def _ready(audit: Audit, handover: Decision | None) -> None:
    if handover is None or handover.verdict is not Handover.READY:
        why = "; ".join(handover.reasons) if handover else "its verdict is not known"
        raise InputError(
            f"{audit.organization_name} is not ready to be handed over: {why}. "
            "`audit queue` shows who is."
        )


def _said(
    audit: Audit, wanted: Wanted, handover: Decision | None
) -> tuple[list[str], list[tuple[str, str]]]:
    """Paragraphs, and the open findings with the largest saving first."""
    found = [one for one in audit.open_findings if one.audience is Audience.CUSTOMER]
    found.sort(key=lambda one: (-one.saving.alone, one.id))
    bill = "the bill is unknown"
    if audit.usage_is_known:
        bill = f"{usd(audit.bill.total)} a billing month (estimate)"
    saved = ""
    if audit.joint_saving:
        saved = f", {usd(audit.joint_saving)} a billing month saved by fixing all (estimate)"
    paragraphs = [
        f"Account audit as of {audit.as_of}, policy {audit.policy}: {bill}, "
        f"{count(len(found), 'open finding')}{saved}."
    ]
    if wanted.lead and handover is not None:
        paragraphs.append(f"Ready for Sales: {'; '.join(handover.reasons)}.")
    if wanted.remark:
        paragraphs.append(wanted.remark)
    shown = [(f"{one.title}:", _line(one)) for one in found[:MOST_FINDINGS]]
    if len(found) > MOST_FINDINGS:
        shown.append(("And more:", f"{len(found) - MOST_FINDINGS} findings in the report."))
    return paragraphs, shown


def _line(one: Finding) -> str:
    observed, _ = first_sentence(unmarked(one.message))
    saving = f" Saves {usd(one.saving.alone)} a billing month alone (estimate)."
    return f"{observed}{saving if one.saving.alone else ''}"


def _message(
    audit: Audit, paragraphs: list[str], items: list[tuple[str, str]], channel: str | None
) -> str:
    """Slack's own markup cannot be made by text from a customer: its three marks are escaped."""
    lines = [audit.organization_name, *paragraphs, *(f"- {lead} {rest}" for lead, rest in items)]
    if channel:
        lines.append(f"A shared channel could be named {channel}; opening it is yours to do.")
    text = "\n".join(lines)
    for mark, spelled in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(mark, spelled)
    return text[:LONGEST_MESSAGE]
