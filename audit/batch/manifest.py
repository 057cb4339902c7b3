"""What a folder of reports holds and what each was made from: one line for each attempt.

Lines are only ever added, each written to the disk before the batch goes on, so whatever happens at
worst the last line is torn; a torn line is passed over. The last line of an account counts.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from audit.errors import RunError

NAME = "batch.jsonl"
LOCK = ".batch.lock"
SCHEMA = "account-audit/batch/1"

DONE, FAILED = "done", "failed"


@dataclass(frozen=True)
class Record:
    """One attempt. ``folder`` is relative to the manifest. ``made_from``: digests by name.
    ``summary``: what the index says of it. Money as text in USD, an estimate a billing month."""

    organization_id: str
    name: str
    status: str
    folder: str = ""
    problem: str = ""
    made_from: Mapping[str, str] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)


class Manifest:
    """The records of a folder, by organization, and the one place they are added."""

    def __init__(self, out: Path, records: dict[str, Record]) -> None:
        self.out = out
        self.records = records

    @classmethod
    def read(cls, out: Path) -> "Manifest":
        """Raises: RunError where a file of this name is none of ours."""
        records: dict[str, Record] = {}
        path = out / NAME
        if path.exists():
            lines = path.read_bytes().split(b"\n")
            if lines[0] and b'"schema": "' + SCHEMA.encode() not in lines[0]:
                raise RunError(f"{path} is not of a batch. Choose another --out.")
            for line in lines[1:]:
                record = _record(line)
                if record is not None:
                    records[record.organization_id] = record
        return cls(out, records)

    def add(self, record: Record) -> None:
        """On the disk when this returns. Raises: OSError when the disk is full."""
        path = self.out / NAME
        head = b"" if path.exists() and path.stat().st_size else _line({"schema": SCHEMA})
        with path.open("ab") as file:
            torn = file.tell() and not _ends_with_newline(path)
            file.write((b"\n" if torn else b"") + head + _line(asdict(record)))
            file.flush()
            os.fsync(file.fileno())
        self.records[record.organization_id] = record


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """One batch in a folder at a time; a killed one holds it no longer.

    Raises: RunError when another is at work.
    """
    with (out / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"Another batch is at work in {out}. Wait for it, or choose another --out."
            ) from None
        yield


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _line(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, sort_keys=True) + "\n").encode()


def _record(line: bytes) -> Record | None:
    try:
        value = json.loads(line)
        return Record(**{one.name: value[one.name] for one in fields(Record)})
    except (ValueError, TypeError, KeyError):
        return None  # torn by a kill, or of another version: the account is made again
