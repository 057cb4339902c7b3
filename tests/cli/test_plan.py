"""``audit plan``: the recommendation, its tables, its JSON, and what is refused."""

import json

import pytest

QUARRY = "Quarry Outdoors Inc"
NOW = ("--policy", "2026-11")


@pytest.fixture
def plan(audit, sample_store):
    return lambda *arguments: audit("plan", *arguments, "--store", sample_store, "--draws", "500")


def test_it_says_the_rules_the_levers_and_that_it_is_an_estimate(plan):
    result = plan(QUARRY, *NOW)

    assert result.exit_code == 0, result.output
    for part in (
        "Priced by rule set levers of policy 2026-11",
        "in force 2026-11-01",
        "+5% pending written commitment, not counted",
        "(estimate)",
        "Sales confirms the discount and the order form.",
        "way to pay",
        "scenario",
        "Buying up costs no more",
    ):
        assert part in result.stdout


def test_the_default_policy_prices_by_the_flat_rule_of_mid_2025(plan):
    found = json.loads(plan(QUARRY, "--json").stdout)

    assert found["rule_set"]["name"] == "flat"
    assert found["rule_set"]["policy"] == "2025-06"
    assert {one["levers"]["counted_percent"] for one in found["alternatives"] if one["levers"]} <= {
        10.0,
        20.0,
    }


def test_another_rule_set_comes_with_its_own_date(plan):
    found = json.loads(plan(QUARRY, "--rules", "levers", "--json").stdout)

    assert (found["rule_set"]["policy"], found["rule_set"]["first_day"]) == (
        "2026-11",
        "2026-11-01",
    )
    assert found["organization_name"] == QUARRY


def test_terms_and_assumptions_reach_the_answer(plan):
    found = json.loads(
        plan(
            QUARRY,
            *NOW,
            "--json",
            *("--commitment", "40000", "--years", "3", "--upfront", "--payment-days", "45"),
            *("--renewal-percent", "50", "--growth-percent", "-20", "--most-loss-percent", "5"),
        ).stdout
    )

    own = next(one for one in found["alternatives"] if one["name"] == "own")
    assert own["levers"]["counted_percent"] == 27.5  # 20 + 5 + 5 - 2.5
    assert own["commitment_usd"] == "40000.00"
    assert found["assumptions"]["renewal_percent"] == 50
    assert [one["name"] for one in found["sales_table"]] == [
        "floor",
        "base",
        "bull",
        "growth",
        "post_fix_floor",
        "shrink",
    ]


def test_eligibility_is_read_from_the_account(plan):
    found = json.loads(plan(QUARRY, *NOW, "--json").stdout)["self_serve"]

    assert found["eligible"] is False
    assert [one["claim"] for one in found["claims"] if one["holds"] is False] == [
        "not on a legacy plan"
    ]


def test_the_cost_of_committing_before_the_fixes_is_shown(plan):
    assert "before the fixes" in plan(QUARRY, *NOW).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--rules", "lever"), "No rule set 'lever'. Nearest: levers"),
        (("--rules", "levers", "--commitment", "9000"), "under the minimum of $25,000"),
        (("--commitment", "nan"), "A commitment of nan USD is none"),
        (("--growth-percent", "-150"), "cannot fall by more than all of it"),
        (("--years", "0"), "A plan of 0 years is none"),
        (("--renewal-percent", "120"), "outside 0 to 100"),
    ],
)
def test_what_cannot_be_meant_is_one_line_and_code_2(plan, arguments, said):
    result = plan(QUARRY, *arguments)

    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_an_account_whose_days_are_not_known_is_told_to_wait(audit, tables, tmp_path):
    from audit.store import publish

    organization = tables["organizations"]["organization_id"].iloc[0]
    without = {
        name: frame.iloc[:0] if name in ("usage_daily", "usage_rows", "bill_lines") else frame
        for name, frame in tables.items()
    }
    store = str(publish(tmp_path / "empty.duckdb", without))

    result = audit("plan", organization, "--store", store, "--draws", "100")
    assert result.exit_code == 0
    assert "Only 0 days of history are known, and 90 are needed" in result.stdout


def test_a_store_that_was_pulled_over_http_has_a_plan_too(audit, vendor, tmp_path):
    from fake_posthog import KEY

    keyed = {"POSTHOG_PERSONAL_API_KEY": KEY}
    pulled = audit("pull", "--current", "--host", vendor.url, "--store", "pulled.duckdb", **keyed)
    assert pulled.exit_code == 0, pulled.output

    listed = json.loads(audit("list", "--store", "pulled.duckdb", "--json").stdout)
    (one,) = listed if isinstance(listed, list) else listed["organizations"]
    result = audit(
        "plan", one["organization_id"], *NOW, "--store", "pulled.duckdb", "--draws", "200", "--json"
    )

    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["alternatives"][0]["name"] == "monthly"
    assert found["rule_set"]["name"] == "levers"
