"""docs/command.md and every --help say what works: each example is run, or at least parsed."""

import json
import re
import shlex
import shutil
from datetime import date
from pathlib import Path

import pytest
import typer
from fake_posthog import KEY
from typer.testing import CliRunner

from audit import examine, load_account, write
from audit.cli.app import app
from audit.run import folder_name
from audit.testing import FakeSystems

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "command.md").read_text("utf-8")
COMMANDS = sorted(typer.main.get_command(app).commands)
AS_OF = date(2026, 11, 1)
BILLING = ROOT / "tests" / "data" / "billing"


def documented():
    """(arguments, exit code, expected output or "") of each example on the page, in order."""
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = example.partition("\n")
            line, _, code = line.partition("  # exit ")
            yield shlex.split(line)[1:], int(code or 0), output


def help_of(command):
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0, result.output
    return result.output


def examples(text):
    lines = [line.strip() for line in text.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("audit ")]


@pytest.fixture
def fakes(tables):
    with FakeSystems(tables, AS_OF) as systems:
        yield systems


@pytest.mark.slow
def test_every_documented_example_does_what_the_page_says(audit, vendor, fakes, tmp_path):
    (tmp_path / "exports").mkdir()
    for name in ("overview_paid.json", "usage_series.json"):
        shutil.copy(BILLING / name, tmp_path / "exports" / name)
    contract = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1]
    (tmp_path / "contract.json").write_text(contract)
    usage = re.search(r"```csv\n(.*?)```", PAGE, re.DOTALL)[1]
    (tmp_path / "usage.csv").write_text(usage)
    (tmp_path / "accounts.txt").write_text("Kite & Key Press Ltd\n")
    known = {"AUDIT_HOST": vendor.url, "POSTHOG_PERSONAL_API_KEY": KEY}
    known |= {k: v for k, v in fakes.keys.items() if k not in known}
    others = {name: given for name, given in fakes.settings.items() if name != "warehouse"}
    known["AUDIT_SYSTEMS"] = json.dumps(others)

    for arguments, code, output in documented():
        if arguments[0] == "run":
            # test_run.py runs the notebook, in a process of its own; these are its other files.
            account = load_account(arguments[1], store="audit.duckdb")
            folder = Path("reports") / account.as_of.isoformat() / folder_name(account)
            write(examine(account), folder)
            continue
        result = audit(*arguments, **known)

        assert result.exit_code == code, (arguments, result.output)
        assert not output or result.stdout == output
        assert KEY not in result.output


def test_the_page_has_an_example_of_every_command():
    assert {arguments[0] for arguments, _, _ in documented()} == set(COMMANDS)


def test_the_documented_settings_are_accepted(audit, tmp_path):
    (tmp_path / "audit.toml").write_text(re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1])

    result = audit("checks", "autocapture_unread")

    assert result.exit_code == 0
    assert "your audit.toml" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples_that_parse(command):
    found = [e for e in examples(help_of(command)) if e[0] == command]

    assert len(found) >= 2
    parser = typer.main.get_command(app).commands[command]
    for arguments in found:
        parser.make_context(command, arguments[1:])


def test_the_first_help_names_every_command_and_exit_code(audit):
    page = audit().output

    assert all(re.search(rf"^  {command}\b", page, re.MULTILINE) for command in COMMANDS)
    assert all(f"\n    {code}  " in page for code in range(5))
