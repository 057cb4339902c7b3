"""The pull's notebook: canonical rows so far, and for every subject whether it was read."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd

from audit.errors import SourceError
from audit.tables import BY_NAME, TABLES
from audit.validation import validated
from audit.web.failures import SHOWN_CHARACTERS, RequestError

Row = dict[str, Any]

SOURCE = "posthog"
WHOLE_ORGANIZATION = ""


class Notes:
    """Rows and coverage of one organization. Threads may add at the same time."""

    def __init__(self, organization_id: str) -> None:
        self.organization_id = organization_id
        self._rows: dict[str, list[Row]] = {table.name: [] for table in TABLES}
        self._lock = threading.Lock()

    def add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Rows without their organization_id; returns how many."""
        whole = [{"organization_id": self.organization_id, **row} for row in rows]
        with self._lock:
            self._rows[table] += whole
        return len(whole)

    def rows(self, table: str) -> list[Row]:
        return self._rows[table]

    def read(
        self,
        *subjects: str,
        project_id: str = WHOLE_ORGANIZATION,
        query_name: str | None = None,
        query: str | None = None,
        row_count: int | None = None,
    ) -> None:
        """Subjects were read to the end, even if they had no rows."""
        for subject in subjects:
            self._cover(
                subject,
                project_id,
                complete=True,
                reason="",
                query_name=query_name,
                query=query,
                row_count=row_count,
            )

    def missing(
        self, *subjects: str, reason: str, project_id: str = WHOLE_ORGANIZATION, **query: Any
    ) -> None:
        """Subjects could not be read; ``reason`` says why and what to do."""
        for subject in subjects:
            self._cover(subject, project_id, complete=False, reason=reason, **query)

    @contextmanager
    def reading(self, *subjects: str, project_id: str = WHOLE_ORGANIZATION) -> Iterator[None]:
        """What goes wrong inside makes the subjects missing; a refused key ends the pull."""
        with self.losing(
            lambda reason: self.missing(*subjects, reason=reason, project_id=project_id)
        ):
            yield

    @contextmanager
    def losing(self, lost: Callable[[str], None]) -> Iterator[None]:
        """What goes wrong inside is told to ``lost`` as a reason; a refused key ends the pull."""
        try:
            yield
        except SourceError as error:
            if isinstance(error, RequestError) and error.stops_the_pull:
                raise
            lost(str(error))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # The vendor's answers have no contract: an unknown shape costs these facts only.
            lost(
                f"The vendor answered in a shape this tool does not know ({type(error).__name__}: "
                f"{str(error)[:SHOWN_CHARACTERS]}). Upgrade the tool, or report it."
            )

    def quality(
        self, subject: str, kind: str, message: str, quantity: int, project_id: str = ""
    ) -> None:
        row = {
            "project_id": project_id,
            "subject": subject,
            "kind": kind,
            "message": message,
            "quantity": quantity,
        }
        self.add("data_quality", [row])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table, validated and in the order of its key, whichever answer came first."""
        frames = {name: validated(name, rows).frame for name, rows in self._rows.items()}
        return {
            name: frame.sort_values(list(BY_NAME[name].key), kind="stable", ignore_index=True)
            for name, frame in frames.items()
        }

    def _cover(self, subject: str, project_id: str, **fields: Any) -> None:
        row = {"project_id": project_id, "subject": subject, "source": SOURCE, **fields}
        self.add("coverage", [row])
