"""The store as a batch sees it from its begin to its end."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory

#: Between the name of the store and the number of the process that holds the snapshot, of which it
#: may hold several.
MARK = ".batch."


@contextmanager
def snapshot(store: Path) -> Iterator[Path]:
    """The store as it is now, whatever is published meanwhile: a second name of its file, or a
    copy where there can be none."""
    _sweep(store)
    held = store.with_name(f"{store.name}{MARK}{os.getpid()}.{secrets.token_hex(4)}")
    with TemporaryDirectory(prefix="audit-") as private:
        try:
            held.unlink(missing_ok=True)
            os.link(store, held)
        except OSError:
            held = Path(private) / store.name
            shutil.copyfile(store, held)
        try:
            yield held
        finally:
            held.unlink(missing_ok=True)


def _sweep(store: Path) -> None:
    """Take away the names that killed batches left."""
    for left in store.parent.glob(f"{escape(store.name)}{MARK}*"):
        process = left.name.rpartition(MARK)[2].partition(".")[0]
        if process.isdigit() and not _is_alive(int(process)):
            left.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
