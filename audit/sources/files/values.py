"""One cell of an export as one canonical value, or the reason why it is none.

Texts that people type stay exactly as they are. Numbers are exact: no float on the way.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any

from audit.meters import BY_ANY_NAME, METERS, product_of, usage_type_of

LARGEST_COUNT = 2**63 - 1
LARGEST_EXACT_FLOAT = 2**53
FIRST_YEAR, LAST_YEAR = 2000, 2100
#: What stands between groups of three digits: comma, blank, no-break and thin blanks, apostrophe.
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[, \u00a0\u202f\u2009'’]\d{3})+(?:\.\d*)?$")
SEPARATORS = str.maketrans("", "", ", \u00a0\u202f\u2009'’")
GROUPED_IDENTIFIER = re.compile(r"\d{1,3}(?:,\d{3})+$")
SHORT_COUNT = re.compile(r"[0-9]{1,18}\Z")
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)$")
SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d*)?[eE][+-]?\d+$")
NOTHING = frozenset({"", "-", "–", "—", "null", "none", "n/a", "\\n", "(empty)", "not set"})
TRUTH = {
    "true": True, "false": False, "1": True, "0": False, "yes": True, "no": False,
    "on": True, "off": False, "enabled": True, "disabled": False, "t": True, "f": False,
}  # fmt: skip
MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
]  # fmt: skip
WRITTEN_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})(?:,? .*)?$")

Converter = Callable[[Any], Any]


class BadValueError(Exception):
    """Why a cell is not what its column needs, reading after the value. Internal."""


def plain(name: str) -> str:
    """A column or product name without case, spaces, underscores and marks.

    >>> plain("Project ID"), plain("project_id"), plain("Total (USD)")
    ('projectid', 'projectid', 'totalusd')
    """
    return "".join(c for c in name.casefold() if c.isalnum() or c in "$%")


def is_nothing(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, str) and value.strip().casefold() in NOTHING


def text(value: Any) -> str | None:
    """Text as written. An empty CSV cell and null are null; nothing else is."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadValueError("holds half a character") from None
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return identifier(value) if isinstance(value, float | Decimal) else str(value)


def identifier(value: Any) -> str | None:
    """An id as text; a number loses the point and the commas that exports put in it."""
    if isinstance(value, float | Decimal):
        number = Decimal(str(value))
        if not number.is_finite():
            raise BadValueError("is no id")
        return str(int(number)) if number == number.to_integral_value() else str(number)
    written = text(value)
    if written is None:
        return None
    written = written.strip()
    if GROUPED_IDENTIFIER.match(written):
        return written.replace(",", "")
    return written or None


def number(value: Any, *, decimal_comma: bool = False) -> Decimal | None:
    """An exact number; ``1,234`` and ``1 234`` are one thousand two hundred thirty-four."""
    if is_nothing(value):
        return None
    if isinstance(value, bool):
        raise BadValueError("is true or false, not a number")
    if isinstance(value, int | Decimal):
        out = Decimal(value)
    elif isinstance(value, float):
        if abs(value) >= LARGEST_EXACT_FLOAT:
            raise BadValueError("was stored as a float and may be rounded; export it as an integer")
        out = Decimal(repr(value))
    elif isinstance(value, str):
        out = _written_number(value, decimal_comma)
    else:
        raise BadValueError("is not a number")
    if not out.is_finite():
        raise BadValueError("is not a number")
    return out


def _written_number(value: str, decimal_comma: bool) -> Decimal:
    written = value.strip().removeprefix("$").removesuffix("$").strip()
    if SCIENTIFIC.match(written):
        raise BadValueError("was rounded by a spreadsheet; export it with all digits")
    if GROUPED.match(written):
        if decimal_comma and re.fullmatch(r"[+-]?\d{1,3},\d{3}", written):
            raise BadValueError(
                "can be read with a decimal or a thousands comma; export it without either"
            )
        written = written.translate(SEPARATORS)
    if not NUMBER.match(written) or not written.isascii():
        raise BadValueError("is not a number")
    try:
        return Decimal(written)
    except InvalidOperation:
        raise BadValueError("is not a number") from None


