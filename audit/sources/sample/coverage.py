"""What the sample says it read, and what it pretends it could not read."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample.draws import Draws, Truths
from audit.sources.sample.faults import GAPS, gap_places
from audit.sources.sample.frames import text
from audit.sources.sample.vocabulary import MEASURES, METERS, PRODUCTION, USED_PRODUCTS
from audit.tables import BY_NAME

PEOPLE_USING = tuple(f"people_using_{p}" for p in (*USED_PRODUCTS, "web_analytics"))
SUBJECTS = (
    "organizations",
    "members",
    "projects",
    "projects.settings",
    "projects.replay_controls",
    "projects.replay_triggers",
    "subscriptions",
    "bill_lines",
    "limits",
    "usage_daily",
    *(f"usage_rows.{meter}" for meter in METERS),
    *(f"activity.{measure}" for measure in (*MEASURES, *PEOPLE_USING)),
    *(f"resources.{kind}" for kind in BY_NAME["resources"].column["kind"].choices),
    "ingestion_warnings",
    "sdk_versions",
    "invoices",
    "lifecycle",
)
#: Where a gap names part of a table: the column that tells rows apart.
PART_COLUMNS = {"resources": "kind", "activity": "measure", "usage_rows": "meter"}


def coverage(
    draws: Draws,
    ids: npt.NDArray[np.object_],
    project_ids: npt.NDArray[np.object_],
    present: Truths,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The coverage table, and ``Sample.missing``."""
    size = len(SUBJECTS)
    organization = np.repeat(np.arange(len(draws)), size)
    subject = np.tile(np.arange(size), len(draws))
    frame = pd.DataFrame(
        {
            "organization_id": text(ids, organization),
            "project_id": text(("",), subject * 0),
            "subject": text(SUBJECTS, subject),
            "complete": np.ones(len(subject), dtype=bool),
            "reason": text(("",), subject * 0),
            "source": text(("sample",), subject * 0),
            "query_name": text(("sample",), subject * 0),
        }
    )
    places = gap_places(draws)
    replaced = np.zeros(len(frame), dtype=bool)
    rows: list[dict[str, Any]] = []
    for row in np.flatnonzero(places >= 0):
        gap = GAPS[places[row]]
        replaced[row * size + SUBJECTS.index(gap.subject)] = True
        projects = np.flatnonzero(present[row]) if gap.production_only else [-1]
        for kind in projects:
            complete = gap.production_only and kind != PRODUCTION
            rows.append(
                {
                    "organization_id": ids[row],
                    "project_id": project_ids[row, kind] if kind >= 0 else "",
                    "subject": gap.subject,
                    "complete": complete,
                    "reason": "" if complete else gap.reason,
                    "source": "sample",
                    "query_name": "sample",
                }
            )
    own = pd.DataFrame(rows, columns=frame.columns).astype(frame.dtypes)
    missing = own.loc[~own["complete"], ["organization_id", "project_id", "subject", "reason"]]
    return pd.concat([frame[~replaced], own], ignore_index=True), missing.reset_index(drop=True)


def without_missing(tables: dict[str, pd.DataFrame], missing: pd.DataFrame) -> None:
    """Take the rows away that could not be read."""
    for subject, group in missing.groupby("subject"):
        table, _, part = str(subject).partition(".")
        if table not in PART_COLUMNS:
            continue
        frame = tables[table]
        gone = (frame[PART_COLUMNS[table]] == part) & frame["organization_id"].isin(
            group["organization_id"]
        )
        only = set(group["project_id"]) - {""}
        if only:
            gone &= frame["project_id"].isin(only)
        tables[table] = frame[~gone].reset_index(drop=True)
