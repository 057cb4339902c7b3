"""What travels to the page: named parts, each markup or a chart, and what stands in the address.

Markup is made by :mod:`audit.views` and here, where every text of a customer is escaped.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audit.views.display import Figure, Page, Table, details

Plain = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """``name`` is its place on the page; a chart comes with its numbers as a table."""

    name: str
    markup: str = ""
    chart: Mapping[str, Any] | None = None

    def plain(self) -> Plain:
        told: Plain = {"part": self.name, "html": self.markup}
        return told if self.chart is None else {**told, "chart": dict(self.chart)}


def part(name: str, *shown: "Page | Figure | Table | str", title: str = "") -> Part:
    """One part of any number of views; at most one of them a chart, which stands first."""
    markup, chart = [], None
    if title:
        markup.append(f"<h2>{title}</h2>")
    for one in shown:
        if isinstance(one, Figure):
            chart = one.specification
            numbers = details("The numbers behind the chart", one.numbers.html())
            markup.append(
                f'<figure class="ab-figure"><div class="ab-chart" data-chart="{name}"></div>'
                f"<figcaption>{html.escape(one.title)}</figcaption></figure>{numbers}"
            )
        elif isinstance(one, Page):
            markup.append(one.markup)
        elif isinstance(one, Table):
            markup.append(one.html())
        elif one:
            markup.append(one)
    return Part(name, f'<div class="aa">{"".join(markup)}</div>', chart)
