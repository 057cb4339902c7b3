"""The files of docs/scheduling do what the page says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "scheduling"
HOME = "/srv/audit"


@pytest.fixture
def home(store, tmp_path):
    """Where the store is, with this environment's command in the place of the documented one."""
    folder = tmp_path / "srv"
    (folder / ".venv").mkdir(parents=True)
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    shutil.copy(store, folder / "audit.duckdb")
    return folder


def there(text, home):
    return text.replace(HOME, str(home))


@pytest.mark.slow
def test_the_line_of_cron_makes_reports_in_an_empty_environment(home):
    *settings, line = there((FOLDER / "audit.cron").read_text(), home).splitlines()
    known = dict(one.split("=", 1) for one in settings)
    when, command = re.fullmatch(r"((?:\S+ ){5})(.*)", line).groups()

    done = subprocess.run(
        ["env", "-i", *(f"{k}={v}" for k, v in known.items()), known["SHELL"], "-c", command],
        capture_output=True,
        text=True,
        check=False,
    )

    assert when == "30 2 * * 1-5 "
    assert done.returncode == 0, done.stderr
    assert (home / "reports" / "index.html").is_file()


@pytest.mark.systemd
def test_systemd_takes_the_units(home, tmp_path):
    for name in ("audit-batch.service", "audit-batch.timer"):
        text = there((FOLDER / name).read_text(), home).replace("User=audit\n", "")
        (tmp_path / name).write_text(text)

    done = subprocess.run(
        [
            "systemd-analyze",
            "verify",
            "--recursive-errors=yes",
            tmp_path / "audit-batch.timer",
            tmp_path / "audit-batch.service",
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_the_unit_runs_the_command_of_cron():
    unit = (FOLDER / "audit-batch.service").read_text()
    started = re.search(r"ExecStart=\S+/audit (.*)", unit)[1]

    assert (FOLDER / "audit.cron").read_text().rstrip().endswith(started)
