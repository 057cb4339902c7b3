"""What if: two sets of controls side by side, the bill and its range as the hand moves them."""

import html
from collections.abc import Iterator, Mapping

from audit import views
from audit.dashboard.parts import Part, part
from audit.dashboard.state import ACCOUNT, SECOND, State
from audit.errors import InputError
from audit.findings.model import Audit
from audit.scenarios import Outcome, compare
from audit.scenarios.apply import Bills
from audit.scenarios.changes import Change
from audit.scenarios.sliders import Slider, chosen, sliders
from audit.views import words

NAMES = ("Scenario A", "Scenario B")


#: Scenarios of one account that are kept priced.
MOST_KEPT = 64
Kept = dict[tuple[Change, ...], Bills]


def parts(audit: Audit, state: State, kept: Kept) -> Iterator[Part]:
    """The controls, then what they give. ``kept``: what has been priced of this audit."""
    yield part("title", views.title(audit))
    back = html.escape(State(ACCOUNT, audit.organization_id).query())
    yield part(
        "actions",
        f'<div class="ab-actions"><a class="ab-button" href="{back}">Back to the account</a>'
        '<button type="button" data-copy-link>Copy link to these scenarios</button></div>',
    )
    known = sliders(audit)
    if not known:
        said = f"No scenario can be priced: {audit.forecast.reason}"
        yield part("outcome", views.page(said))
        return
    yield part("controls", _controls(known, state))
    yield from outcome(audit, state, kept)


def outcome(audit: Audit, state: State, kept: Kept) -> Iterator[Part]:
    """What the controls give. A value that cannot be is said, and nothing else changes."""
    try:
        wanted = [
            chosen(audit, values, name)
            for name, values in zip(NAMES, (state.first, state.second), strict=True)
        ]
        found = compare(audit, wanted, kept=kept)
    except InputError as error:
        yield part("wrong", _wrong(str(error)))
        return
    for oldest in list(kept)[:-MOST_KEPT]:
        del kept[oldest]
    by_name = {one.scenario.name: one for one in found.outcomes}
    yield part("wrong", "")
    yield part("cards", _cards([by_name[name] for name in NAMES]))
    yield part("outcome", views.scenarios(found), views.scenario_notes(found))


def _wrong(said: str) -> str:
    return f'<p class="ab-problem" role="alert">{html.escape(words.plain_sentence(said))}</p>'


def _cards(found: list[Outcome]) -> str:
    drawn = []
    for one in found:
        year, saving = one.year_to_pay, one.year_saving
        rows = (
            ("Next bill", words.usd(one.next_bill.mean), words.between(one.next_bill)),
            ("To pay in a year", words.usd(year.mean), words.between(year)),
            ("Saves in a year", words.usd(saving.mean), words.between(saving)),
        )
        cells = "".join(
            f"<dt>{label}</dt><dd><b>{amount}</b> "
            f'<span class="aa-note">{between} in 8 of 10 cases</span></dd>'
            for label, amount, between in rows
        )
        drawn.append(
            f'<section class="aa-card"><h3>{html.escape(one.scenario.name)}</h3>'
            f'<dl class="aa-terms">{cells}</dl>'
            f'<p class="aa-note">Estimates, against the account as it is. Costs more in '
            f"{one.chance_of_more_percent:.0f}% of cases.</p></section>"
        )
    return f'<div class="ab-pair">{"".join(drawn)}</div>'


def _controls(known: tuple[Slider, ...], state: State) -> str:
    sets = (("", state.first), (SECOND, state.second))
    drawn = "".join(
        f'<fieldset class="aa-card"><legend>{name}</legend>'
        + "".join(_control(one, prefix, values) for one in known)
        + "</fieldset>"
        for name, (prefix, values) in zip(NAMES, sets, strict=True)
    )
    return (
        f'<form class="ab-pair" data-form="scenarios" aria-label="Scenarios">{drawn}'
        '<button type="reset" class="ab-quiet">As it is</button></form>'
    )


def _control(one: Slider, prefix: str, values: Mapping[str, float]) -> str:
    value = values.get(one.name, one.default)
    name = html.escape(prefix + one.name)
    if (one.low, one.high, one.step) == (0, 1, 1):
        mark = " checked" if value else ""
        return (
            f'<label class="ab-toggle"><input type="checkbox" name="{name}" value="1" '
            f'data-default="0"{mark}><span>{html.escape(one.label)}</span></label>'
        )
    if one.choices:
        options = "".join(
            f'<option value="{place}"{" selected" if place == value else ""}>'
            f"{html.escape(named)}</option>"
            for place, named in enumerate(one.choices)
        )
        return (
            f'<label class="ab-field"><span>{html.escape(one.label)}</span>'
            f'<select name="{name}" data-default="{one.default:g}">{options}</select></label>'
        )
    shared = f'min="{one.low:g}" max="{one.high:g}" step="{one.step:g}" data-default='
    return (
        f'<div class="ab-slider"><label for="ab-{name}">{html.escape(one.label)}</label>'
        f'<input type="range" id="ab-{name}" name="{name}" {shared}"{one.default:g}" '
        f'value="{value:g}"><input type="number" data-beside="{name}" aria-label="'
        f'{html.escape(one.label)}, typed" {shared}"{one.default:g}" value="{value:g}">'
        f'<span class="aa-note">{html.escape(one.unit)}</span></div>'
    )
