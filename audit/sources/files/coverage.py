"""The rows of the table ``coverage``: which subject which file completed, and what would.

Every subject has a row for every organization, so that nothing missing passes for zero.
"""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from audit.meters import METERS
from audit.tables import BY_NAME, SETTINGS

SOURCE = "files"
MEASURES = (
    "sessions", "people", "group_events", "web_events", "proxied_web_events", "bot_events",
    "behaviour_events", "behaviour_people", "idle_recordings", "server_flag_calls",
    "server_flag_people", "ai_events", "ai_generations", "ai_spans", "app_queries", "api_queries",
    "failed_queries",
    *(
        f"people_using_{product}"
        for product in (
            "product_analytics", "web_analytics", "session_replay", "surveys", "error_tracking",
            "llm_analytics", "data_warehouse", "logs",
        )
    ),
)  # fmt: skip
REPLAY_CONTROLS = (
    "session_recording_minimum_duration_milliseconds",
    "session_recording_sample_rate",
    "session_recording_linked_flag",
)
REPLAY_TRIGGERS = (
    "session_recording_url_trigger_config",
    "session_recording_event_trigger_config",
    "session_recording_trigger_groups",
)
COUNTERS = "usage_daily."
PARTS = {"usage_rows": "meter", "activity": "measure", "resources": "kind"}


@dataclass
class Subjects:
    """What the files said of one organization: subject to files and rows, or to a reason."""

    complete: dict[str, tuple[list[str], int]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def completed(self, subject: str, file: str, rows: int) -> None:
        files_, before = self.complete.setdefault(subject, ([], 0))
        if file not in files_:
            files_.append(file)
        self.complete[subject] = (files_, before + rows)

    def drop_counters(self) -> None:
        """Somebody else says how complete usage by day is."""
        self.reasons = {s: r for s, r in self.reasons.items() if not s.startswith(COUNTERS)}


@cache
def _sentences() -> Mapping[str, str]:
    source = files("audit.sources.files").joinpath("coverage.toml").read_text("utf-8")
    return tomllib.loads(source)


def _expanded() -> dict[str, str]:
    """Every subject, with the sentence for when nothing filled it."""
    out: dict[str, str] = {}
    for subject, sentence in _sentences().items():
        if subject == "activity.*":
            out |= {f"activity.{measure}": sentence for measure in MEASURES}
        elif subject == "resources.*":
            out |= {f"resources.{kind}": sentence for kind in kinds()}
        else:
            out[subject] = sentence
    return out


def kinds() -> tuple[str, ...]:
    return BY_NAME["resources"].column["kind"].choices


def of_canonical(table: str, columns: Mapping[str, Sequence[Any]]) -> dict[str, int]:
    """Subjects that a canonical file completes, with their rows: only parts it has rows of."""
    rows = len(next(iter(columns.values()), ()))
    if table in PARTS:
        parts = Counter(columns.get(PARTS[table], ()))
        return {f"{table}.{part}": quantity for part, quantity in parts.items()}
    if table in ("coverage", "data_quality"):
        return {}
    out = {table: rows}
    if table == "projects":
        for subject, needed in (
            ("projects.replay_controls", REPLAY_CONTROLS),
            ("projects.replay_triggers", REPLAY_TRIGGERS),
            ("projects.settings", tuple(column.name for column in SETTINGS)),
        ):
            if set(needed) <= set(columns):
                out[subject] = rows
    return out


def rows(organization_id: str, said: Subjects) -> list[dict[str, Any]]:
    """One row per subject."""
    out = []
    for subject, sentence in {**_expanded(), **said.reasons}.items():
        if subject in said.complete:
            continue
        out.append(_row(organization_id, subject, False, said.reasons.get(subject, sentence)))
    for subject, (names, quantity) in said.complete.items():
        row = _row(organization_id, subject, True, "")
        row |= {"query_name": ", ".join(names), "row_count": quantity}
        out.append(row)
    return sorted(out, key=lambda row: row["subject"])


def _row(organization_id: str, subject: str, complete: bool, reason: str) -> dict[str, Any]:
    return {
        "organization_id": organization_id,
        "project_id": "",
        "subject": subject,
        "complete": complete,
        "reason": reason,
        "source": SOURCE,
        "query_name": None,
        "row_count": None,
    }


def absent_counters(present: set[str]) -> dict[str, str]:
    """Reasons for meters that partial usage exports say nothing about."""
    return {
        f"{COUNTERS}{meter.usage_type}": (
            f"The usage exports in the folder do not hold {meter.name.lower()} "
            f"({meter.usage_type}). Add the billing usage CSV with all products."
        )
        for meter in METERS
        if meter.usage_type and meter.usage_type not in present
    }
