"""``findings``, ``scan``, ``list`` and ``checks``: what they show, and their exit codes."""

import csv
import io
import json
from decimal import Decimal

import pandas as pd
import pytest

from audit import examine, load_account, scan
from audit.cli.options import FailOn, exit_code
from audit.cli.output import product_name, progress
from audit.pricing import Catalogue
from audit.store import publish

URGENT = "Rowan Labs Oy"
#: An area with every outcome in the sample.
AREA = "product_analytics"
GAPPED = "Kite & Key Press Ltd"
HOSTILE = (
    "=cmd|' /C calc'!A0 [red]x[/] [/bold] \x1b[2J\x1b]0;owned\x07 \u202egnp.exe \x9b31m\r\nEND"
)


@pytest.fixture(scope="module")
def hostile_store(tables, tmp_path_factory):
    """The sample with an organization and projects that try to take over a terminal."""
    names = tables["organizations"].copy()
    chosen = names["name"] == URGENT
    identity = names.loc[chosen, "organization_id"].iloc[0]
    names.loc[chosen, "name"] = HOSTILE
    projects = tables["projects"].copy()
    projects["name"] = HOSTILE
    changed = {**tables, "organizations": names, "projects": projects}
    path = tmp_path_factory.mktemp("hostile") / "store.duckdb"
    return str(publish(path, changed)), identity


def test_findings_shows_the_joint_saving_and_marks_every_dollar(audit, sample_store):
    found = examine(load_account(URGENT, store=sample_store))

    result = audit("findings", URGENT, "--store", sample_store)

    assert result.exit_code == 0
    assert f"Joint saving ${found.joint_saving:,.2f} a billing month (estimate)" in result.stdout
    assert "alone, on top: USD a billing month, estimate." in result.stdout
    for one in found.findings:
        assert one.id in result.stdout
        assert f"${one.saving.on_top:,.2f}" in result.stdout


def test_a_bill_of_the_vendor_is_marked_actual(audit, tables, tmp_path):
    identity = tables["organizations"]["organization_id"].iloc[0]
    line = {
        "organization_id": identity,
        "period_start": "2026-09-01",
        "period_end": "2026-10-01",
        "product": "session_replay",
        "amount_usd": "12.50",
        "is_complete": True,
    }
    lines = pd.DataFrame([line, {**line, "product": "logs", "amount_usd": "0.25"}])
    publish(tmp_path / "audit.duckdb", {**tables, "bill_lines": lines})

    result = audit("findings", identity)

    assert "Billed $12.75 from 2026-09-01 to before 2026-10-01 (actual)." in result.stdout


def test_findings_as_json_is_the_document(audit, sample_store):
    from audit import document

    result = audit("findings", URGENT, "--store", sample_store, "--json")

    assert json.loads(result.stdout) == document(examine(load_account(URGENT, store=sample_store)))
    assert result.stdout.isascii()


def test_findings_as_csv_has_a_row_for_each(audit, sample_store):
    result = audit("findings", URGENT, "--store", sample_store, "--csv")

    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["id"] for row in rows] == [
        one.id for one in examine(load_account(URGENT, store=sample_store)).findings
    ]


def test_what_could_not_be_evaluated_is_said_with_its_reason(audit, sample_store):
    gaps = examine(load_account(GAPPED, store=sample_store)).not_evaluated

    result = audit("findings", GAPPED, "--store", sample_store)

    assert gaps
    assert all(gap.check in result.stdout and gap.missing in result.stdout for gap in gaps)


@pytest.fixture(scope="module")
def organizations(sample_store):
    """An organization for each kind of outcome, by what an audit of the sample finds."""
    rows = scan(sample_store, only=[AREA]).organizations.set_index("organization_id")
    whole = rows[rows["not_evaluated"] == 0]
    return {
        "urgent": whole[whole["needs_action"] > 0].index[0],
        "gentle": whole[(whole["findings"] > 0) & (whole["needs_action"] == 0)].index[0],
        "clean": whole[whole["findings"] == 0].index[0],
        "gapped": rows[(rows["not_evaluated"] > 0) & (rows["findings"] == 0)].index[0],
    }


