"""Stripe: customers, invoices and their lines, subscriptions, credit notes, failed charges.

The vendor's own client builds and signs the requests, with a pinned version of the API; they
travel over our connection, which keeps the limits and tries again after a 429. The key may only
read. Amounts are whole cents; nothing here is ever written.

Source: Stripe API reference.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from audit.errors import InputError, SettingsError
from audit.sources.files.stripe import invoice_rows
from audit.sources.systems.connecting import Progress, connect
from audit.sources.systems.gathered import CUSTOMER, Gathered, Who
from audit.sources.systems.paging import Item, every, part
from audit.web.failures import RequestError
from audit.web.kept import Kept
from audit.web.key import Key
from audit.web.keys import READ
from audit.web.systems import Stripe

if TYPE_CHECKING:
    from audit.web.connection import Connection

#: What this reader was written for; a newer version of the API may name things otherwise.
API_VERSION = "2026-10-28.endive"
PAGE_ROWS = 100
AT_ONCE = 8
FAILED_DAYS = 35
DAYS_A_MONTH = 31


class Reading:
    """A client that only reads. Use as a context manager."""

    def __init__(
        self,
        settings: Stripe,
        key: Key,
        progress: Progress = lambda _: None,
        kept: Kept | None = None,
    ) -> None:
        """Raises: SettingsError where the vendor's client is not installed."""
        try:
            import stripe
        except ImportError:
            raise SettingsError(
                "Reading Stripe needs its client: pip install 'account-audit[stripe]'."
            ) from None
        stripe.enable_telemetry = False
        self.settings = settings
        self.connection: Connection = connect(
            "stripe", settings.url, READ["stripe"], key, dict, progress=progress, at_once=AT_ONCE
        )
        connection = self.connection

        class Transport(stripe.HTTPClient):
            """The client's requests over our connection."""

            name = "account-audit"

            def request(
                self, method: str, url: str, headers: Any, post_data: Any = None, **_: Any
            ) -> Any:
                answer = connection.exchange(method, url, headers=headers, content=post_data)
                return answer.content, answer.status_code, answer.headers

            def close(self) -> None:
                connection.http.close()

        self._client = stripe.StripeClient(
            key.reveal(),
            stripe_version=API_VERSION,
            base_addresses={"api": connection.base},
            http_client=Transport(),
            max_network_retries=0,
        )
        self._kept = kept

    def __enter__(self) -> "Reading":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.http.close()

    def get(self, method: str, path: str, **params: Any) -> Any:
        """One answer. POST is for previews, which create nothing. Raises: RequestError."""
        known = self._kept.answer(method, path, params, None) if self._kept else None
        if known is not None:
            return known
        answer = self._client.raw_request(method, path, **params).data
        if self._kept:
            self._kept.keep(method, path, params, None, answer)
        return answer

    def every(self, path: str, **params: Any) -> list[Item]:
        """All objects of a list. Raises: RequestError; never returns a part."""

        def fetch(after: Any) -> tuple[Any, Any]:
            more = {"starting_after": after} if after else {}
            answer = self.get("get", path, limit=PAGE_ROWS, **params, **more)
            data = part(answer, "data", path)
            has_more = part(answer, "has_more", path)
            last = data[-1] if isinstance(data, list) and data else {}
            return data, (last.get("id") or "none") if has_more else None

        return every(fetch, path)


def read(stripe: Reading, who: Who | None, as_of: date) -> Gathered:
    """Invoices, balances, discounts and periods, by billing customer.

    Raises: RequestError when customers or invoices cannot be read whole.
    """
    out = Gathered("stripe")
    if who is not None and not who.customer_id:
        reason = (
            "The billing customer of this organization is not known, so Stripe was not asked. "
            "Pull it from PostHog first, or pull with --portfolio."
        )
        out.missing["invoices"] = reason
        return out
    mine = {"customer": who.customer_id} if who else {}
    if who is None:
        for customer in stripe.every("/v1/customers"):
            _customer(out, customer)
    invoices = _invoices(stripe, as_of, mine)
    _lines(stripe, out, invoices)
    _invoice_rows(out, invoices, _credited(stripe, mine))
    _subscriptions(stripe, out, mine)
    _failures(stripe, out, as_of, mine)
    out.requests = stripe.connection.sent
    return out


