"""Where results go: tables, JSON and CSV to standard output, everything else to standard error."""

import io
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from audit.cli.text import redacted, safe, safe_lines

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod

#: Width of a table that goes into a file or another program, where COLUMNS does not say.
UNSEEN_WIDTH = 200

#: Narrower than this, tables do not get.
NARROWEST = 40

#: Nor does a column of words, and so wide is the gap between columns where there is room.
LEAST_WIDTH = 10
WIDE_GAP = 3

#: Where nobody watches, so many counted steps pass in silence.
STEPS_BETWEEN_LINES = 5
COUNTED = re.compile(r"\b(\d+) of (\d+)\b")

#: A longer word, such as a name made to do harm, does not widen its column.
LONGEST_WORD = 60

#: Nor does a table show more of one line than this.
LONGEST_LINE = 1_500


def unfailing_streams() -> None:
    """Let a terminal that cannot write a name show its code points, instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def quiet_libraries() -> None:
    """A long wait is told by us; what the library of retries logs tells a user nothing."""
    logging.getLogger("stamina").setLevel(logging.ERROR)


def complain(message: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"audit: {safe(redacted(' '.join(message.split())))}\n")


def note(message: str) -> None:
    """A line for people, beside the results."""
    sys.stderr.write(safe(redacted(message)) + "\n")


def say(line: str = "") -> None:
    """A line of the result. Whatever it quotes is made harmless here."""
    _write(safe(line) + "\n")


def emit_json(value: Any) -> None:
    """A JSON document. ASCII only, so that no name in it can act on a terminal."""
    text = json.dumps(value, indent=2, allow_nan=False, default=_plain)
    _write(text.replace("\x7f", "\\u007f") + "\n")


def emit_csv(text: str) -> None:
    """CSV as it is, but on a terminal with every hidden character shown."""
    _write(safe_lines(text) if sys.stdout.isatty() else text)


def usd(amount: Decimal | None) -> str:
    """Dollars and cents.

    >>> usd(Decimal("-1234.5"))
    '-$1,234.50'
    """
    if amount is None:
        return "unknown"
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def words(identifier: str) -> str:
    """An identifier as people read it.

    >>> words("needs_action")
    'needs action'
    """
    return identifier.replace("_", " ")


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "organization"), counted(2_000, "finding")
    ('1 organization', '2,000 findings')
    """
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def number(value: object) -> str:
    """A number or truth as people read it.

    >>> number(1e6), number(0.25), number(True)
    ('1,000,000', '0.25', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return f"{int(value):,}"
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def product_name(product: str) -> str:
    """The display name of a product; a stranger goes by its key."""
    from audit.meters import BY_PRODUCT

    meter = BY_PRODUCT.get(product)
    return meter.name if meter else product


def show_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> None:
    """A table; ``right`` names the columns of numbers, ``whole`` those that are never broken.

    Cells are text, never markup; a tuple is a cell of several lines.
    """
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    cells = [
        [tuple(map(_cut, cell)) if isinstance(cell, tuple) else (_cut(cell),) for cell in row]
        for row in rows
    ]
    console = _console()
    natural, least = [], []
    for place, name in enumerate(columns):
        heads = name.split("\n")
        lines = [*heads, *(line for row in cells for line in row[place])]
        # A line that is one word, such as an id beneath a sentence, is there to be copied.
        kept = [line for row in cells for line in row[place] if len(row[place]) > 1]
        kept = [line for line in kept if " " not in line and len(line) <= LONGEST_WORD]
        kept += [word for head in heads for word in head.split()]
        natural.append(max(map(cell_len, lines)))
        fixed = name in right or name in whole
        least.append(natural[-1] if fixed else max(map(cell_len, [*kept, "-" * LEAST_WIDTH])))
    least = [min(pair) for pair in zip(least, natural, strict=True)]
    gap = WIDE_GAP if sum(least) + WIDE_GAP * (len(columns) - 1) <= console.width else 1
    widths = _fitted(least, natural, console.width - gap * (len(columns) - 1))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, (gap - 1) // 2))
    for name, width in zip(columns, widths, strict=True):
        justify: JustifyMethod = "right" if name in right else "left"
        table.add_column(Text(name), justify=justify, width=width, overflow="fold")
    for row in cells:
        # Text, and not str: rich would take brackets in a str for its markup.
        table.add_row(*(Text("\n".join(lines)) for lines in row))
    console.print(table)


def _fitted(least: list[int], natural: list[int], room: int) -> list[int]:
    """Widths that fill the room evenly, each from its least to its natural one.

    >>> _fitted([4, 10], [40, 10], 30), _fitted([4, 10], [8, 10], 30)
    ([20, 10], [8, 10])
    """
    widths = list(least)
    spare = room - sum(widths)
    while spare > 0 and widths != natural:
        for place, most in enumerate(natural):
            if widths[place] < most and spare > 0:
                widths[place] += 1
                spare -= 1
    while spare < 0 and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
        spare += 1
    return widths


def _cut(cell: object) -> str:
    text = str(cell)
    return safe(text) if len(text) <= LONGEST_LINE else safe(text[: LONGEST_LINE - 1]) + "\u2026"


@contextmanager
def progress(what: str) -> Iterator[Callable[[str], None]]:
    """What is being done, on standard error: one line that changes on a terminal, a few lines
    elsewhere. Of steps that count, such as "Cell 7 of 32", every fifth and the last are said."""
    if not sys.stderr.isatty():
        yield lambda step: note(f"{what}: {step}") if _worth_a_line(step) else None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(safe(what))) as status:
        yield lambda step: status.update(Text(safe(f"{what}: {step}")))


def _worth_a_line(step: str) -> bool:
    counted = COUNTED.search(step)
    if counted is None:
        return True
    at, of = int(counted[1]), int(counted[2])
    return at in (1, of) or at % STEPS_BETWEEN_LINES == 0


def _width() -> int | None:
    """Columns of a table; None lets the terminal decide."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given) > 0:
        return max(int(given), NARROWEST)
    return None if sys.stdout.isatty() else UNSEEN_WIDTH


def _console() -> "Console":
    from rich.console import Console

    class OurConsole(Console):
        def on_broken_pipe(self) -> None:
            # rich would exit with 1, which says "findings" here.
            raise BrokenPipeError

    return OurConsole(file=sys.stdout, width=_width(), markup=False, highlight=False, emoji=False)


def _write(text: str) -> None:
    sys.stdout.write(text)


def _plain(value: object) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no place in JSON")
