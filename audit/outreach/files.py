"""A draft as files: Markdown to edit, HTML and .eml for a mail program, Markdown for a notebook.

The same draft gives the same bytes. What customers named stays text in each of them.
"""

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from audit.outreach.draft import NO_BOOKING, Draft, Lever
from audit.outreach.words import NUMBERS

#: Says so in every file.
MARK = "DRAFT, not sent. Read it, make it yours, and send it from your own mail."
#: Digests of the files as they were drafted, which tell an edited one.
RECORD = ".drafted.json"
HEADER = "X-Account-Audit-Findings"

#: What Markdown reads as markup.
MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!])")
LIST = re.compile(r"^(\s*\d*)([.)+-])(?=\s)")

STYLE = {
    "body": "margin:0;padding:24px;background:#ffffff;color:#1c2126;"
    "font:16px/1.55 -apple-system,'Segoe UI',Arial,sans-serif",
    "main": "max-width:620px;margin:0 auto",
    "mark": "margin:0 0 20px;padding:8px 12px;background:#fff3cd;color:#5c4400;font-size:13px",
    "p": "margin:0 0 16px",
    "li": "margin:0 0 16px",
    "quiet": "color:#59636e",
}


def write(draft: Draft, folder: Path) -> list[Path]:
    """email.md, email.html, email.eml and notebook.md in ``folder``, which is made."""
    contents = {
        "email.md": markdown(draft).encode(),
        "email.html": page(draft).encode(),
        "email.eml": message(draft),
        "notebook.md": notebook(draft).encode(),
    }
    return put(contents, folder)


