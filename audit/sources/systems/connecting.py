"""A connection to each system, within its limits and with its key."""

import base64
from collections.abc import Callable, Mapping

from audit.web.connection import Connection, safe_base
from audit.web.failures import refused
from audit.web.kept import Kept
from audit.web.key import Key
from audit.web.keys import KeyPlace
from audit.web.limits import MINUTE, Limits

Progress = Callable[[str], None]

#: Nine tenths of what each vendor allows, since others use the same keys and requests arrive
#: closer together than they were sent: Vitally's bucket of 1,000 a minute, Stripe's 100 live reads
#: a second, Zendesk's 100 exports a minute, Calendly's 500 a minute on paid plans. Metabase names
#: none.
LIMITS: dict[str, Limits] = {
    "vitally": ((900, MINUTE),),
    "metabase": ((600, MINUTE),),
    "stripe": ((90, 1.0),),
    "zendesk": ((90, MINUTE),),
    "calendly": ((450, MINUTE),),
    "slack": ((45, MINUTE),),
}
METABASE_AT_ONCE = 2


def connect(
    system: str,
    url: str,
    place: KeyPlace,
    key: Key,
    headers: Callable[[], Mapping[str, str]],
    *,
    progress: Progress = lambda _: None,
    kept: Kept | None = None,
    at_once: int = 0,
) -> Connection:
    """A connection to ``system`` at ``url``. Raises: InputError for an address that is not safe."""
    option = f"systems.{system}.url"
    return Connection(
        safe_base(url, option),
        place.title,
        headers=headers,
        refused=lambda response, where: refused(response, where, place.title, key, place.how_to),
        limits=LIMITS[system],
        check=option,
        at_once=at_once,
        progress=progress,
        kept=kept,
    )


def bearer(key: Key) -> Callable[[], dict[str, str]]:
    return lambda: {"Authorization": f"Bearer {key.reveal()}"}


def basic(user: str, key: Key) -> Callable[[], dict[str, str]]:
    """A user with a key for a password; Vitally has it the other way round (see vitally)."""

    def headers() -> dict[str, str]:
        text = f"{user}:{key.reveal()}"
        return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}

    return headers


def key_as_user(key: Key) -> Callable[[], dict[str, str]]:
    def headers() -> dict[str, str]:
        text = base64.b64encode(f"{key.reveal()}:".encode()).decode()
        return {"Authorization": f"Basic {text}"}

    return headers