@pytest.mark.parametrize(
    ("kind", "options", "code"),
    [
        ("urgent", [], 0),
        ("urgent", ["--fail-on", "needs_action"], 1),
        ("gentle", ["--fail-on", "needs_action"], 0),
        ("gentle", ["--fail-on", "worth_attention"], 1),
        ("gentle", ["--fail-on", "opportunity"], 1),
        ("gentle", ["--fail-on", "none", "--strict"], 0),
        ("clean", ["--fail-on", "opportunity", "--strict"], 0),
        ("gapped", [], 0),
        ("gapped", ["--fail-on", "opportunity", "--strict"], 3),
    ],
)
def test_exit_codes_of_findings(audit, sample_store, organizations, kind, options, code):
    asked = (organizations[kind], "--store", sample_store, "--only", AREA)

    result = audit("findings", *asked, *options)

    assert result.exit_code == code


def test_a_finding_goes_before_a_gap():
    assert exit_code(["needs_action"], 1, FailOn.OPPORTUNITY, strict=True) == 1


def test_thresholds_of_the_settings_file_decide(audit, sample_store, tmp_path):
    (tmp_path / "audit.toml").write_text("[thresholds.autocapture_unread]\nautocapture_percent=100")
    arguments = ("findings", "Marigold & Daughters", "--store", sample_store)

    assert "autocapture_unread" not in audit(*arguments).stdout


def test_scan_ranks_by_joint_saving(audit, sample_store):
    rows = json.loads(audit("scan", "--store", sample_store, "--json").stdout)

    savings = [Decimal(row["joint_saving_usd"]) for row in rows]
    assert len(rows) == 12
    assert savings == sorted(savings, reverse=True)
    first = load_account(rows[0]["organization_id"], store=sample_store)
    assert savings[0] == examine(first).joint_saving
    assert {(row["basis"], row["period"]) for row in rows} == {("estimate", "billing month")}


def test_scan_shows_as_many_as_asked_for(audit, sample_store):
    def shown(top):
        return len(
            json.loads(audit("scan", "--top", top, "--store", sample_store, "--json").stdout)
        )

    assert (shown("3"), shown("0")) == (3, 12)


def test_scan_looks_at_all_for_its_exit_code_not_only_at_those_it_shows(audit, sample_store):
    result = audit("scan", "--top", "1", "--strict", "--store", sample_store)

    assert result.exit_code == 3


def test_names_have_no_power_over_a_terminal(audit, hostile_store):
    store, identity = hostile_store
    for arguments in (["list"], ["scan"], ["findings", identity], ["findings", identity, "--json"]):
        shown = audit(*arguments, "--store", store).output

        assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e", "\r"}
        assert "[red]x[/] [/bold]" in shown or "[red]x[/]" in shown.replace("\n", " ")


def test_explain_shows_hostile_names_as_text(audit, hostile_store):
    store, identity = hostile_store
    found = json.loads(audit("findings", identity, "--store", store, "--json").stdout)["findings"]

    shown = audit("explain", found[0]["id"], "--store", store).output

    assert "[U+001B][2J" in shown
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e", "\r"}


def test_an_endless_name_does_not_flood_the_terminal(audit, tables, tmp_path):
    names = tables["organizations"].assign(name="n" * 100_000)
    publish(tmp_path / "audit.duckdb", {**tables, "organizations": names})

    assert len(audit("list").stdout) < 12 * 4_000


def test_names_in_csv_are_no_formulas(audit, hostile_store):
    store, _ = hostile_store

    rows = list(csv.DictReader(io.StringIO(audit("scan", "--csv", "--store", store).stdout)))

    assert any(row["name"].startswith("'=cmd|") for row in rows)


def test_list_gives_programs_plain_values(audit, sample_store):
    rows = json.loads(audit("list", "--store", sample_store, "--json").stdout)

    assert {row["as_of"] for row in rows} == {"2026-11-01"}
    assert URGENT in [row["name"] for row in rows]


def test_checks_shows_thresholds_in_force_with_bounds_and_who_set_them(audit, tmp_path):
    (tmp_path / "audit.toml").write_text("[thresholds.autocapture_unread]\nautocapture_percent=40")

    [check] = json.loads(audit("checks", "autocapture_unread", "--json").stdout)

    assert check["thresholds"] == [
        {
            "name": "autocapture_percent",
            "value": 40,
            "default": 50,
            "low": 0,
            "high": 100,
            "source": "your audit.toml",
        }
    ]


def test_findings_says_what_the_bill_is_made_of(audit, sample_store):
    found = examine(load_account(URGENT, store=sample_store))

    shown = audit("findings", URGENT, "--store", sample_store).stdout

    assert (
        f"Bill ${found.bill.total:,.2f} a billing month (estimate: {found.quantities_of})." in shown
    )


