"""What every test may use, and the loud line about tests that could not run."""

import os
import shutil

import pytest

SYSTEM_NEEDS = {
    "browser": ("chromium", "Chromium"),
    "systemd": ("systemd-analyze", "systemd"),
    "nginx": ("nginx", "nginx"),
}


def pytest_collection_modifyitems(items):
    for item in items:
        for marker, (program, name) in SYSTEM_NEEDS.items():
            if item.get_closest_marker(marker) and not shutil.which(program):
                item.add_marker(pytest.mark.skip(reason=f"{name} is not installed"))


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.write_line("")
        terminalreporter.write_line(
            f"!!! {len(skipped)} TESTS WERE SKIPPED because a system package is missing. "
            "Run `make system` (as root) and test again. !!!",
            red=True,
            bold=True,
        )


def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("AUDIT_TEST_NOTHING_SKIPPED") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
