"""What a view returns: one value that shows as HTML, as a chart, or as plain text.

Jupyter, papermill and Voila ask for ``_repr_mimebundle_``; a terminal gets ``str()``.
"""

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from audit.views.words import escaped, shown

# The only Vega MIME type that JupyterLab 4 and Voila render; Altair 6 emits one that nbformat
# refuses.
CHART_MIME = "application/vnd.vegalite.v5+json"
CHART_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
# The exact numbers behind a chart, for readers without one; notebooks ignore it.
NUMBERS_MIME = "application/vnd.account-audit.numbers+json"

MAX_TEXT_ROWS = 60

#: Begins the name of data that is its rows as JSON.
ROWS = "rows as text: "


@cache
def style() -> str:
    """The style sheet of the HTML views, as a style element."""
    return f"<style>{Path(__file__).with_name('views.css').read_text(encoding='utf-8')}</style>"


@dataclass(frozen=True)
class Html:
    """Markup that is already escaped."""

    markup: str
    text: str


def with_below(above: str, below: str) -> Html:
    """A figure with a quieter one beneath; both unescaped text."""
    if not below:
        return Html(html.escape(above), above)
    return Html(
        f'{html.escape(above)}<br><span class="aa-note">{html.escape(below)}</span>',
        f"{above} ({below})",
    )


Cell = str | Html


@dataclass(frozen=True)
class Column:
    """``numeric`` columns are set right, ``wide`` ones may wrap over several lines."""

    name: str
    numeric: bool = False
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of text. A plain ``str`` cell is unescaped text, whoever wrote it.

    ``stacked``: on a narrow screen each row stands as a block, its cells below one another; for
    tables of sentences, which nobody reads by scrolling sideways.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    total: tuple[Cell, ...] = ()
    stacked: bool = False

    def html(self) -> str:
        head = "".join(
            f'<th scope="col"{_kind(c)}>{html.escape(c.name)}</th>' for c in self.columns
        )
        body = "".join(f"<tr>{self._cells(row)}</tr>" for row in self.rows)
        foot = f"<tfoot><tr>{self._cells(self.total)}</tr></tfoot>" if self.total else ""
        caption = f"<caption>{html.escape(self.caption)}</caption>" if self.caption else ""
        kind = "aa-table aa-stacked" if self.stacked else "aa-table"
        return (
            f'<div class="aa-scroll" tabindex="0" role="region"><table class="{kind}">{caption}'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table></div>"
        )

    def _cells(self, row: Sequence[Cell]) -> str:
        return "".join(
            self._cell(column, cell.markup if isinstance(cell, Html) else _escaped(cell))
            for column, cell in zip(self.columns, row, strict=True)
        )

    def _cell(self, column: Column, markup: str) -> str:
        if not self.stacked:
            return f"<td{_kind(column)}>{markup}</td>"
        # One element beside the label, whatever the cell is made of; nothing where it is empty.
        label = f' data-label="{html.escape(column.name)}"'
        return f"<td{_kind(column)}{label}>{f'<div>{markup}</div>' if markup else ''}</td>"

    def text(self) -> str:
        lines = [tuple(c.name for c in self.columns)]
        lines += [tuple(_text(cell) for cell in row) for row in self.rows[:MAX_TEXT_ROWS]]
        if self.total:
            lines.append(tuple(_text(cell) for cell in self.total))
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        written = [
            "  ".join(
                cell.rjust(width) if column.numeric else cell.ljust(width)
                for cell, width, column in zip(line, widths, self.columns, strict=True)
            ).rstrip()
            for line in lines
        ]
        if len(self.rows) > MAX_TEXT_ROWS:
            written.append(f"and {len(self.rows) - MAX_TEXT_ROWS} more rows")
        return "\n".join(written)

    def numbers(self) -> dict[str, Any]:
        """The table as JSON of plain text, as it travels beside a chart."""
        return {
            "caption": self.caption,
            "columns": [{"name": c.name, "numeric": c.numeric} for c in self.columns],
            "rows": [[_text(cell) for cell in row] for row in self.rows],
        }

    @classmethod
    def from_numbers(cls, numbers: dict[str, Any]) -> "Table":
        """What :meth:`numbers` wrote."""
        columns = tuple(Column(str(c["name"]), bool(c["numeric"])) for c in numbers["columns"])
        rows = tuple(tuple(str(cell) for cell in row) for row in numbers["rows"])
        return cls(columns, rows, str(numbers["caption"]))


@dataclass(frozen=True)
class Page:
    """Markup with its plain text."""

    markup: str
    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        # JupyterLab and Voila take what stands between two dollar signs for a formula.
        return {
            "text/html": f'{style()}<div class="aa mathjax_ignore tex2jax_ignore">'
            f"{self.markup}</div>",
            "text/plain": self.text,
        }


@dataclass(frozen=True)
class Figure:
    """A chart, its exact numbers, and what it says in words."""

    specification: dict[str, Any] = field(repr=False)
    title: str
    numbers: Table

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.numbers.text()}"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {
            CHART_MIME: self.specification,
            NUMBERS_MIME: {"title": self.title, **self.numbers.numbers()},
            "text/plain": self.text,
        }


def page(*parts: "Page | Table | str") -> Page:
    """Parts below one another; a plain ``str`` is our own sentence."""
    markup, text = [], []
    for part in parts:
        if isinstance(part, Page):
            markup.append(part.markup)
            text.append(part.text)
        elif isinstance(part, Table):
            markup.append(part.html())
            text.append(part.text())
        elif part:
            markup.append(f"<p>{html.escape(part)}</p>")
            text.append(part)
    return Page("".join(markup), "\n\n".join(filter(None, text)))


def nothing(words: str) -> Page:
    """Stands where there is nothing to show, and says why."""
    return Page(f'<p class="aa-nothing">{html.escape(words)}</p>', words)


def figure(chart: Any, title: str, numbers: Table) -> Figure:
    """An Altair chart as a figure. Its description is the title, read out by screen readers."""
    specification = with_rows(json.loads(chart.to_json(validate=False)))
    specification["$schema"] = CHART_SCHEMA
    specification["description"] = title
    return Figure(specification, title, numbers)


def with_rows(part: Any) -> Any:
    """A specification with the rows that :func:`audit.views.charts.rows` gave it."""
    if isinstance(part, list):
        return [with_rows(one) for one in part]
    if not isinstance(part, dict):
        return part
    name = part.get("name", "")
    if isinstance(name, str) and name.startswith(ROWS):
        return {"values": json.loads(name.removeprefix(ROWS))}
    return {key: with_rows(value) for key, value in part.items()}


def details(summary: str, inside: str) -> str:
    return f"<details><summary>{html.escape(summary)}</summary>{inside}</details>"


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """Terms with markup that is already escaped."""
    rows = "".join(f"<dt>{html.escape(t)}</dt><dd>{markup}</dd>" for t, markup in pairs if markup)
    return f'<dl class="aa-terms">{rows}</dl>'


def _escaped(cell: str) -> str:
    """Isolated from its surroundings, which ASCII alone in its cell need not be."""
    if cell.isascii() and shown(cell) == cell:
        return html.escape(cell)
    return escaped(cell)


def _kind(column: Column) -> str:
    kinds = [k for k, on in (("aa-number", column.numeric), ("aa-wide", column.wide)) if on]
    return f' class="{" ".join(kinds)}"' if kinds else ""


def _text(cell: Cell) -> str:
    return cell.text if isinstance(cell, Html) else shown(cell)
