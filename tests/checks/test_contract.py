"""What a check module promises, and how a broken one is refused."""

from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

import audit.checks
from audit.checks import Area, Effort, Percent, Severity, load_checks
from audit.checks.contract import NO_CHECKS, SECTIONS, read_check
from audit.errors import SettingsError
from audit.facts.runner import Facts
from audit.findings.flags import Rows, run, scope_of

PAGE = "Flag moons.\n\n" + "\n\n".join(f"{section}: text." for section in SECTIONS)


def module(flag=lambda events: events > 0, doc=PAGE, **names):
    made = ModuleType("audit.checks.moons", doc)
    made.__dict__.update(
        {"SEVERITY": Severity.OPPORTUNITY, "EFFORT": Effort.SETTING, "DOCS": "https://x"}
        | {"AREA": Area.PLATFORM, "RULES": ("A00",)}
    )
    made.__dict__.update({"flag": flag, **names})
    return made


def without(name):
    made = module()
    delattr(made, name)
    return made


def test_checks_are_found_by_file_name():
    folder = Path(audit.checks.__file__).parent

    files = {path.stem for path in folder.glob("*.py")} - {"__init__", *NO_CHECKS}

    assert list(load_checks()) == sorted(files)
    assert len(files) >= 14


@pytest.mark.parametrize("check", load_checks().values(), ids=lambda check: check.name)
def test_every_check_has_a_page_a_link_and_reads_after_flag(check):
    assert check.docs.startswith("https://posthog.com/")
    assert all(check.sections[section] for section in SECTIONS)
    assert check.module.__doc__.startswith("Flag ")
    assert all(t.bounds.low <= t.default <= t.bounds.high for t in check.thresholds.values())


@pytest.mark.parametrize("check", load_checks().values(), ids=lambda check: check.name)
def test_every_threshold_of_a_check_stands_in_its_page_or_its_cut(check):
    in_flag = set(check.thresholds) & set(check.flag.__kwdefaults__ or {})

    page = " ".join(check.sections.values())

    assert [name for name in in_flag if name not in page] == []


@pytest.mark.parametrize("name", ["SEVERITY", "EFFORT", "DOCS", "AREA", "RULES", "flag"])
def test_a_module_that_lacks_something_is_refused(name):
    with pytest.raises(SettingsError, match=rf"checks/moons\.py has no {name}\. See docs/checks"):
        read_check(without(name))


@pytest.mark.parametrize("section", SECTIONS)
def test_a_page_that_lacks_a_paragraph_is_refused(section):
    with pytest.raises(SettingsError, match=rf"missing: {section}\."):
        read_check(module(doc=PAGE.replace(f"{section}: text.", "")))


def test_a_page_that_does_not_start_with_flag_is_refused():
    with pytest.raises(SettingsError, match=r"the docstring starts with 'Flag \.\.\.'"):
        read_check(module(doc=PAGE.removeprefix("Flag ")))


def test_a_threshold_needs_bounds_a_default_and_its_unit():
    def no_bounds(events, *, x_percent=5):
        pass

    def no_default(events, *, x_percent: Percent):
        pass

    def no_unit(events, *, x: Percent = 5):
        pass

    for flag, said in (
        (no_bounds, "needs a bounded type"),
        (no_default, "and a default"),
        (no_unit, "does not end in its unit"),
    ):
        with pytest.raises(SettingsError, match=said):
            read_check(module(flag))


def facts(**scopes):
    frames = {}
    for scope, names in scopes.items():
        key = {"organization_id": ["a"], "key": [0], "organization_key": [0]}
        if scope != "organization":
            key["project_id" if scope == "project" else "product"] = ["1"]
        frames[scope] = pd.DataFrame({**key, **{name: [1.0] for name in names}})
    return Facts(frames, {})


def test_a_fact_no_file_computes_is_refused_with_those_there_are():
    check = read_check(module(lambda moons: moons > 0))

    with pytest.raises(SettingsError, match=r"fact 'moons', which no SQL file in facts/ computes"):
        scope_of(check, facts(organization=["group_events"]))


def test_facts_of_projects_and_products_do_not_mix():
    check = read_check(module(lambda events, product_users: events > 0))

    with pytest.raises(SettingsError, match="mixes facts of projects and of products"):
        scope_of(check, facts(project=["events"], product=["product_users"], organization=[]))


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_cut_outside_0_to_1_is_an_error_of_the_check(share):
    check = read_check(module(cut=lambda meter: meter.map(lambda _: share)))
    rows = pd.DataFrame({"meter": pd.Categorical(["x"])})
    at = {"project": pd.Series([0]).to_numpy()}

    verdict = run(check, facts(project=["events"], organization=[]), Rows(rows, at), {}, None)

    assert "checks/moons.py: cut returned shares outside 0 to 1" in verdict.error
    assert not len(verdict.flagged)


def test_a_check_that_raises_has_found_nothing_and_says_why():
    def flag(events):
        raise ZeroDivisionError("division by zero")

    rows = Rows(pd.DataFrame({"meter": pd.Categorical(["x"])}), {})

    verdict = run(
        read_check(module(flag=flag)), facts(project=["events"], organization=[]), rows, {}, None
    )

    assert verdict.error == "the check failed with ZeroDivisionError: division by zero"
    assert not len(verdict.flagged)
