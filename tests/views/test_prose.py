"""How the page writes: no long dashes, sentence case, and one counted as one."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from audit import views
from audit.checks import load_checks
from audit.findings.areas import AREAS
from audit.findings.model import Audit

HERE = Path(__file__).parents[2]
CHECKS = load_checks()

#: Everything that a customer may read is written in one of these.
WRITTEN = sorted(
    path
    for pattern in (
        "audit/checks/*.py",
        "audit/facts/*.sql",
        "audit/findings/*.py",
        "audit/health/*.toml",
        "audit/policies/*.toml",
        "audit/pricing/prices/*.toml",
        "audit/queue/handover.py",
        "audit/report/*",
        "audit/views/*",
        "notebooks/*.py",
    )
    for path in HERE.glob(pattern)
    if path.is_file() and path.suffix != ".pyc"
)
LONG_DASH = re.compile("[\u2012-\u2015]|\\\\u201[2-5]")
#: Words that keep their capital inside a title.
NAMES = {"CDP", "LLM", "PostHog", "SHA-256", "USD", "Sales"}


def words_of(text):
    return re.findall(r"[A-Za-z][\w'-]*", text)


def is_sentence_case(title):
    first, *rest = words_of(title)
    return (first[0].isupper() or first in NAMES) and all(
        w[0].islower() or w in NAMES for w in rest
    )


def titles_of_columns():
    for path in sorted((HERE / "audit" / "views").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Column", "_part"):
                name = node.args[0]
                if isinstance(name, ast.Constant) and words_of(name.value):
                    yield name.value


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_no_long_dash_stands_in_what_a_customer_reads(path):
    assert not LONG_DASH.search(path.read_text(encoding="utf-8"))


def takes_an_audit(view):
    """Not so the views of a plan, of ROI or of a portfolio, whose own tests read them."""
    first = next(iter(inspect.signature(view).parameters.values()))
    return first.annotation is Audit


def test_a_page_of_everything_has_no_long_dash(a_full_audit):
    every = [n for n in views.__all__ if n[0].islower() and n not in ("page", "written", "team")]
    every = [name for name in every if takes_an_audit(getattr(views, name))]
    assert len(every) > 15
    shown = [getattr(views, name)(a_full_audit)._repr_mimebundle_() for name in every]

    assert not LONG_DASH.search(str(shown))


def test_columns_and_parts_are_in_sentence_case():
    titles = list(titles_of_columns())

    assert len(titles) > 40
    assert [title for title in titles if not is_sentence_case(title)] == []


def test_sections_and_areas_are_in_sentence_case():
    source = (HERE / "notebooks" / "account_audit.py").read_text(encoding="utf-8")
    titles = [*re.findall(r"^# #+ (.*)$", source, re.MULTILINE), *(a.title for a in AREAS.values())]

    assert len(titles) > 25
    assert [title for title in titles if not is_sentence_case(title)] == []


class One:
    """A fact row in which every number is one."""

    def __getattr__(self, name):
        return "Acme" if name.endswith("_name") else 1


#: Nouns in the plural behind a lone 1; "1 times its level" is a ratio.
PLURAL = re.compile(
    r"(?<![\d.,$%-])1 (?:[a-z]+ )?(?!times (?:its|the)\b)"
    r"(?:days|times|events|flags|bills|destinations|tables|merges|servers|refunds|people|"
    r"organizations|queries|generations|projects)\b"
)
#: Flagged only far above one, where the sentence needs no singular.
MANY = {
    "actions_absent",
    "advice_not_followed",
    "browser_extension_pattern",
    "cohorts_absent",
    "error_tracking_silent",
    "events_falling",
    "events_per_person_high",
    "experiment_running_for_months",
    "heatmaps_off",
    "insights_not_viewed",
    "internal_users_unfiltered",
    "no_reverse_proxy",
    "queries_failing",
    "revenue_not_measured",
    "sdk_outdated",
    "survey_running_for_months",
    "throwaway_ids_on_server_flags",
}


@pytest.mark.parametrize("name", sorted(set(CHECKS) - MANY))
def test_one_is_written_in_the_singular(name):
    message = CHECKS[name].function("message")

    assert message is None or not PLURAL.search(message(One()))
