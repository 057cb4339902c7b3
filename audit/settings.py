"""Settings: ``audit.toml`` and the environment. Keys are never settings.

An option of the command wins over the environment (``AUDIT_STORE``, ``AUDIT_POLICY``, ...),
which wins over ``audit.toml``, which wins over the defaults here. The PostHog key is read by
``audit.sources.posthog.key`` alone.
"""

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as EnvironmentUnreadableError

from audit.errors import SettingsError
from audit.ledger.address import is_url
from audit.web.systems import Systems

FILE = "audit.toml"
PREFIX = "AUDIT_"

#: Variables the command reads itself; they are not settings.
COMMAND_VARIABLES = ("AUDIT_CONFIG", "AUDIT_DEBUG")

#: Settings that name a file or folder; in audit.toml they stand relative to that file.
PATHS = ("store", "reports", "ledger")

SECRET = re.compile(r"key|token|secret|password", re.IGNORECASE)


class Settings(BaseSettings):
    """What the command does when an option is not given."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid")

    store: str = Field("audit.duckdb", description="The store file.")
    reports: str = Field("reports", description="Folder the reports are written to.")
    ledger: str = Field(
        "audit-ledger.sqlite", description="The ledger of decisions: a file or a database URL."
    )
    policy: str = Field("2025-06", description="Policy pack, or its .toml file.")
    host: str = Field("us", description="us, eu or the address of a PostHog instance.")
    audience: str = Field("customer", description="customer, or team for internal findings too.")
    lookback_days: int = Field(30, ge=1, le=366, description="Days of usage that are audited.")
    booking_link: str = Field("", description="Where a customer picks a time; for drafts.")
    sender: str = Field("", description="Name under a draft.")
    systems: Systems = Field(
        default_factory=Systems, description="Other systems to read and write: docs/systems.md."
    )
    thresholds: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Own thresholds: check to name to value."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is given
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # Arguments are what audit.toml says, so the environment stands above them.
        assert isinstance(env_settings, EnvSettingsSource)
        return (env_settings, init_settings)


def load_settings(config: str | Path | None = None) -> Settings:
    """Settings of ``config``, or of ``audit.toml`` in the current folder if there is one.

    Raises: SettingsError for a missing or malformed file, an unknown key (naming the nearest)
    or a value that cannot be.
    """
    path = Path(config) if config else Path(FILE)
    given = _read(path, required=bool(config))
    unknown = [name for name in given if name not in Settings.model_fields]
    if unknown:
        raise SettingsError(_unknown(path, unknown[0]))
    for name in PATHS:
        if isinstance(given.get(name), str) and not is_url(given[name]):
            given[name] = str(path.parent / Path(given[name]).expanduser())
    if str(given.get("policy", "")).endswith(".toml"):
        given["policy"] = str(path.parent / Path(given["policy"]).expanduser())
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_wrong(path, given, error)) from None
    except EnvironmentUnreadableError as error:
        raise SettingsError(f"The environment: {error}") from None


def unknown_variables(environment: Any) -> list[str]:
    """Variables that start like ours and mean nothing, such as a misspelt ``AUDIT_STROE``."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | set(COMMAND_VARIABLES)
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    if not required and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(
            f"Cannot read the settings in {path} ({error.strerror}). Name another file with "
            "--config."
        ) from None
    except ValueError as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from None


def _unknown(path: Path, name: str) -> str:
    if SECRET.search(name):
        return (
            f"{path}: {name!r} looks like a key, and keys are not settings. Take it out and use "
            "`export POSTHOG_PERSONAL_API_KEY=...` or `keyring set account-audit posthog`."
        )
    known = list(Settings.model_fields)
    near = get_close_matches(name, known, n=1, cutoff=0.3)
    hint = f" Nearest: {near[0]}." if near else ""
    return f"{path}: no setting {name!r}.{hint} Known: {', '.join(known)}."


def _wrong(path: Path, given: dict[str, Any], error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    name = str(first["loc"][0])
    where = str(path) if name in given else f"The environment ({PREFIX}{name.upper()})"
    if SECRET.search(str(first["loc"][-1])):
        return (
            f"{where}: {place!r} looks like a key, and keys are not settings. Take it out and use "
            "the environment or the keyring; `audit doctor` names the variables."
        )
    value = first["input"]
    return f"{where}: {place} = {value!r}: {first['msg'][0].lower() + first['msg'][1:]}."
