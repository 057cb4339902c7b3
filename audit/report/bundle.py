"""The chart library as text for a page: built once per version, then read from a cache.

Building takes more than a second and starts the threads of a JavaScript engine, so it runs in
a process of its own and its result is kept in the user's cache folder.
"""

import base64
import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from audit.errors import RunError

BUILD = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle().encode())"
FORMAT = 1


@dataclass(frozen=True)
class Bundle:
    """``packed`` is gzip in base64; ``sha256`` is of the script, in base64, for the policy."""

    packed: str
    sha256: str


def cache_folder() -> Path:
    """Where the user's caches live."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "account-audit"


@lru_cache(maxsize=1)
def chart_library() -> Bundle:
    """The library of the installed version. Raises: RunError when it cannot be built."""
    return cached(cache_folder())


def cached(folder: Path) -> Bundle:
    """From the folder where that holds a sound copy, else built and, if possible, kept there."""
    path = folder / f"charts-{FORMAT}-{version('vl-convert-python')}.json"
    with suppress(OSError, ValueError, KeyError, TypeError, EOFError):
        found = Bundle(**json.loads(path.read_text(encoding="ascii")))
        if found.sha256 == _sha256(gzip.decompress(base64.b64decode(found.packed, validate=True))):
            return found
    bundle = built()
    with suppress(OSError):
        _keep(path, bundle)
    return bundle


def built() -> Bundle:
    """Raises: RunError with what the builder said."""
    done = subprocess.run(  # noqa: S603 - our own Python and our own text
        [sys.executable, "-c", BUILD], capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise RunError(
            f"The chart library could not be built ({''.join(said) or done.returncode}). "
            "Reinstall vl-convert-python."
        )
    # </script would end the element that carries it; within JavaScript the escape changes nothing.
    script = done.stdout.replace(b"</script", b"<\\/script")
    return Bundle(packed(script), _sha256(script))


def packed(content: bytes) -> str:
    """Gzip in base64; the same content gives the same text."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def sha256(script: str) -> str:
    """As a content security policy spells it, without the prefix."""
    return _sha256(script.encode())


def _sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _keep(path: Path, bundle: Bundle) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, encoding="ascii", delete=False
    ) as temporary:
        json.dump({"packed": bundle.packed, "sha256": bundle.sha256}, temporary)
    Path(temporary.name).replace(path)
