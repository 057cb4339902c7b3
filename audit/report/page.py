"""The page: markdown, outputs and charts of a notebook in order, with a table of contents."""

import hashlib
import html as escaping
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from markdown_it import MarkdownIt

from audit.report.bundle import Bundle, chart_library, packed, sha256
from audit.report.parts import asset, content_policy, replaced
from audit.views.display import CHART_MIME, NUMBERS_MIME, Table, style
from audit.views.words import visible

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
INJECTED = "injected-parameters"
#: Tag of cells that are for the vendor's team alone, and the audience that reads them.
TEAM = "team"
#: The ledger's decisions as a parameter: with owner and reason, which are for the team.
DECISIONS = re.compile(r"^suppressions = .*$", re.MULTILINE)
HEADING = re.compile(r'<h2 id="([a-z0-9-]+)">([^<]+)</h2>')
SAID = ("text", "code_inline")


@dataclass
class _Draft:
    """What the cells gave so far."""

    body: list[str] = field(default_factory=list)
    contents: list[tuple[str, str]] = field(default_factory=list)
    charts: list[dict[str, Any]] = field(default_factory=list)
    datasets: dict[str, Any] = field(default_factory=dict)
    anchors: set[str] = field(default_factory=set)


def write(
    notebook: Mapping[str, Any], path: Path, *, title: str, shared: Path | None = None
) -> Path:
    """The page as a file; the same notebook gives the same bytes.

    ``shared``: a folder where pages keep the chart library together instead of each its own.
    """
    if shared is None:
        return replaced(path, html(notebook, title=title))
    library = shared_library(shared)
    beside = Path(os.path.relpath(library, path.parent)).as_posix()
    return replaced(path, html(notebook, title=title, shared=beside))


def shared_library(folder: Path) -> Path:
    """The chart library as a file that pages refer to, written where it is not yet."""
    library = chart_library()
    digest = hashlib.sha256(library.packed.encode()).hexdigest()[:12]
    path = folder / f"charts-{digest}.js"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        replaced(path, f'window.chartLibrary = "{library.packed}";\n')
    return path


