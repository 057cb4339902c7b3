"""What a report depends on, as digests: when one of them changes, the report is made again."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from audit.policy import Policy

#: Libraries that numbers or pages come from.
LIBRARIES = ("altair", "duckdb", "nbformat", "numpy", "pandas", "papermill", "vl-convert-python")
PACKAGE = Path(__file__).parents[1]
PRICES = PACKAGE / "pricing" / "prices"
SOURCES = {".py", ".toml", ".sql", ".css", ".js", ".html", ".json", ".csv", ".ipynb"}


def digest(*parts: bytes | str) -> str:
    """SHA-256 of the parts, each with its length, so that no two lists of parts are the same."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def depends_on(policy: Policy, notebook: Path, options: Mapping[str, Any]) -> dict[str, str]:
    """Everything but the account: ``policy``, ``prices``, ``code`` and ``options``."""
    return {
        "policy": digest(repr((policy.name, sorted(policy.changed.items()), policy.entries))),
        "prices": _prices(),
        "code": code_digest(notebook),
        "options": digest(json.dumps(options, sort_keys=True, default=str)),
    }


@cache
def _prices() -> str:
    return _of(sorted(PRICES.glob("*.toml")))


def code_digest(notebook: Path) -> str:
    """Of what runs: this package without its prices, the notebook, and the libraries."""
    return digest(_package(), notebook.read_bytes(), *_versions())


@cache
def _package() -> str:
    files = (path for path in PACKAGE.rglob("*") if path.suffix in SOURCES)
    return _of(sorted(path for path in files if PRICES not in path.parents))


def _of(files: list[Path]) -> str:
    texts = ((path.relative_to(PACKAGE).as_posix(), path.read_bytes()) for path in files)
    return digest(*(text for pair in texts for text in pair))


def _versions() -> list[str]:
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(name)
    return found
