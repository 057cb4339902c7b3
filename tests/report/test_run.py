import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from audit import examine
from audit.account import Account
from audit.errors import InputError, RunError, StoreError
from audit.findings.document import write
from audit.open import load_account
from audit.run import _recover, folder_name, run, slug
from audit.store import publish
from audit.views import words
from audit.views.team import TITLE

OWNER = "Ada Insider"

FILES = ["account.zip", "audit.html", "audit.ipynb", "findings.csv", "findings.json"]


PARAMETERS = "store = ''\nout = ''\naudience = 'customer'"


def a_notebook(path, *sources):
    parameters = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    cells = [parameters, *map(nbformat.v4.new_code_cell, sources)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return path


def everything(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Acme, Inc.", "acme-inc"),
        ("../../etc/passwd", "etc-passwd"),
        ("", "organization"),
        ("\u202e\n\x00", "organization"),
        (".hidden", "hidden"),
        ("x" * 10_000, "x" * 40),
        ("CON", "con"),
    ],
)
def test_a_slug_is_short_plain_and_never_empty(name, expected):
    assert slug(name) == expected


@pytest.mark.parametrize(
    "identity", ["../../x", "a/b", "A", "..", "x" * 500, "\u202e", "a b", "a%00b"]
)
def test_a_changed_id_keeps_reports_apart_and_inside_their_folder(account_named, identity):
    name = folder_name(account_named("Acme", identity))

    assert re.fullmatch(r"acme-[a-z0-9_-]*[0-9a-f]{8}", name)
    assert len(name) < 130


def test_a_plain_id_is_left_as_it_is(account_named):
    assert folder_name(account_named("Acme", "0190-a_b")) == "acme-0190-a_b"


@pytest.mark.slow
def test_a_report_has_its_five_files_in_one_folder(hostile_report, hostile):
    folder = hostile_report.folder

    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert folder.parent.name == hostile.as_of.isoformat()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.slow
def test_a_report_tells_nothing_of_the_machine(hostile_report):
    texts = [hostile_report.folder / name for name in FILES if not name.endswith(".zip")]

    for path in texts:
        content = path.read_text(encoding="utf-8")
        for secret in (
            str(Path.home()) + "/",
            sys.prefix,
            tempfile.gettempdir() + "/",
            os.sep + "work",
        ):
            assert secret not in content, path.name


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_the_account_beside_a_report_gives_the_same_report_to_the_byte(second_report, tmp_path):
    kept = Account.load(second_report.account).arguments

    again = run(
        account=second_report.account,
        out=tmp_path,
        as_of=kept["as_of"],
        suppressions=kept["suppressions"],
    )

    assert contents(again.folder) == contents(second_report.folder)


@pytest.mark.slow
def test_the_next_report_says_what_changed_and_keeps_what_it_was_compared_with(
    second_report, hostile_report, hostile
):
    page = second_report.html.read_text(encoding="utf-8")

    names = [*FILES, "previous/account.zip", "previous/findings.json"]
    assert sorted(contents(second_report.folder)) == sorted(names)
    assert contents(second_report.previous.folder) == {
        "account.zip": hostile_report.account.read_bytes(),
        "findings.json": hostile_report.findings.read_bytes(),
    }
    assert f"Since {hostile.as_of.day} Nov 2026 the bill" in page
    assert "No earlier report" in hostile_report.html.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_customers_report_says_nothing_that_is_for_the_team(second_report, hostile):
    for_team = [f for f in examine(hostile, audience="team").findings if f.audience == "team"]
    files = (second_report.html, second_report.notebook, second_report.findings, second_report.rows)
    told = [path.read_text(encoding="utf-8") for path in files]

    secret = {word for f in for_team for word in (f.id, f.check, f.title, f.message)}
    secret |= {words.phrase(finding.check) for finding in for_team}
    secret |= {TITLE, "Health, an approximation", "Signs of leaving", "handover", "lifecycle"}
    assert len(for_team) >= 5
    assert [(word, n) for word in secret for n, text in enumerate(told) if word in text] == []


@pytest.mark.slow
def test_a_customers_page_says_what_is_suppressed_and_not_who_decided_it(second_report):
    page = second_report.html.read_text(encoding="utf-8")
    found = json.loads(second_report.findings.read_text())

    assert "suppressed (1 finding)" in page
    assert OWNER not in page
    assert "never listen" not in page
    assert [one["check"] for one in found["suppressions"]] == ["autocapture_unread"]


@pytest.mark.slow
def test_the_notebook_saw_one_organization_by_a_path_beside_it(hostile_report):
    notebook = nbformat.read(hostile_report.notebook, as_version=4)

    given = notebook.metadata.papermill.parameters
    assert (given.store, given.out) == ("account.zip", ".")


@pytest.mark.slow
def test_parameters_reach_the_notebook_and_the_findings(sample, tmp_path):
    told = []
    result = run(
        account=sample,
        out=tmp_path / "{braces} and spaces",
        as_of="2026-10-20",
        lookback_days=14,
        progress=told.append,
    )

    document = json.loads(result.findings.read_text())
    assert document["as_of"] == "2026-10-20"
    assert document["period"]["days"] == 14
    assert result.folder.parent.name == "2026-10-20"
    assert told[0] == "Reading the account"
    assert any(step.startswith("Cell 3 of ") for step in told)