def _customer(out: Gathered, customer: Item) -> None:
    number = str(customer.get("id"))
    identity = (customer.get("metadata") or {}).get("organization_id")
    if isinstance(identity, str) and identity:
        out.customers[number] = identity
        out.names.setdefault(identity, str(customer.get("name") or identity))
    balance = _cents(customer.get("balance"))
    coupon = _coupon(customer.get("discount"))
    out.add(
        "organizations",
        [
            {
                CUSTOMER: number,
                "customer_id": number,
                # Below zero is what the vendor owes the customer.
                "credit_balance_usd": None if balance is None else _usd(max(-balance, 0)),
                "discount_percent": _percent(coupon.get("percent_off")),
                "discount_amount_usd": _usd(coupon.get("amount_off")),
            }
        ],
    )


def _coupon(discount: Any) -> Mapping[str, Any]:
    if not isinstance(discount, Mapping):
        return {}
    source = discount.get("source")
    for coupon in (discount.get("coupon"), source.get("coupon") if source else None):
        if isinstance(coupon, Mapping):
            return coupon
    return {}


def _invoices(stripe: Reading, as_of: date, mine: dict[str, str]) -> list[Item]:
    """Month by month at once: pages of one list can only follow each other."""
    months = range(stripe.settings.months, -2, -1)
    days = [as_of - timedelta(days=DAYS_A_MONTH * month) for month in months]
    spans = [{"gte": _seconds(a), "lt": _seconds(b)} for a, b in pairwise(days)]
    if mine:
        spans = [{"gte": spans[0]["gte"]}]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = pool.map(lambda s: stripe.every("/v1/invoices", created=s, **mine), spans)
        return [invoice for some in parts for invoice in some]


def _lines(stripe: Reading, out: Gathered, invoices: list[Item]) -> None:
    """Lines beyond those an invoice carries; all of them must add up to what it says."""

    def whole(invoice: Item) -> list[Item]:
        lines = invoice.get("lines")
        if not isinstance(lines, Mapping):
            return []
        if lines.get("has_more"):
            return stripe.every(f"/v1/invoices/{invoice['id']}/lines")
        return list(lines.get("data") or [])

    count = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for invoice, lines in zip(invoices, pool.map(whole, invoices), strict=True):
            count += len(lines)
            amounts = [_cents(line.get("amount")) for line in lines]
            subtotal = _cents(invoice.get("subtotal"))
            if not lines or subtotal is None or None in amounts:
                continue
            total = sum(amount or 0 for amount in amounts)
            if total != subtotal:
                out.say(
                    str(invoice.get("customer")),
                    "invoices",
                    "lines_do_not_add_up",
                    f"The lines of invoice {invoice['id']} come to ${total / 100:,.2f}, its "
                    f"subtotal is ${subtotal / 100:,.2f}.",
                )
    out.read["invoices.lines"] = count


def _credited(stripe: Reading, mine: dict[str, str]) -> dict[str, int]:
    """Cents of the credit notes in force, by invoice."""
    out: dict[str, int] = defaultdict(int)
    for note in stripe.every("/v1/credit_notes", **mine):
        if note.get("status") == "issued":
            out[str(note.get("invoice"))] += _cents(note.get("amount")) or 0
    return dict(out)


def _invoice_rows(out: Gathered, invoices: list[Item], credited: Mapping[str, int]) -> None:
    for invoice in invoices:
        customer = str(invoice.get("customer"))
        try:
            (row,) = invoice_rows({"data": [invoice]}, organization_id=customer)
        except InputError as error:
            said = str(error)
            out.say(customer, "invoices", "invoice_not_read", said[:1].upper() + said[1:])
            continue
        notes = _usd(credited.get(row["invoice_id"], 0))
        stated = row["credited_usd"]
        if stated is None:
            row["credited_usd"] = notes
        elif stated != notes:
            out.say(
                customer,
                "invoices",
                "credit_notes_differ",
                f"Invoice {row['invoice_id']} says ${stated:,.2f} were credited, its credit notes "
                f"come to ${notes:,.2f}; the invoice was believed.",
            )
        del row["organization_id"]
        out.add("invoices", [{CUSTOMER: customer, **row}])
    out.read["invoices"] = len(invoices)


