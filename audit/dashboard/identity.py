"""Who may come in, and as whom: on this machine anybody, from elsewhere a person with a token or
one whom a trusted proxy names."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, ClassVar

from jupyter_server.auth.identity import User
from tornado.httputil import split_host_and_port
from voila.voila_identity_provider import VoilaIdentityProvider

from audit.dashboard.visit import SPECIALIST, VIEWER
from audit.errors import InputError

LEAST_TOKEN = 20
USER_HEADER, ROLE_HEADER = "X-Audit-User", "X-Audit-Role"
#: Of somebody at this machine who gave no name; no person can have it.
NOBODY = "\x00"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Access:
    """``shared``: others than this machine may come. ``tokens``: secret to name; who has one comes
    in under that name. ``user_header``: in which a proxy at one of ``proxies`` names the user.
    ``specialists``: names that may suppress findings. ``name``: of who sits at this machine.
    """

    shared: bool = False
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    user_header: str = ""
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    specialists: frozenset[str] = frozenset()
    name: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody is asked who they are."""
        return not self.tokens and not self.user_header

    def check(self, address: str) -> None:
        """Raises: InputError where the dashboard would be open to others, or a token is weak."""
        if address not in LOOPBACK and not self.shared:
            raise InputError(
                f"{address} can be reached from other machines. The dashboard shows customers' "
                "bills, so that takes --share and a way to tell who comes: --token-file, or "
                "--proxy-user-header behind a proxy that signs people in (docs/dashboard.md)."
            )
        if self.shared and self.is_open:
            raise InputError(
                "--share needs a way to tell who comes: --token-file with a token for each person, "
                "or --proxy-user-header behind a proxy that signs people in (docs/dashboard.md)."
            )
        for token, name in self.tokens.items():
            if len(token) < LEAST_TOKEN:
                raise InputError(
                    f"The token of {name} has under {LEAST_TOKEN} characters. Make one with "
                    '`python -c "import secrets; print(secrets.token_urlsafe())"`.'
                )

    def link(self, address: str, port: int, base_url: str) -> str:
        """Where to go; a token is never in it."""
        host = "127.0.0.1" if address in ("0.0.0.0", "") else address  # noqa: S104 - told, not bound
        return f"http://{host}:{port}{base_url}"

    def role(self, name: str) -> str:
        """What somebody of this name may do."""
        if self.is_open:
            return SPECIALIST if name else VIEWER
        return SPECIALIST if name in self.specialists else VIEWER

    def by_token(self, given: str) -> str | None:
        """The name that goes with a token."""
        found = None
        for token, name in self.tokens.items():
            if hmac.compare_digest(token.encode(), given.encode()):
                found = name
        return found


class Visitors(VoilaIdentityProvider):  # type: ignore[misc]
    """Tells the server, and by two headers the visitor's kernel, who comes."""

    access: ClassVar[Access] = Access()

    @property
    def auth_enabled(self) -> bool:
        return not self.access.is_open

    @property
    def login_available(self) -> bool:
        return bool(self.access.tokens)

    def get_handlers(self) -> list[tuple[str, object]]:
        """The pages to sign in and out, below the path that a proxy has us at."""
        base = self.parent.base_url.rstrip("/")
        return [(base + path, handler) for path, handler in super().get_handlers()]

    async def get_user(self, handler: Any) -> User | None:
        """The visitor of a request, or None for nobody we know."""
        headers = handler.request.headers
        for name in (USER_HEADER, ROLE_HEADER):
            headers.pop(name, None)  # only we say these
        user = await self._known(handler)
        if user is not None:
            name = "" if user.username == NOBODY else user.username
            headers[USER_HEADER] = name
            headers[ROLE_HEADER] = self.access.role(name)
        return user

    async def _known(self, handler: Any) -> User | None:
        access = self.access
        if access.is_open:
            return User(access.name or NOBODY) if _is_local(handler.request.host) else None
        if access.user_header and _peer(handler) in access.proxies:
            named = handler.request.headers.get(access.user_header, "").strip()
            return User(named[:200]) if named and named != NOBODY else None
        if access.tokens:
            user = await self._get_user(handler)
            return user if user is not None and user.username in access.tokens.values() else None
        return None

    def get_token(self, handler: Any) -> str | None:
        """From a header or the login form, never from the address, where it would be kept."""
        given = handler.request.headers.get("Authorization", "")
        return given[6:].strip() or None if given.lower().startswith("token ") else None

    async def get_user_token(self, handler: Any) -> User | None:
        name = self.access.by_token(self.get_token(handler) or "")
        return None if name is None else User(name)

    def process_login_form(self, handler: Any) -> User | None:
        """The name that the typed token goes with."""
        name = self.access.by_token(handler.get_argument("password", default=""))
        return None if name is None else User(name)


def _is_local(host: str) -> bool:
    """Whether a page asks for this machine by its own name: another site's name that leads here
    belongs to a page of that site, which is to read nothing."""
    name, _ = split_host_and_port(host.lower())
    return name.strip("[]") in LOOPBACK


def _peer(handler: Any) -> str:
    """The address of who is connected to this server, whatever a header says."""
    stream: Any = getattr(handler.request.connection, "stream", None)
    try:
        peer = stream.socket.getpeername()[0]
        return str(ip_address(peer.split("%")[0]))
    except (AttributeError, OSError, ValueError):
        return ""