def count(value: Any, multiply: Decimal = Decimal(1)) -> int | None:
    """A quantity of whole units from 0 to 2^63 - 1."""
    if isinstance(value, str) and SHORT_COUNT.match(value) and multiply == 1:
        return int(value)
    exact = number(value)
    if exact is None:
        return None
    if abs(exact) > LARGEST_COUNT:
        raise BadValueError("is beyond 2^63; no counter reaches that")
    exact *= multiply
    if exact != exact.to_integral_value():
        raise BadValueError("is not a whole number")
    if exact < 0:
        raise BadValueError("is below 0")
    if exact > LARGEST_COUNT:
        raise BadValueError("is beyond 2^63; no counter reaches that")
    return int(exact)


def day(value: Any) -> date | None:
    """A UTC day from ISO forms and from ``April 15, 2026``; a local midnight keeps its day."""
    if is_nothing(value):
        return None
    moment = _moment(value)
    if isinstance(moment, datetime):
        if moment.tzinfo is not None and moment.time() != datetime.min.time():
            moment = moment.astimezone(UTC)
        moment = moment.date()
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadValueError(f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return moment


def timestamp(value: Any) -> str | None:
    """A moment as ISO text in UTC."""
    if is_nothing(value):
        return None
    moment = _moment(value)
    if isinstance(moment, datetime):
        return (moment.astimezone(UTC) if moment.tzinfo else moment).isoformat()
    return moment.isoformat()


def _moment(value: Any) -> date | datetime:
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise BadValueError("is not a date; write 2026-04-15")
    written = value.strip()
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(written)
        except ValueError:
            continue
    named = WRITTEN_DAY.match(written)
    if named:
        months = [n for n, m in enumerate(MONTHS, 1) if m.startswith(named[1].casefold())]
        if len(months) == 1:
            try:
                return date(int(named[3]), months[0], int(named[2]))
            except ValueError:
                pass
    raise BadValueError("is not an ISO date; write 2026-04-15")


def is_day(value: Any) -> bool:
    try:
        return day(value) is not None
    except BadValueError:
        return False


def boolean(value: Any) -> bool | None:
    if is_nothing(value):
        return None
    truth = value if isinstance(value, bool) else TRUTH.get(str(value).strip().casefold())
    if truth is None:
        raise BadValueError("is neither true nor false")
    return truth


def json_text(value: Any) -> str | None:
    """JSON as text."""
    if is_nothing(value):
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise BadValueError("is not valid JSON") from None
    return json.dumps(value, sort_keys=True, default=str)


def linked_flag(value: Any) -> str | None:
    """The flag setting of session replay: ``{"key": ...}``, also from the bare key."""
    if isinstance(value, str) and not is_nothing(value) and value.lstrip()[:1] != "{":
        return json.dumps({"key": value})
    return json_text(value)


def share(value: Any) -> Decimal | None:
    """A share from 0 to 1; ``50%`` is one half."""
    if isinstance(value, str) and value.strip().endswith("%"):
        exact = number(value.strip()[:-1])
        exact = None if exact is None else exact / 100
    else:
        exact = number(value)
    if exact is not None and not 0 <= exact <= 1:
        raise BadValueError("is not between 0 and 1; write 0.5 or 50%")
    return exact


LEVELS = {"member": 1, "admin": 8, "administrator": 8, "owner": 15, "1": 1, "8": 8, "15": 15}


def level(value: Any) -> int | None:
    if is_nothing(value):
        return None
    known = LEVELS.get((identifier(value) or "").casefold())
    if known is None:
        raise BadValueError("is no level; levels are member (1), admin (8) and owner (15)")
    return known


STATUSES = {
    "draft": "draft", "open": "open", "paid": "paid", "void": "void", "voided": "void",
    "uncollectible": "uncollectible", "unpaid": "open", "pastdue": "open",
}  # fmt: skip


def invoice_status(value: Any) -> str | None:
    """draft, open, paid, uncollectible or void; an unpaid or overdue invoice is open."""
    if is_nothing(value):
        return None
    known = STATUSES.get(plain(str(value)))
    if known is None:
        raise BadValueError("is no status; write draft, open, paid, uncollectible or void")
    return known


def report(value: Any) -> Mapping[str, Any] | None:
    """A usage report, as an object or as its JSON text."""
    if is_nothing(value):
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_float=Decimal, parse_constant=Decimal)
        except (ValueError, RecursionError):
            raise BadValueError("is not valid JSON") from None
    if not isinstance(value, Mapping):
        raise BadValueError("is no usage report; it needs an object of counters")
    return value


