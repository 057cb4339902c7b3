"""The command as a process of its own: exit codes, what it imports, and how it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"pandas", "numpy", "duckdb", "altair", "papermill", "nbformat", "httpx2", "keyring"}


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AUDIT_", "POSTHOG_"))}
    backend = "keyring.backends.null.Keyring"
    return {**kept, "PYTHON_KEYRING_BACKEND": backend, "PYTHONPATH": str(ROOT), **more}


def audit(*arguments, cwd, **more):
    return subprocess.run(
        [sys.executable, "-m", "audit", *arguments],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
    )


def imported(arguments, cwd):
    """Every module that the command imports, as Python tells them itself."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "audit", *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.mark.parametrize(
    "arguments",
    [["--help"], *([name, "--help"] for name in ("price", "scan", "run", "batch", "draft"))],
)
def test_help_imports_nothing_heavy(arguments, tmp_path):
    assert not imported(arguments, tmp_path) & (HEAVY | {"rich.table", "pydantic_settings"})


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_price_imports_nothing_heavy(form, tmp_path):
    assert not imported(["price", "session_replay=150000", *form], tmp_path) & HEAVY


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["price", "session_replay=1"], 0),
        (["price", "session_replay"], 2),
        (["prise"], 2),
        (["findings", "nobody"], 2),
        (["pull", "--current"], 2),
    ],
)
def test_exit_codes_reach_the_shell(arguments, code, tmp_path):
    done = audit(*arguments, cwd=tmp_path)

    assert done.returncode == code
    assert bool(code) == bool(done.stderr)
    assert len(done.stderr.splitlines()) <= 1


def test_a_closed_pipe_is_no_finding_and_no_bug(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "audit", "checks"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()

    assert process.wait() == 141
    assert told == ""


def test_an_interrupt_ends_with_130_and_one_line(tmp_path):
    code = (
        "import os, signal, audit.policy\n"
        "audit.policy.load_policy = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)\n"
        "from audit.cli.app import app\napp(['checks'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr == "audit: Interrupted.\n"


def test_names_are_shown_where_the_terminal_knows_no_unicode(sample_store, tmp_path):
    done = audit("list", "--store", sample_store, cwd=tmp_path, PYTHONIOENCODING="ascii")

    assert done.returncode == 0
    assert r"Caf\xe9" in done.stdout
