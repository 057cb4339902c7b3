"""Answers of a pull that is not over: kept in a folder, so that a crash costs no request twice.

An answer is known by what was asked. Cursors are part of that, so a list goes on where it
stopped; once its first page is too old, all of it is asked again. No key is ever in it.
"""

import json
import shutil
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

#: Cursors of exports live an hour (Zendesk), and an older answer is not today's.
KEPT_SECONDS = 3000.0


class Kept:
    """The answers of one system in one pull. ``folder`` is made, for its owner alone."""

    def __init__(self, folder: Path, seconds: float = KEPT_SECONDS) -> None:
        self._folder = folder
        self._seconds = seconds

    def answer(self, method: str, path: str, params: Any, body: Any) -> Any:
        """What was answered to this before, or None."""
        file = self._file(method, path, params, body)
        try:
            # From the future, too: a clock that was set back would keep an answer for ever.
            if abs(time.time() - file.stat().st_mtime) > self._seconds:
                return None
            return json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def keep(self, method: str, path: str, params: Any, body: Any, answer: Any) -> None:
        """Remember an answer; whole, or not at all."""
        file = self._file(method, path, params, body)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = file.with_suffix(".new")
        with new.open("w", encoding="utf-8") as handle:
            json.dump(answer, handle)
        new.replace(file)

    def forget(self) -> None:
        """The pull is published: nothing of it is needed any more."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, *asked: Any) -> Path:
        name = sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        return self._folder / f"{name[:32]}.json"