@pytest.fixture
def unknown_usage(tables, tmp_path):
    """The sample's first organization, of whose usage nothing could be read."""
    identity = tables["organizations"]["organization_id"].iloc[0]
    own = {n: f[f["organization_id"] == identity] for n, f in tables.items() if len(f)}
    own = {n: f.iloc[:0] if n.startswith(("usage", "bill_lines")) else f for n, f in own.items()}
    coverage = own["coverage"].copy()
    unread = coverage["subject"].str.startswith(("usage", "bill_lines"))
    coverage.loc[unread, ["complete", "reason"]] = [False, "It could not be read."]
    own["subscriptions"] = own["subscriptions"].iloc[:0]
    publish(tmp_path / "audit.duckdb", {**own, "coverage": coverage})
    return identity


def test_a_bill_of_unknown_usage_is_unknown_not_nothing(audit, unknown_usage):
    assert not examine(load_account(unknown_usage, store="audit.duckdb")).usage_is_known

    shown = audit("findings", unknown_usage).stdout

    assert "Bill unknown: no usage of these days is known." in shown
    assert "Joint saving unknown, from " in shown
    assert "$0.00" not in shown


def test_findings_of_one_project_say_that_the_bill_is_of_all(audit, sample_store):
    projects = load_account(URGENT, store=sample_store)["projects"]
    identity, name = projects["project_id"].iloc[0], projects["name"].iloc[0]

    shown = audit("findings", URGENT, "--store", sample_store, "--project", identity).stdout

    assert f"Findings of project {name} only; the bill is the whole organization's." in shown


def test_products_and_severities_go_by_their_names(audit, sample_store):
    shown = audit("findings", URGENT, "--store", sample_store).stdout
    found = examine(load_account(URGENT, store=sample_store))
    products = [f.product for f in found.findings if f.product and not f.project_name]

    assert "needs action" in shown
    assert "needs_action" not in shown
    for product in products:
        assert f"in {product_name(product)}; " in shown


@pytest.mark.parametrize(
    "arguments",
    [["list"], ["scan"], ["findings", URGENT], ["findings", GAPPED], ["price", "--list"]],
)
def test_a_table_wraps_where_there_are_80_columns_and_loses_no_word(audit, sample_store, arguments):
    if arguments[0] != "price":
        arguments = [*arguments, "--store", sample_store]
    wide = audit(*arguments, COLUMNS="200").stdout
    narrow = audit(*arguments, COLUMNS="80").stdout

    lines = [line for line in narrow.splitlines() if "\u2500" not in line]
    table = [line for line in lines if line.endswith(" ") or len(line.split("   ")) > 2]
    assert max(map(len, table)) <= 80
    assert {w for w in wide.split() if "\u2500" not in w} <= set(narrow.split())


def test_a_threshold_is_written_out(audit):
    [check] = [
        one
        for one in json.loads(audit("checks", "--json").stdout)
        if any(t["high"] >= 1_000_000 for t in one["thresholds"])
    ][:1]

    shown = audit("checks", check["name"]).stdout

    assert "1,000,000" in shown
    assert "e+0" not in shown


def test_one_organization_is_not_many(audit, tables, tmp_path):
    identity = tables["organizations"]["organization_id"].iloc[0]
    one = {n: f[f["organization_id"] == identity] for n, f in tables.items()}
    publish(tmp_path / "audit.duckdb", one)

    assert "1 organization in audit.duckdb." in audit("list").stdout
    assert "1 of 1 organization in audit.duckdb;" in audit("scan").stdout


def test_made_up_gaps_are_said_to_be_there_on_purpose(audit):
    assert "on purpose: one organization in twelve lacks something" in audit("sample").stdout


def test_files_says_the_day_it_assumed_and_why(audit, tmp_path):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "u.csv").write_text("day,product,quantity\n2026-04-15,Surveys,9\n")

    derived = audit("files", "exports").stdout
    given = audit("files", "exports", "--as-of", "2026-04-17").stdout

    assert "as_of is 2026-04-16, the day after the newest day of usage (u.csv)." in derived
    assert "as_of is 2026-04-17, given with --as-of." in given