def html(
    notebook: Mapping[str, Any], *, title: str, library: Bundle | None = None, shared: str = ""
) -> str:
    """The page of an executed notebook. ``title`` is unescaped text; ``shared`` where the chart
    library lies, relative to the page, if not in it.

    Markdown is rendered without raw HTML and without images. HTML outputs stand as they are:
    escaping is the business of the view that made them, and the page's policy stops the rest.
    Cells for the team are left out unless the notebook was run for it, and so is who decided what.
    """
    draft = _Draft()
    for_team = _parameters(notebook).get("audience") == TEAM
    for cell in notebook["cells"]:
        if TEAM in _tags(cell) and not for_team:
            continue
        source = _text(cell.get("source", ""))
        if cell["cell_type"] == "markdown":
            draft.body.append(_markdown(source, draft))
        elif cell["cell_type"] == "code":
            _code(source if for_team else _without_decisions(source), cell, draft)
    used = (library or chart_library()) if draft.charts else Bundle("", "")
    script = asset("charts.js") + asset("report.js")
    data = json.dumps(
        {"charts": draft.charts, "datasets": draft.datasets},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return Template(asset("report.html")).substitute(
        policy=content_policy(*_sources(script, used, shared=bool(shared and draft.charts))),
        title=escaping.escape(visible(title)),
        views_style=style(),
        style=asset("report.css"),
        contents=_contents(draft.contents),
        body="\n".join(draft.body),
        tool=escaping.escape(f"account-audit {version('account-audit')}"),
        data=packed(data.encode()) if draft.charts else "",
        library="" if shared else used.packed,
        shared=f'<script src="{escaping.escape(quote(shared))}"></script>\n'
        if shared and draft.charts
        else "",
        script=script,
    )


def _sources(script: str, library: Bundle, *, shared: bool) -> list[str]:
    allowed = [f"'sha256-{value}'" for value in (sha256(script), library.sha256) if value]
    # A file beside the page. What it carries is run as the library only with the library's hash.
    return [*allowed, "'self'"] if shared else allowed


def _code(source: str, cell: Mapping[str, Any], draft: _Draft) -> None:
    if source.strip():
        label = "Parameters of this run" if INJECTED in _tags(cell) else "Code"
        draft.body.append(
            f'<details class="code"><summary>{label}</summary>'
            f"<pre>{escaping.escape(visible_lines(source))}</pre></details>"
        )
    for output in cell.get("outputs", ()):
        draft.body.append(_output(output, draft))


def _output(output: Mapping[str, Any], draft: _Draft) -> str:
    kind = output["output_type"]
    if kind == "stream":
        return f"<pre>{escaping.escape(visible_lines(_text(output['text'])))}</pre>"
    if kind == "error":
        told = "\n".join(output.get("traceback") or [f"{output['ename']}: {output['evalue']}"])
        return f'<pre class="error">{escaping.escape(visible_lines(ANSI.sub("", told)))}</pre>'
    data = output.get("data", {})
    if CHART_MIME in data:
        return _chart(data, draft)
    if "text/html" in data:
        return _with_contents(_text(data["text/html"]).replace(style(), ""), draft)
    if "image/png" in data:
        picture = re.sub(r"[^A-Za-z0-9+/=]", "", _text(data["image/png"]))
        return f'<p><img alt="" src="data:image/png;base64,{picture}"></p>'
    if "text/markdown" in data:
        return _markdown(_text(data["text/markdown"]), draft)
    if "text/plain" in data:
        return f"<pre>{escaping.escape(visible_lines(_text(data['text/plain'])))}</pre>"
    return ""


def _with_contents(markup: str, draft: _Draft) -> str:
    """A view's own section stands in the contents too. What others typed is never a heading."""
    for anchor, title in HEADING.findall(markup):
        draft.contents.append((anchor, escaping.unescape(title)))
        draft.anchors.add(anchor)
    return markup


def _parameters(notebook: Mapping[str, Any]) -> Mapping[str, Any]:
    given = notebook.get("metadata", {}).get("papermill", {}).get("parameters", {})
    return given if isinstance(given, Mapping) else {}


def _without_decisions(source: str) -> str:
    return DECISIONS.sub("", source).strip("\n")


def _chart(data: Mapping[str, Any], draft: _Draft) -> str:
    specification = {k: v for k, v in data[CHART_MIME].items() if k not in {"$schema", "datasets"}}
    draft.datasets.update(data[CHART_MIME].get("datasets", {}))
    rows = specification.get("data", {}).get("values")
    if rows is not None:
        # Named by content, so that charts over the same rows share them.
        name = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16]
        draft.datasets[name] = rows
        specification["data"] = {"name": name}
    number = len(draft.charts)
    draft.charts.append(specification)
    numbers = data.get(NUMBERS_MIME)
    title = str((numbers or {}).get("title") or specification.get("description") or "Chart")
    table = ""
    if numbers is not None:
        table = (
            "<details><summary>The numbers behind this chart</summary>"
            f'<div class="aa">{Table.from_numbers(numbers).html()}</div></details>'
        )
    return (
        f'<figure aria-labelledby="chart-{number}">'
        f'<figcaption id="chart-{number}">{escaping.escape(visible(title))}</figcaption>'
        f'<div class="chart" data-chart="{number}"></div>{table}</figure>'
    )


def _markdown(source: str, draft: _Draft) -> str:
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = renderer.parse(source)
    for heading, inline in pairwise(tokens):
        if heading.type == "heading_open":
            words = "".join(c.content for c in inline.children or () if c.type in SAID)
            anchor = _anchor(words, draft.anchors)
            heading.attrSet("id", anchor)
            if heading.tag == "h2":
                draft.contents.append((anchor, words))
    return str(renderer.renderer.render(tokens, renderer.options, {}))


def _anchor(words: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "section"
    anchor, number = base, 2
    while anchor in taken:
        anchor, number = f"{base}-{number}", number + 1
    taken.add(anchor)
    return anchor


def _contents(entries: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<li><a href="#{a}">{escaping.escape(words)}</a></li>' for a, words in entries)


def visible_lines(text: str) -> str:
    """Text of several lines with its controls made visible and its line breaks kept."""
    return "\n".join(visible(line) for line in text.split("\n"))


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", ()))


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
