"""Who may come in, asked over HTTP of the real server."""

import os
import re
from types import SimpleNamespace

import httpx2 as httpx
import pytest

from audit.dashboard.identity import Access, Visitors
from audit.errors import InputError

TOKEN, OTHER = "a" * 12 + "-first-token", "b" * 12 + "-other-token"


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.7", "audit.example"])
def test_another_address_is_refused_with_the_reason(address):
    with pytest.raises(InputError, match="--share"):
        Access().check(address)


def test_sharing_needs_a_way_to_tell_who_comes():
    with pytest.raises(InputError, match="--token-file"):
        Access(shared=True).check("127.0.0.1")
    with pytest.raises(InputError, match="--token-file"):
        Access(shared=True).check("0.0.0.0")
    Access(shared=True, tokens={TOKEN: "Ada"}).check("0.0.0.0")
    Access(shared=True, user_header="X-Forwarded-User").check("127.0.0.1")


def test_a_short_token_is_refused_without_telling_it():
    with pytest.raises(InputError, match="The token of Ada") as refused:
        Access(shared=True, tokens={"hunter2": "Ada"}).check("127.0.0.1")
    assert "hunter2" not in str(refused.value)


def test_roles():
    alone = Access(name="Ada")
    shared = Access(shared=True, tokens={TOKEN: "Ada"}, specialists=frozenset({"Ada"}))

    assert (alone.role("Ada"), alone.role("")) == ("specialist", "viewer")
    assert (shared.role("Ada"), shared.role("Vi")) == ("specialist", "viewer")
    assert TOKEN not in repr(shared)


@pytest.mark.parametrize(("peer", "named"), [("127.0.0.1", "Ada"), ("10.0.0.9", None)])
def test_only_the_proxy_names_a_user(peer, named, monkeypatch):
    import asyncio

    monkeypatch.setattr(Visitors, "access", Access(shared=True, user_header="X-Forwarded-User"))
    headers = {"X-Forwarded-User": "Ada", "X-Audit-Role": "specialist", "X-Forwarded-For": "::1"}
    socket = SimpleNamespace(getpeername=lambda: (peer, 5000))
    connection = SimpleNamespace(stream=SimpleNamespace(socket=socket))
    handler = SimpleNamespace(request=SimpleNamespace(headers=headers, connection=connection))

    user = asyncio.run(Visitors().get_user(handler))

    assert (user and user.username) == named
    assert headers.get("X-Audit-Role") == ("viewer" if named else None)


@pytest.fixture(scope="module")
def shared(store, serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    tokens = folder / "tokens.txt"
    tokens.write_text(f"# of the team\n{TOKEN} Ada\n{OTHER} Vi Viewer\n")
    tokens.chmod(0o600)
    options = ("--share", "--token-file", str(tokens), "--specialist", "Ada")
    ledger = ("--ledger", str(folder / "ledger.sqlite"))
    with serve(store, folder, *options, *ledger, base="/audit/") as server:
        yield server


def client(server):
    return httpx.Client(base_url=server.url, follow_redirects=False, timeout=60, trust_env=False)


@pytest.mark.slow
def test_nobody_sees_anything_without_a_token(shared):
    with client(shared) as visitor:
        for path in ("", "?organization_id=a", "api/kernels/" + "0" * 36, "voila/files/x"):
            found = visitor.get(path)
            assert found.status_code in (302, 403, 404), path
            assert "acme" not in found.text.lower()
        assert visitor.get("").headers["location"].startswith("/audit/login")
        assert visitor.get("", params={"token": TOKEN}).status_code == 302


@pytest.mark.slow
def test_a_token_opens_the_page_and_names_who_has_it(shared):
    with client(shared) as visitor:
        for token, name in ((TOKEN, "Ada"), (OTHER, "Vi Viewer")):
            found = visitor.get("", headers={"Authorization": f"token {token}"})
            assert found.status_code == 200
            assert f'"visitor": "{name}"' in found.text
            assert token not in found.text
    with client(shared) as visitor:
        wrong = visitor.get("", headers={"Authorization": "token " + "c" * 30})
        assert wrong.status_code == 302
    assert TOKEN not in shared.said()


@pytest.mark.slow
def test_signing_in_by_the_form_gives_a_cookie(shared):
    with client(shared) as visitor:
        form = visitor.get("login")
        assert form.status_code == 200
        told = {"_xsrf": visitor.cookies.get("_xsrf", ""), "password": TOKEN}
        wrong = visitor.post("login", data={**told, "password": "d" * 30})
        assert wrong.status_code == 401
        done = visitor.post("login", data=told)
        assert done.status_code == 302
        assert '"visitor": "Ada"' in visitor.get("").text


@pytest.mark.slow
def test_a_visitor_cannot_say_who_they_are(shared):
    with client(shared) as visitor:
        headers = {
            "Authorization": f"token {OTHER}",
            "X-Audit-User": "Ada",
            "X-Audit-Role": "specialist",
        }
        page = visitor.get("", headers=headers).text

    assert '"visitor": "Vi Viewer"' in page


@pytest.mark.slow
def test_headers_keep_scripts_and_frames_of_others_out(shared):
    with client(shared) as visitor:
        found = visitor.get("", headers={"Authorization": f"token {TOKEN}"})
    policy = found.headers["content-security-policy"]

    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"<script(?![^>]*(src=|application/json))", found.text)


@pytest.mark.slow
def test_files_beside_the_notebook_are_not_served(shared):
    with client(shared) as visitor:
        signed_in = {"Authorization": f"token {TOKEN}"}
        for path in (
            "voila/files/dashboard.ipynb",
            "voila/files/../../jupyter/kernels/account-audit-visitor/kernel.json",
            "files/dashboard.ipynb",
            "api/contents",
            "api/sessions",
            "api/kernelspecs",
            "api/terminals",
            "voila/templates/account-audit/index.html.j2",
            "voila/templates/account-audit/static/../index.html.j2",
            "voila/static/../../../etc/passwd",
        ):
            found = visitor.get(path, headers=signed_in)
            assert found.status_code in (302, 403, 404, 500), (path, found.status_code)
            assert "Traceback" not in found.text
            assert "root:" not in found.text


def test_the_file_of_tokens_is_for_its_owner_alone(tmp_path):
    from audit.cli.dashboard import _tokens

    file = tmp_path / "tokens.txt"
    file.write_text(f"{TOKEN} Ada\n")
    os.chmod(file, 0o644)  # noqa: PTH101
    with pytest.raises(InputError, match="chmod 600"):
        _tokens(str(file))
    file.chmod(0o600)
    assert _tokens(str(file)) == {TOKEN: "Ada"}
    file.write_text(TOKEN)
    with pytest.raises(InputError, match="line 1") as refused:
        _tokens(str(file))
    assert TOKEN not in str(refused.value)