@pytest.mark.slow
def test_a_failed_run_is_kept_and_leaves_the_last_report_alone(sample, tmp_path):
    broken = a_notebook(
        tmp_path / "broken.ipynb", "1 + 1", "raise ValueError('no such thing')", "2"
    )
    place = tmp_path / sample.as_of.isoformat() / folder_name(sample)
    place.mkdir(parents=True)
    (place / "audit.html").write_text("the last report")

    with pytest.raises(
        RunError, match=r"stopped with ValueError: no such thing\. .*-failed/audit"
    ) as e:
        run(account=sample, out=tmp_path, notebook=broken)

    assert (place / "audit.html").read_text() == "the last report"
    partial = Path(re.search(r"is in (.*)\.$", str(e.value)).group(1))
    notebook = nbformat.read(partial, as_version=4)
    assert "'2'" in str([c.get("outputs") for c in notebook.cells])
    assert str(tmp_path) not in partial.read_text()
    assert sys.prefix not in partial.read_text()
    assert sorted(path.name for path in place.parent.iterdir()) == [
        place.name,
        place.name + "-failed",
    ]


@pytest.mark.slow
def test_a_kernel_that_dies_leaves_what_ran_before(sample, tmp_path):
    deadly = a_notebook(tmp_path / "deadly.ipynb", "40 + 2", "import os; os._exit(3)")

    with pytest.raises(RunError, match="cut off") as caught:
        run(account=sample, out=tmp_path / "out", notebook=deadly)

    partial = Path(re.search(r"is in (.*)\.$", str(caught.value)).group(1))
    assert "'42'" in str([c.get("outputs") for c in nbformat.read(partial, as_version=4).cells])


@pytest.mark.slow
def test_the_notebook_sees_no_keys_of_the_environment(sample, tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOG_API_KEY", "a-secret")
    looks = a_notebook(tmp_path / "looks.ipynb", "import os; raise ValueError(sorted(os.environ))")

    with pytest.raises(RunError) as caught:
        run(account=sample, out=tmp_path / "out", notebook=looks)

    assert "PATH" in str(caught.value)
    assert "POSTHOG" not in str(caught.value)


@pytest.mark.slow
def test_a_run_says_nothing_on_the_terminal(sample, tmp_path, capfd):
    quiet = a_notebook(tmp_path / "quiet.ipynb", "1")

    run(account=sample, out=tmp_path / "out", notebook=quiet)

    assert capfd.readouterr() == ("", "")


def test_a_report_lost_between_two_renames_comes_back(tmp_path):
    (tmp_path / ".acme.before").mkdir()
    (tmp_path / ".acme.before" / "audit.html").write_text("the last report")

    _recover(tmp_path / "acme")

    assert (tmp_path / "acme" / "audit.html").read_text() == "the last report"


@pytest.mark.parametrize("day", ["yesterday", "2025-13-01", "01/02/2025"])
def test_a_day_that_is_none_is_refused_before_anything_is_written(tmp_path, day):
    with pytest.raises(InputError, match="is not a day"):
        run(account=Account("a", {}), out=tmp_path / "out", as_of=day)

    assert everything(tmp_path) == []


def test_a_store_that_is_not_there_leaves_no_trace(tmp_path):
    with pytest.raises(StoreError, match="No store at"):
        run(store=tmp_path / "none.duckdb", organization_id="x", out=tmp_path / "out")

    assert everything(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("parameters", [["-p", "store", "account.zip"], []])
def test_the_command_of_the_readme_makes_the_same_findings_again(
    hostile_report, tmp_path, parameters
):
    folder = tmp_path / "copy"
    shutil.copytree(hostile_report.folder, folder)
    (folder / "findings.json").unlink()

    papermill = [sys.executable, "-m", "papermill", "audit.ipynb", "again.ipynb"]

    done = subprocess.run(
        [*papermill, *parameters, "-p", "out", ".", "--no-progress-bar"],
        cwd=folder,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert "unknown parameter" not in done.stderr
    for name in ("findings.json", "findings.csv", "account.zip"):
        assert (folder / name).read_bytes() == (hostile_report.folder / name).read_bytes(), name


def test_the_command_of_the_readme_is_the_one_that_is_tested():
    readme = Path(__file__).parents[2] / "reports" / "README.md"

    assert "papermill audit.ipynb again.ipynb -p store account.zip -p out ." in readme.read_text()


def test_the_facts_of_another_customer_are_not_written_over(account_named, sample, tmp_path):
    account_named("Acme", "0190-acme").save(tmp_path / "account.zip")
    before = (tmp_path / "account.zip").read_bytes()

    with pytest.raises(InputError, match=r"is of 0190-acme \(Acme\)"):
        write(examine(sample), tmp_path)

    assert everything(tmp_path) == ["account.zip"]
    assert (tmp_path / "account.zip").read_bytes() == before


def test_an_account_in_the_folder_comes_before_the_sample(account_named, tmp_path, monkeypatch):
    account_named("Acme", "0190-acme").save(tmp_path / "account.zip")
    monkeypatch.chdir(tmp_path)

    assert load_account().organization_id == "0190-acme"


def a_store(path, *accounts):
    rows = pd.concat([account["organizations"] for account in accounts], ignore_index=True)
    return str(publish(path, {"organizations": rows}))


def test_a_store_of_several_organizations_wants_a_name(account_named, tmp_path):
    store = a_store(tmp_path / "two.duckdb", account_named("Acme", "a"), account_named("Best", "b"))

    with pytest.raises(InputError, match=r"holds 2 organizations .*a \(Acme\); b \(Best\)\.$"):
        load_account(store=store)


def test_a_store_of_one_organization_wants_no_name(account_named, tmp_path):
    store = a_store(tmp_path / "one.duckdb", account_named("Acme", "a"))

    assert load_account(store=store).name == "Acme"