def put(contents: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Drafted files in their folder, by name. One that somebody edited is kept beside the new one,
    such as email.yours.md."""
    folder.mkdir(parents=True, exist_ok=True)
    ours = _written_before(folder)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    written = []
    for name, content in contents.items():
        path = folder / name
        if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() != ours.get(name):
            path.replace(path.with_name(f"{path.stem}.yours{path.suffix}"))
        new = path.with_name(f".{name}.new")
        new.write_bytes(content)
        new.replace(path)
        written.append(path)
    (folder / RECORD).write_text(json.dumps(digests, indent=1) + "\n", encoding="utf-8")
    return written


def _written_before(folder: Path) -> dict[str, str]:
    try:
        return dict(json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def markdown(draft: Draft) -> str:
    """The letter to edit, under a head that says what it is and what it was made from."""
    head = {
        "draft": MARK,
        "variant": draft.variant.value,
        "organization_id": draft.organization_id,
        "findings_sha256": draft.made_from,
        "to": list(draft.recipients),
        "subject": draft.subject,
    }
    missing = {"missing": list(draft.missing)} if draft.missing else {}
    lines = [f"{name}: {json.dumps(value)}" for name, value in {**head, **missing}.items()]
    return "\n".join(["---", *lines, "---", "", *_letter(draft), ""])


def _letter(draft: Draft) -> list[str]:
    lines = [_greeting(draft), "", escaped(draft.headline), ""]
    if draft.bill:
        lines += [f"**{escaped(draft.bill)}**", ""]
    if draft.levers:
        lines += [_leading(draft), ""]
    for number, lever in enumerate(draft.levers, 1):
        lines += [f"{number}. {_points(lever, draft)}", ""]
    if draft.together:
        lines += [escaped(draft.together), ""]
    lines += [f"{escaped(draft.ask)} {_link('Pick a time', draft.booking)}", ""]
    return [*lines, escaped(draft.sender)]


def _points(lever: Lever, draft: Draft) -> str:
    """One recommendation in a paragraph."""
    parts = [f"**{escaped(lever.title)}.**"]
    if lever.observed != draft.headline:
        parts.append(escaped(lever.observed))
    parts.append(escaped(lever.do))
    if lever.saving:
        parts.append(escaped(lever.saving))
    parts += [
        f"It takes: {escaped(_lower(lever.takes))}",
        f"You give up: {escaped(_lower(lever.lose))}",
    ]
    return " ".join([*parts, _link("Docs", lever.docs)])


def page(draft: Draft) -> str:
    """The letter as HTML that mail programs show: no style sheet, no picture, no script."""
    to = ", ".join(draft.recipients) or "?"
    body = [
        f'<p style="{STYLE["mark"]}">{_text(MARK)} To: {_text(to)}. '
        f"Subject: {_text(draft.subject)}</p>",
        _html_letter(draft),
    ]
    return _document(draft, "\n".join(body))


def _html_letter(draft: Draft) -> str:
    paragraphs = [_greeting(draft), draft.headline]
    lines = [f'<p style="{STYLE["p"]}">{_text(one)}</p>' for one in paragraphs]
    if draft.bill:
        lines.append(f'<p style="{STYLE["p"]}"><strong>{_text(draft.bill)}</strong></p>')
    if draft.levers:
        lines.append(f'<p style="{STYLE["p"]}">{_text(_leading(draft))}</p>')
        items = "".join(_item(one, draft) for one in draft.levers)
        lines.append(f'<ol style="margin:0 0 16px;padding-left:22px">{items}</ol>')
    if draft.together:
        lines.append(f'<p style="{STYLE["p"]}">{_text(draft.together)}</p>')
    where = (
        _text(draft.booking)
        if draft.booking == NO_BOOKING
        else f'<a href="{_text(draft.booking)}">Pick a time</a>'
    )
    lines.append(f'<p style="{STYLE["p"]}">{_text(draft.ask)} {where}</p>')
    lines.append(f'<p style="{STYLE["p"]}">{_text(draft.sender)}</p>')
    return "\n".join(lines)


def _item(lever: Lever, draft: Draft) -> str:
    observed = "" if lever.observed == draft.headline else f"{_text(lever.observed)} "
    saving = f"<br><strong>{_text(lever.saving)}</strong>" if lever.saving else ""
    return (
        f'<li style="{STYLE["li"]}"><strong>{_text(lever.title)}.</strong> {observed}'
        f"{_text(lever.do)}{saving}"
        f'<br><span style="{STYLE["quiet"]}">It takes: {_text(_lower(lever.takes))} '
        f"You give up: {_text(_lower(lever.lose))}</span> "
        f'<a href="{_text(lever.docs)}">Docs</a></li>'
    )


def _document(draft: Draft, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="{HEADER.lower()}" content="{draft.made_from}">\n'
        f"<title>{_text(draft.subject)}</title>\n</head>\n"
        f'<body style="{STYLE["body"]}">\n<div style="{STYLE["main"]}">\n{body}\n'
        "</div>\n</body>\n</html>\n"
    )


def message(draft: Draft) -> bytes:
    """A message that mail programs open as a draft: no date, no sender, nothing sent."""
    mail = EmailMessage(policy=SMTP.clone(max_line_length=900))
    if draft.recipients:
        mail["To"] = ", ".join(draft.recipients)
    mail["Subject"] = draft.subject
    mail["X-Unsent"] = "1"
    mail[HEADER] = draft.made_from
    mail.set_content("\n".join(_plain_letter(draft)) + "\n", cte="quoted-printable")
    mail.add_alternative(
        _document(draft, _html_letter(draft)), subtype="html", cte="quoted-printable"
    )
    mail.set_boundary(f"part-{draft.made_from[:32]}")
    return mail.as_bytes()


def _plain_letter(draft: Draft) -> Sequence[str]:
    lines = [_greeting(draft), "", draft.headline, ""]
    if draft.bill:
        lines += [draft.bill, ""]
    if draft.levers:
        lines += [_leading(draft), ""]
    for number, lever in enumerate(draft.levers, 1):
        observed = "" if lever.observed == draft.headline else f"{lever.observed} "
        lines.append(f"{number}. {lever.title}. {observed}{lever.do}")
        if lever.saving:
            lines.append(f"   {lever.saving}")
        lines.append(f"   It takes: {_lower(lever.takes)} You give up: {_lower(lever.lose)}")
        lines += [f"   {lever.docs}", ""]
    if draft.together:
        lines += [draft.together, ""]
    return [*lines, f"{draft.ask} {draft.booking}", "", draft.sender]


def notebook(draft: Draft) -> str:
    """For the vendor's notebooks, whose Markdown knows headings, lists, bold and links only."""
    lines = [
        f"# What to look at: {escaped(draft.organization_name)}",
        "",
        f"*{escaped(MARK)}* Findings {draft.made_from[:12]}.",
        "",
        escaped(draft.headline),
        "",
    ]
    if draft.bill:
        lines += [f"**{escaped(draft.bill)}**", ""]
    for lever in draft.levers:
        lines += [f"## {escaped(lever.title)}", "", escaped(lever.observed), ""]
        told = [("What to do", lever.do), ("Saving", lever.saving), ("Effort", lever.takes)]
        told.append(("What you give up", lever.lose))
        lines += [f"- **{name}:** {escaped(text)}" for name, text in told if text]
        lines += [f"- {_link('Docs', lever.docs)}", ""]
    if draft.together:
        lines += [escaped(draft.together), ""]
    return "\n".join(lines)


def escaped(text: str) -> str:
    """Text in Markdown, whatever is in it.

    >>> print(escaped("1. <b> [x](y) *a*"))
    1\\. \\<b\\> \\[x\\](y) \\*a\\*
    """
    marked = MARKUP.sub(r"\\\1", text)
    return LIST.sub(lambda found: found[1] + "\\" + found[2], marked)


def _link(name: str, url: str) -> str:
    return escaped(url) if url == NO_BOOKING else f"[{name}]({url})"


def _greeting(draft: Draft) -> str:
    return "Hi all," if len(draft.recipients) > 1 else "Hi,"


def _leading(draft: Draft) -> str:
    number = NUMBERS[len(draft.levers)]
    if draft.bill and all(lever.saving for lever in draft.levers):
        return (
            f"{number} would lower it:"
            if len(draft.levers) == 1
            else (f"{number} would lower it, the largest first:")
        )
    return f"{number} worth a look:"


def _lower(text: str) -> str:
    """As it goes on after a colon; a name or an abbreviation keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _text(text: str) -> str:
    return html.escape(text)