def test_an_unknown_product_is_said_when_loaded_and_when_judged(audit, tmp_path):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "u.csv").write_text(
        "day,product,quantity\n2026-04-15,Surveys,9\n2026-04-15,Widgets,9\n"
    )

    loaded = audit("files", "exports", "--organization", "acme").stdout
    judged = audit("findings", "acme").stdout

    assert "Warning (usage_daily): u.csv names products unknown here" in loaded
    assert "9 units of Widgets are not on the bill" in judged


def test_explain_of_files_pairs_columns(audit, tmp_path):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "u.csv").write_text("day,product,count\n2026-04-15,Surveys,9\n")

    shown = audit("files", "--explain", "exports").stdout
    [seen] = json.loads(audit("files", "--explain", "exports", "--json").stdout)

    assert "columns: day -> day, product -> usage_type, count -> quantity" in shown
    assert seen["columns_as"] == {"day": "day", "product": "usage_type", "count": "quantity"}


def test_steps_that_count_are_a_few_lines_where_nobody_watches(capsys):
    with progress("run") as step:
        step("Reading the account")
        for cell in range(1, 33):
            step(f"Cell {cell} of 32")

    said = capsys.readouterr().err.splitlines()
    assert said[:3] == ["run: Reading the account", "run: Cell 1 of 32", "run: Cell 5 of 32"]
    assert said[-1] == "run: Cell 32 of 32"
    assert len(said) == 9


def test_checks_lists_every_check(audit):
    from audit.checks import load_checks

    shown = audit("checks").stdout

    assert all(name in shown for name in load_checks())


def test_price_agrees_with_its_tiers(audit):
    result = audit("price", "session_replay=150000", "--on", "2026-11-01", "--json")

    found = json.loads(result.stdout)
    [line] = found["lines"]
    # 10,000 at 0.005, 35,000 at 0.0035 and 100,000 at 0.002 USD above the 5,000 free ones.
    assert (found["total"], line["amount"]) == ("372.50", "372.50")
    assert sum(Decimal(tier["amount"]) for tier in line["tiers"]) == Decimal("372.5")


def test_price_takes_own_tiers(audit, tmp_path):
    tiers = [{"up_to": 5000, "unit_amount_usd": "0"}, {"up_to": None, "unit_amount_usd": "0.004"}]
    (tmp_path / "own.json").write_text(json.dumps({"session_replay": tiers}))

    result = audit("price", "session_replay=6000", "--tiers", "own.json")

    assert "Total $4.00 a billing month (estimate at the prices in own.json" in result.stdout


def test_price_holds_to_a_limit_then_takes_discounts_then_credit(audit):
    result = audit(
        *("price", "session_replay=150000", "--on", "2026-11-01", "--json"),
        *("--limit", "session_replay=200", "--discount-percent", "20"),
        *("--discount-amount", "10", "--credit", "5.50"),
    )

    # 372.50 is held to 250, of which 20 percent off is the limit of 200; 200 - 10 - 5.50.
    found = json.loads(result.stdout)
    assert (found["subtotal"], found["discount"], found["credit"], found["total"]) == (
        "250.00", "60.00", "5.50", "184.50",
    )  # fmt: skip
    assert found["limited"] == {
        "session_replay": {"limit_usd": "200.00", "amount_before_limit": "372.50"}
    }


def test_price_shows_what_was_taken_off(audit):
    shown = audit("price", "session_replay=150000", "--on", "2026-11-01", "--credit", "5").stdout

    assert "-$5.00" in shown
    assert "Total $367.50 a billing month" in shown


def test_price_lists_every_product_with_its_allowance_and_first_price(audit):
    listed = json.loads(audit("price", "--list", "--on", "2026-11-01", "--json").stdout)
    by_product = {one["product"]: one for one in listed}
    shown = audit("price", "--list", "--on", "2026-11-01").stdout

    assert set(by_product) == set(Catalogue.load().products)
    assert by_product["session_replay"] == {
        "product": "session_replay",
        "name": "Session replay (web)",
        "unit": "recording",
        "free_allowance": 5000,
        "all_free": False,
        "first_paid_unit_amount_usd": "0.005",
        "flat_amount_usd": None,
        "on": "2026-11-01",
        "not_sold": "",
    }
    assert by_product["scale"]["flat_amount_usd"] == "750"
    assert by_product["data_pipelines"]["not_sold"] == "no public price on 2026-11-01"
    assert all(name in shown for name in by_product)
    assert "$0.005 per recording" in shown
