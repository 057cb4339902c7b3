"""What one visitor does and sees: takes words and values, and tells the parts that change.

Nothing a page sends is trusted: it names a view, values and words, never code, a path or an
address.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from audit.dashboard import account, portfolio, review, state, worker
from audit.dashboard.board import Board, Rules, stamp
from audit.dashboard.desk import Desk
from audit.dashboard.parts import Part, Plain
from audit.dashboard.state import State
from audit.dashboard.worker import DOWNLOAD, FINDING, OUTCOME, SCENARIOS, Subject
from audit.errors import AuditError, InputError
from audit.ledger import as_plain, suppression
from audit.ledger.book import Book
from audit.ledger.records import Contact, Contacted
from audit.ledger.storage import Ledger
from audit.report.bundle import chart_library
from audit.views import words

VIEWER, SPECIALIST = "viewer", "specialist"

TITLES = {"portfolio": "Portfolio", "review": "Savings review"}
#: The tab, and the audience, that notes are for.
TEAM = "team"
LONGEST_WORD = 2_000


@dataclass(frozen=True)
class Visitor:
    """Who looks, and what they may do: ``specialist`` may suppress findings and keep notes."""

    name: str = ""
    role: str = SPECIALIST

    @property
    def may_decide(self) -> bool:
        return self.role == SPECIALIST and bool(self.name)


@dataclass(frozen=True)
class Source:
    """What the screen shows: a store, by which rules, for whom, with whose decisions.

    ``store`` is what is read; ``published`` where the next one will be.
    """

    store: str
    policy: str
    as_of: str = ""
    lookback_days: int = 30
    thresholds: str = ""
    audience: str = "team"
    ledger: str = ""
    published: str = ""
    stamp: str = ""

    @classmethod
    def of(
        cls, read: Path, rules: Rules, *, published: Path, audience: str, ledger: str
    ) -> "Source":
        """Of a store file. Raises: StoreError where there is none."""
        return cls(
            store=str(read),
            policy=rules.policy,
            as_of=rules.as_of,
            lookback_days=rules.lookback_days,
            thresholds=rules.thresholds,
            audience=audience,
            ledger=ledger,
            published=str(published),
            stamp=stamp(read),
        )

    def subject(self, organization_id: str) -> Subject:
        """What to ask about an account, with what the ledger says now."""
        decided = Ledger.at(self.ledger).suppressions(organization_id) if self.ledger else ()
        return Subject(
            self.store,
            organization_id,
            self.policy,
            self.as_of,
            self.lookback_days,
            self.thresholds,
            self.audience,
            [as_plain(one) for one in decided],
        )


class Visit:
    """One visit. ``first`` is what a page shows before anything has been asked; every further
    message goes to ``tell``."""

    def __init__(
        self,
        board: Board,
        source: Source,
        desk: Desk,
        tell: Callable[[Plain], None],
        *,
        visitor: Visitor | None = None,
        query: str = "",
    ) -> None:
        self._board, self._source, self._desk, self._tell = board, source, desk, tell
        self._visitor = visitor or Visitor()
        self._state, self._said = state.read(query)
        self._asked: Subject | None = None
        self._task: asyncio.Task[None] | None = None
        self._followed: asyncio.Task[None] | None = None
        self._expecting: set[asyncio.Future[None]] = set()
        self._number, self._told_of = 0, ""
        self.first = self._opening()

    # What a visitor does ----------------------------------------------------------------------

    def received(self, content: object) -> None:
        """Answer a message; one that is still being answered is given up. Needs a running loop."""
        if self._followed is None:
            self._followed = asyncio.ensure_future(self._follow())
        told = content if isinstance(content, dict) else {}
        if "ask" in told:  # by the page itself, beside what its visitor waits for
            self._beside(told)
            return
        self._number = number if isinstance(number := told.get("number"), int) else 0
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.ensure_future(self._answered(told, self._number))

    async def _answered(self, told: Mapping[str, Any], number: int) -> None:
        try:
            await self._answer(told, number)
        except AuditError as error:
            self._problem(str(error), number)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # a defect: said without what it was about, and not fatal
            self._problem(f"That failed ({type(error).__name__}). Try again, or reload.", number)
            raise
        finally:
            if self._number == number:
                self._tell({"done": number})

    async def _answer(self, told: Mapping[str, Any], number: int) -> None:
        if "ready" in told:
            await self._show(number)
        elif "open" in told:
            self._state, self._said = state.read(_word(told["open"], 10_000))
            self._asked = None
            self._shell(number)
            await self._show(number)
        elif told.get("form") == "filters":
            await self._filtered(told.get("values"), number)
        elif told.get("form") == "scenarios":
            await self._tried(told.get("values"), number)
        elif told.get("submit") == "suppress":
            await self._suppressed(told.get("values"), number)
        elif told.get("submit") == "note":
            await self._noted(told.get("values"), number)
        elif "download" in told:
            await self._ask(number, {"ask": DOWNLOAD, "what": _word(told["download"])})

    def _beside(self, told: Mapping[str, Any]) -> None:
        if told["ask"] == "charts":
            self._tell({"charts": chart_library().packed})
        elif told["ask"] == "ahead":
            self._expect([_word(told.get("account"))])

    def _expect(self, identities: Sequence[str]) -> None:
        """Have accounts audited that will probably be opened next, if they are any."""
        known = [one for one in identities if one in self._board.by_id]
        if known:
            task = asyncio.ensure_future(self._desk.expect(known))
            self._expecting.add(task)
            task.add_done_callback(self._expecting.discard)

    async def _show(self, number: int) -> None:
        view = self._state.view
        if view == state.PORTFOLIO:  # all of it was in the shell
            self._expect(portfolio.on_the_page(self._board, self._state))
            return
        if view == state.REVIEW:
            names = {row["organization_id"]: row["name"] for row in self._board.rows}
            for one in review.parts(self._source.ledger, names):
                self._pass_on(one.plain(), number)
            return
        if view == state.ACCOUNT:
            if self._state.tab == TEAM and self._source.audience == TEAM:
                self._pass_on(self._notes().plain(), number)
            await self._ask(number, worker.about(self._state.tab))
        else:
            await self._ask(number, {"ask": SCENARIOS, **self._values()})

    def _values(self) -> Plain:
        return {"first": dict(self._state.first), "second": dict(self._state.second)}

    async def _ask(self, number: int, question: Plain) -> None:
        """Ask the desk, and pass on what it says."""
        async with aclosing(self._desk.ask(self._subject(), question)) as said:  # type: ignore[type-var]
            async for message in said:
                if "problem" in message:
                    self._problem(str(message["problem"]), number)
                elif message.get("part") != account.DECIDE or self._visitor.may_decide:
                    self._pass_on(message, number)

    async def _filtered(self, given: Any, number: int) -> None:
        told = {k: _word(v, state.LONGEST) for k, v in _values(given).items() if v}
        sort = told.pop("sort", state.SORTS[0])
        filters = {name: told[name] for name in state.FILTERS if told.get(name)}
        sort = sort if sort in state.SORTS else state.SORTS[0]
        self._state = State(filters=filters, sort=sort)
        self._pass_on({"query": self._state.query()}, number)
        for one in portfolio.results(self._board, self._state):
            self._pass_on(one.plain(), number)
            await asyncio.sleep(0)
        self._expect(portfolio.on_the_page(self._board, self._state))

    async def _tried(self, given: Any, number: int) -> None:
        first: dict[str, float] = {}
        second: dict[str, float] = {}
        for name, text in _values(given).items():
            try:
                value = float(text)
            except (TypeError, ValueError):
                said = words.shown(_word(text), 40)
                raise InputError(f"“{said}” is no number; the last scenario stands.") from None
            into = second if name.startswith(state.SECOND) else first
            into[name.removeprefix(state.SECOND)] = value
        self._state = replace(self._state, first=first, second=second)
        self._pass_on({"query": self._state.query()}, number)
        await self._ask(number, {"ask": OUTCOME, **self._values()})

    async def _suppressed(self, given: Any, number: int) -> None:
        if not self._visitor.may_decide:
            raise InputError("Only a specialist may suppress a finding; ask one.")
        told = {name: _word(value) for name, value in _values(given).items()}
        check, project, product = await self._finding(told.get("finding", ""))
        try:
            until = date.fromisoformat(told.get("until", ""))
        except ValueError:
            raise InputError("The last day is a day such as 2027-03-01.") from None
        wanted = suppression(
            check=check,
            organization_id=self._row()["organization_id"],
            project_id=project or "",
            product=product or "",
            reason=told.get("reason", ""),
            owner=self._visitor.name,
            until=until,
            on=datetime.now(UTC).date(),
            up_to_usd=told.get("up_to_usd") or None,
        )
        written = await asyncio.to_thread(Ledger.at(self._source.ledger).suppress, wanted)
        self._asked = None
        self._note(
            f"Suppression {written.id} is in the ledger: {written.check}, until {written.until}, "
            f"by {written.owner}.",
            number,
        )
        await self._show(number)

    def _notes(self) -> Part:
        told: tuple[Contact, ...] = ()
        if self._source.ledger:
            told = Book.at(self._source.ledger).contacts(self._row()["organization_id"])
        return account.notes(
            told, may_write=self._visitor.may_decide, has_ledger=bool(self._source.ledger)
        )

    async def _noted(self, given: Any, number: int) -> None:
        if not self._visitor.may_decide or self._source.audience != TEAM:
            raise InputError("Only a specialist may keep a note; ask one.")
        if not self._source.ledger:
            raise InputError(account.NO_LEDGER)
        said = _word(_values(given).get("note")).strip()
        if not said:
            raise InputError("The note is empty.")
        day, who = datetime.now(UTC).date(), self._row()["organization_id"]
        told = Contact(who, Contacted.NOTED, day, self._visitor.name, said)
        await asyncio.to_thread(Book.at(self._source.ledger).contact, told)
        self._note(f"Your note is in the ledger, by {self._visitor.name}.", number)
        # All of the tab again: what of it was still to come was of an older question.
        await self._show(number)

    async def _finding(self, identity: str) -> tuple[str, str | None, str | None]:
        """Check, project and product of an open finding; from the audit, not from the page."""
        question = {"ask": FINDING, "id": identity}
        async with aclosing(self._desk.ask(self._subject(), question)) as said:  # type: ignore[type-var]
            async for message in said:
                if "finding" in message:
                    return tuple(message["finding"])
                raise InputError(str(message.get("problem")))
        raise InputError("That finding is no longer there; reload the page.")

    # What a page shows ------------------------------------------------------------------------

    def _opening(self) -> list[Plain]:
        try:
            return [*self._frame(), *self._at_once()]
        except AuditError as error:
            said = str(error)
            self._state, self._said = State(), (*self._said, said)
            return [*self._frame(), *self._at_once()]

    def _shell(self, number: int) -> None:
        for message in self._opening():
            self._pass_on(message, number)

    def _frame(self) -> list[Plain]:
        view = self._state.view
        title = TITLES.get(view) or self._row()["name"]
        told: Plain = {
            "view": view,
            "title": words.shown(title, 80),
            "query": self._state.query(),
            "visitor": words.shown(self._visitor.name, 60),
            "account": self._state.organization_id,
            "tab": self._state.tab if view == state.ACCOUNT else "",
        }
        return [told, *({"problem": words.plain_sentence(one)} for one in self._said)]

    def _at_once(self) -> list[Plain]:
        """What needs no audit: the whole portfolio; of an account what its row says."""
        if self._state.view in (state.PORTFOLIO, state.REVIEW):
            self._told_of = ""
        if self._state.view == state.PORTFOLIO:
            return portfolio.drawn(self._board, self._state)
        if self._state.view == state.REVIEW:
            return []
        before, self._told_of = self._told_of, self._state.organization_id
        if before == self._told_of:
            return []  # it stands there already
        known = [one.plain() for one in portfolio.brief(self._row())]
        return known if self._state.view == state.ACCOUNT else known[:1]

    def _row(self) -> Mapping[str, Any]:
        return self._board.account(self._state.organization_id)

    def _subject(self) -> Subject:
        """What is asked about; the ledger is read once for every account that is opened."""
        identity = self._row()["organization_id"]
        if self._asked is not None and self._asked.organization_id == identity:
            return self._asked
        self._asked = self._source.subject(identity)
        return self._asked

    async def _follow(self) -> None:
        """Say once when a newer store has been published."""
        while self._source.published:
            await asyncio.sleep(3)
            with suppress(AuditError):
                if stamp(Path(self._source.published)) != self._source.stamp:
                    self._tell({"note": "New data was published. Reload to see it.", "stays": True})
                    return

    def _note(self, said: str, number: int) -> None:
        self._pass_on({"note": words.plain_sentence(said)}, number)

    def _problem(self, said: str, number: int) -> None:
        self._pass_on({"problem": words.plain_sentence(said)}, number)

    def _pass_on(self, message: Plain, number: int) -> None:
        self._tell({**message, "number": number})


def _values(given: Any) -> dict[str, Any]:
    return {str(k)[:80]: v for k, v in given.items()} if isinstance(given, dict) else {}


def _word(given: Any, most: int = LONGEST_WORD) -> str:
    return given[:most] if isinstance(given, str) else ""
