"""The proxy of docs/dashboard.md as it stands there: TLS, passwords, a path below the host."""

import re
import shutil
import subprocess
import time
from pathlib import Path

import httpx2 as httpx
import pytest

from .conftest import CHROMIUM, Visit, free_port

PAGE = Path(__file__).parents[2] / "docs" / "dashboard.md"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.nginx,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make system)"),
]


class Proxied:
    def __init__(self, port):
        self.url = f"https://localhost:{port}/audit/"


@pytest.fixture(scope="module")
def behind(store, serve, tmp_path_factory):
    """The dashboard, and nginx in front of it as the page says."""
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    key, certificate, people = folder / "audit.key", folder / "audit.pem", folder / "people"
    new = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        [*new.split(), "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    hashed = subprocess.run(
        ["openssl", "passwd", "-apr1", "secret"], check=True, capture_output=True, text=True
    ).stdout.strip()
    people.write_text(f"ada:{hashed}\nvi:{hashed}\n")
    people.chmod(0o644)
    folder.chmod(0o755)
    options = ("--share", "--proxy-user-header", "X-Forwarded-User", "--specialist", "ada")
    ledger = ("--ledger", str(folder / "ledger.sqlite"))
    with serve(store, folder, *options, *ledger, base="/audit/") as server:
        block = re.search(r"```nginx\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
        block = block.replace("443 ssl", f"127.0.0.1:{port} ssl")
        block = block.replace("audit.example.com", "localhost")
        block = block.replace("/etc/ssl/audit.pem", str(certificate))
        block = block.replace("/etc/ssl/audit.key", str(key))
        block = block.replace("/etc/nginx/audit.htpasswd", str(people))
        block = block.replace("127.0.0.1:8866", f"127.0.0.1:{server.port}")
        settings = folder / "nginx.conf"
        settings.write_text(
            f"user root;\ndaemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{block}\n}}\n"
        )
        nginx = subprocess.Popen([shutil.which("nginx"), "-c", str(settings), "-p", str(folder)])
        for _ in range(100):
            try:
                httpx.get(f"https://localhost:{port}/audit/", verify=False, trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield Proxied(port), server
        nginx.terminate()
        nginx.wait(10)


def visit(browser, proxied, name):
    one = Visit(browser, proxied)
    one.context.close()
    one.context = browser.new_context(
        ignore_https_errors=True, http_credentials={"username": name, "password": "secret"}
    )
    one.page = one.context.new_page()
    one.page.on("pageerror", lambda error: one.said.append(str(error)))
    return one


def test_who_signs_in_at_the_proxy_is_named_and_may_what_their_role_says(
    browser, behind, hostile_id
):
    proxied, _ = behind
    for name, may_decide in (("ada", True), ("vi", False)):
        one = visit(browser, proxied, name)
        one.open(f"?view=account&organization_id={hostile_id}&tab=findings")
        assert one.page.inner_text(".ab-visitor") == f"Signed in as {name}"
        assert bool(one.page.locator("[data-submit=suppress]").count()) == may_decide
        one.after(lambda one=one: one.page.click(".ab-tabs >> text=Bill"))
        one.page.wait_for_selector("[data-part=bill] svg")
        assert not one.said
        one.context.close()


def test_without_the_password_or_past_the_proxy_nobody_gets_in(behind):
    proxied, server = behind
    with httpx.Client(verify=False, trust_env=False) as visitor:
        assert visitor.get(proxied.url).status_code == 401
        assert visitor.get(server.url).status_code in (302, 403)
        # This machine is where the proxy is, so its header counts here, and only here.
        named = visitor.get(server.url, headers={"X-Forwarded-User": "vi"})
        assert '"visitor": "vi"' in named.text
