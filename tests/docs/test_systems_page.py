"""docs/systems.md: its commands run in order against the fakes, and its settings are settings."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from datetime import date

import pytest
from typer.testing import CliRunner

from audit.cli.app import app
from audit.docs import FOLDER
from audit.sources.sample import portfolio
from audit.testing import FakeSystems
from audit.web.keys import READ, WRITE
from audit.web.systems import Systems

PAGE = (FOLDER / "systems.md").read_text("utf-8")
AS_OF = date(2026, 11, 1)

#: Every system the seed names, and Slack and Salesforce beside them.
NAMED = (
    *("Vitally", "Metabase", "Stripe", "Billing Admin", "Calendly", "BuildBetter", "QuoteHog"),
    *("Zendesk", "Slack", "Salesforce", "Loom", "PostHog warehouse"),
)


@pytest.mark.slow
def test_the_commands_of_the_page_run_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    (block,) = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    with FakeSystems(portfolio(12, as_of=AS_OF).tables, AS_OF) as fakes:
        fakes.write(tmp_path)
        for line in block.splitlines():
            result = CliRunner(env=fakes.keys).invoke(app, shlex.split(line)[2:], "audit")
            assert result.exit_code == 0, (line, result.output)


def test_the_settings_of_the_page_are_settings():
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

    systems = Systems(**tomllib.loads(block)["systems"])

    assert all(getattr(systems, name) is not None for name in Systems.model_fields)


def test_every_named_system_has_a_row_and_every_key_is_named():
    rows = {line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("| ")}

    assert set(NAMED) <= rows
    for place in (*READ.values(), *WRITE.values()):
        assert place.variable in PAGE


def test_the_code_of_the_page_runs(capsys):
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    exec(block, {})

    assert capsys.readouterr().out.startswith("http://127.0.0.1:")


@pytest.mark.slow
def test_the_fakes_can_be_started_by_hand(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "audit.testing", str(tmp_path / "here")],
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        lines = [running.stdout.readline() for _ in range(4)]
        settings = tomllib.loads((tmp_path / "here" / "audit.toml").read_text())
        running.terminate()

    assert "audit pull --portfolio" in lines[3]
    assert Systems(**settings["systems"]).vitally is not None
    assert json.dumps(settings)
