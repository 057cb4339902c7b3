"""What ``audit dashboard`` refuses before it listens, and what it says."""

import socket
import subprocess
import sys

import httpx2 as httpx
import pytest

from .conftest import free_port


@pytest.fixture
def run(tmp_path):

    def runs(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "audit", "dashboard", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stderr

    return runs


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--address", "0.0.0.0"), "--share"),
        (("--share",), "--token-file"),
        (("--port", "70000"), "65535"),
        (("--base-url", "audit"), "--base-url"),
        (("--token-file", "none.txt"), "cannot be read"),
        (("--store", "none.duckdb"), "No store at"),
        (("--policy", "1999-01"), "1999-01"),
        (("--as-of", "soon"), "is a day like"),
    ],
)
def test_it_says_in_a_line_what_to_do(run, store, arguments, words):
    given = arguments if "--store" in arguments else ("--store", str(store), *arguments)
    port = () if "--port" in given else ("--port", str(free_port()))
    code, said = run(*given, *port)

    assert code == 2
    assert words in said.splitlines()[-1]
    assert "Traceback" not in said


def test_a_taken_port_is_said(run, store):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, said = run("--store", str(store), "--port", str(taken.getsockname()[1]))

    assert code == 2
    assert "--port" in said


@pytest.mark.slow
def test_one_visitor_too_many_is_told_to_come_back(store, serve, tmp_path):
    with serve(store, tmp_path, "--visitors", "1", "--idle", "5") as server:
        with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as visitor:
            assert visitor.get("").status_code == 200
            second = visitor.get("")

        assert second.status_code == 503
        assert "Try again in a minute" in second.text
        assert "Traceback" not in second.text


@pytest.mark.slow
def test_a_name_of_elsewhere_that_leads_here_reads_nothing(store, serve, tmp_path):
    with (
        serve(store, tmp_path) as server,
        httpx.Client(base_url=server.url, timeout=60, trust_env=False) as visitor,
    ):
        assert visitor.get("", headers={"Host": f"localhost:{server.port}"}).status_code == 200
        for host in ("evil.example", f"evil.example:{server.port}", "127.0.0.1.evil.example"):
            found = visitor.get("", headers={"Host": host})
            assert found.status_code in (302, 403)
            assert "screen+json" not in found.text
            assert 'id="page"' not in found.text