def joined(value: Any) -> list[Any]:
    """The parts of a cell that lists several: JSON, or separated by comma, semicolon or line."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            raise BadValueError("is not a list") from None
    if isinstance(value, list | tuple):
        return list(value)
    if is_nothing(value):
        return []
    # Postgres writes an array as {a,b}.
    parts = re.split(r"[,;\n]", str(value).strip().strip("{}"))
    return [part.strip().strip('"') for part in parts if part.strip()]


@cache
def _names() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("audit.sources.files").joinpath("names.toml").read_text("utf-8"))


@cache
def _counters() -> Mapping[str, str]:
    """Every spelling of a counter, plain, to the counter."""
    data = _names()["counters"]
    spelled = {plain(name): usage_type for usage_type, names in data.items() for name in names}
    spelled |= {plain(usage_type): usage_type for usage_type in data}
    for meter in METERS:
        if meter.usage_type:
            spelled[plain(meter.name)] = meter.usage_type
    return spelled | {
        plain(name): meter.usage_type for name, meter in BY_ANY_NAME.items() if meter.usage_type
    }


@cache
def known_counter(name: str) -> str | None:
    """The counter behind a display label, product key or counter; None for a stranger.

    >>> known_counter("Identified events")
    'enhanced_persons_event_count_in_period'
    """
    return _counters().get(plain(name))


def usage_type(value: Any) -> str | None:
    """The counter, or the text itself when no such counter is known."""
    written = identifier(value)
    return None if written is None else known_counter(written) or usage_type_of(written)


@cache
def _packages() -> Mapping[str, str]:
    return {plain(m.name): m.product for m in METERS} | {
        plain(m.product): m.product for m in METERS
    }


def product(value: Any) -> str | None:
    """The product key, or the text itself when no such product is known."""
    written = identifier(value)
    if written is None:
        return None
    named = _packages().get(plain(written))
    counter = known_counter(written)
    return named or (product_of(counter) if counter else product_of(written))


@cache
def known_names() -> Mapping[str, str]:
    """Every name of a product, add-on or counter, plain, as it is written."""
    keys = [*_names()["counters"], *BY_ANY_NAME, *(meter.product for meter in METERS)]
    shown = [*_names()["products"]["without_price"], *(meter.name for meter in METERS)]
    shown += [name for names in _names()["counters"].values() for name in names]
    # What people read goes last, and so before the key that is spelled alike.
    return {plain(name): name for name in (*keys, *shown)}


def is_known_product(name: str) -> bool:
    """Whether a name is one of a product, add-on or counter; not whether that has a price."""
    return plain(name) in known_names()


CONVERTERS: dict[str, Converter] = {
    "text": text,
    "identifier": identifier,
    "integer": count,
    "decimal": number,
    "day": day,
    "timestamp": timestamp,
    "boolean": boolean,
    "json": json_text,
    "linked_flag": linked_flag,
    "share": share,
    "level": level,
    "usage_type": usage_type,
    "product": product,
    "series": usage_type,
    "invoice_status": invoice_status,
    "report": report,
}