def _subscriptions(stripe: Reading, out: Gathered, mine: dict[str, str]) -> None:
    try:
        found = stripe.every("/v1/subscriptions", status="all", **mine)
    except RequestError as error:
        if error.stops_the_pull:
            raise
        out.missing["organizations.subscriptions"] = str(error)
        return
    alive = [one for one in found if one.get("status") in ("active", "past_due", "trialing")]
    previews = _previews(stripe, out, alive) if stripe.settings.previews else {}
    for subscription in alive:
        items = (subscription.get("items") or {}).get("data") or [{}]
        first = items[0]
        recurring = ((first.get("price") or {}).get("recurring") or {}).get("interval")
        start, end = (
            _day(first.get(name) or subscription.get(name))
            for name in ("current_period_start", "current_period_end")
        )
        preview = previews.get(str(subscription.get("id")), {})
        customer = str(subscription.get("customer"))
        out.add(
            "organizations",
            [
                {
                    CUSTOMER: customer,
                    "customer_id": customer,
                    "has_active_subscription": True,
                    "period_interval": recurring if recurring in ("month", "year") else None,
                    "period_start": start,
                    "period_end": end,
                    "current_total_usd": _usd(preview.get("subtotal")),
                    "current_total_after_discount_usd": _usd(preview.get("total")),
                }
            ],
        )


def _previews(stripe: Reading, out: Gathered, alive: Iterable[Item]) -> dict[str, Item]:
    """The bill so far of every subscription; a POST that creates nothing."""
    lost: list[str] = []

    def preview(subscription: Item) -> tuple[str, Item]:
        number = str(subscription.get("id"))
        try:
            path = "/v1/invoices/create_preview"
            return number, stripe.get("post", path, subscription=number)
        except RequestError as error:
            if error.stops_the_pull:
                raise
            lost.append(str(error))
            return number, {}

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(pool.map(preview, alive))
    if lost:
        out.missing["organizations.previews"] = f"{len(lost)} of {len(found)} failed: {lost[0]}"
    return found


def _failures(stripe: Reading, out: Gathered, as_of: date, mine: dict[str, str]) -> None:
    """The newest charge of each customer that did not go through."""
    since = {"gte": _seconds(as_of - timedelta(days=FAILED_DAYS))}
    try:
        charges = stripe.every("/v1/charges", created=since, **mine)
    except RequestError as error:
        if error.stops_the_pull:
            raise
        out.missing["lifecycle.charges"] = str(error)
        return
    newest: dict[str, Item] = {}
    for charge in charges:
        customer = str(charge.get("customer"))
        if charge.get("status") == "failed" and _cents(charge.get("created")) is not None:
            known = newest.get(customer)
            if known is None or charge["created"] > known["created"]:
                newest[customer] = charge
    for customer, charge in sorted(newest.items()):
        day = _day(charge["created"])
        out.field({CUSTOMER: customer}, "stripe.payment_failed_at", day, day)
        reason = charge.get("failure_code")
        if reason:
            out.field({CUSTOMER: customer}, "stripe.payment_failure", str(reason), day)
    out.read["lifecycle.charges"] = len(charges)


def _cents(value: Any) -> int | None:
    """A whole number, of cents or seconds; anything else is not known."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _usd(cents: Any) -> Decimal | None:
    whole = _cents(cents)
    return None if whole is None else Decimal(whole) / 100


def _percent(value: Any) -> Decimal | None:
    return None if value is None or isinstance(value, bool) else Decimal(str(value))


def _day(seconds: Any) -> str | None:
    whole = _cents(seconds)
    return None if whole is None else datetime.fromtimestamp(whole, UTC).date().isoformat()


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
