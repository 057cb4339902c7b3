"""Answers about one account: it is audited once, and every further question finds it there."""

import base64
import hashlib
import html
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.dashboard.parts import Plain
from audit.dashboard.state import State
from audit.errors import AuditError, InputError
from audit.views import words

if TYPE_CHECKING:
    from audit.account import Account
    from audit.findings.model import Audit

ACCOUNT, SCENARIOS, OUTCOME = "account", "scenarios", "outcome"
DOWNLOAD, FINDING = "download", "finding"


@dataclass(frozen=True)
class Subject:
    """Which account, audited how. ``suppressions``: as plain values."""

    store: str
    organization_id: str
    policy: str
    as_of: str = ""
    lookback_days: int = 30
    thresholds: str = ""
    audience: str = "customer"
    suppressions: list[dict[str, Any]] = field(default_factory=list)

    def key(self) -> str:
        """The same for the same question."""
        return hashlib.sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()


def about(tab: str) -> Plain:
    """The question for a tab of an account; the same for every visitor."""
    return {"ask": ACCOUNT, "tab": tab}


class Worker:
    """One account, audited at the first question."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._account: Account | None = None
        self._audits: dict[str, Audit] = {}
        self._priced: dict[Any, Any] = {}

    def answer(self, question: Mapping[str, Any]) -> Iterator[Plain]:
        """Parts, or a file, or a problem in words. Never raises for what a visitor can cause."""
        try:
            yield from self._answer(question)
        except AuditError as error:
            yield {"problem": words.plain_sentence(str(error))}
        except MemoryError:
            yield {"problem": "This account needs more memory than one is given."}

    def _answer(self, question: Mapping[str, Any]) -> Iterator[Plain]:
        asked = question.get("ask")
        if asked == ACCOUNT:
            from audit.dashboard import account

            made = account.parts(self.audit(), str(question.get("tab")))
            yield from (one.plain() for one in made)
        elif asked in (SCENARIOS, OUTCOME):
            from audit.dashboard import scenarios

            make = scenarios.parts if asked == SCENARIOS else scenarios.outcome
            state = State(
                "scenarios",
                self.subject.organization_id,
                first=question.get("first", {}),
                second=question.get("second", {}),
            )
            yield from (one.plain() for one in make(self.audit(), state, self._priced))
        elif asked == FINDING:
            wanted = question.get("id")
            found = next((one for one in self.audit().open_findings if one.id == wanted), None)
            if found is None:
                raise InputError("That finding is no longer open; reload the page.")
            yield {"finding": [found.check, found.project_id, found.product]}
        elif asked == DOWNLOAD:
            yield self._file(str(question.get("what")))

    def account(self) -> "Account":
        from audit.open import load_account

        if self._account is None:
            subject = self.subject
            self._account = load_account(subject.organization_id, store=subject.store)
        return self._account

    def audit(self, audience: str = "") -> "Audit":
        from audit.findings.examine import examine

        subject = self.subject
        audience = audience or subject.audience
        if audience not in self._audits:
            self._audits[audience] = examine(
                self.account(),
                policy=subject.policy,
                as_of=subject.as_of or None,
                lookback_days=subject.lookback_days,
                thresholds=subject.thresholds or None,
                audience=audience,
                suppressions=subject.suppressions,
            )
        return self._audits[audience]

    def _file(self, what: str) -> Plain:
        from audit.findings.document import to_csv, to_json
        from audit.reports import slug

        name = slug(self.audit().organization_name)
        day = self.audit().as_of.isoformat()
        if what == "findings":
            content = to_csv(self.audit()).encode()
            return _file(f"{name}-findings-{day}.csv", "text/csv", content)
        if what == "draft":
            import json

            from audit import outreach

            text = to_json(self.audit("customer")).encode()
            made = outreach.draft(json.loads(text), self.account(), findings=text)
            with tempfile.TemporaryDirectory(prefix="audit-") as folder:
                outreach.write(made, Path(folder))
                content = (Path(folder) / "email.md").read_bytes()
            return _file(f"{name}-email-{day}.md", "text/markdown", content)
        if what == "report":
            return self._report(f"{name}-audit-{day}.html")
        return {"problem": f"There is no download {html.escape(words.shown(what, 40))}."}

    def _report(self, name: str) -> Plain:
        from audit import run
        from audit.policy import own_thresholds

        subject = self.subject
        with tempfile.TemporaryDirectory(prefix="audit-") as folder:
            made = run.run(
                account=self.account(),
                out=folder,
                policy=subject.policy,
                thresholds=own_thresholds(subject.thresholds or None),
                as_of=subject.as_of,
                lookback_days=subject.lookback_days,
                audience="customer",
                suppressions=subject.suppressions,
            )
            return _file(name, "text/html", made.html.read_bytes())


def _file(name: str, media: str, content: bytes) -> Plain:
    return {"file": name, "media": media, "content": base64.b64encode(content).decode()}
