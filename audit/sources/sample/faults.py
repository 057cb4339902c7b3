"""Who gets which fault, and which organizations have something that could not be read.

The twelve-organization portfolio shows every fault. Organizations come in rounds of twelve:
seven with two faults each (another pair every round), three by chance, two healthy.
"""

from typing import NamedTuple

import numpy as np

from audit.sources.sample.draws import Draws, Truths

CHECKS = (
    "autocapture_unread",
    "billing_limit_cuts_data",
    "identify_too_often",
    "group_analytics_unused",
    "set_too_often",
    "data_pipelines_unused",
    "groupidentify_too_often",
    "replay_without_minimum_duration",
    "calls_per_session_too_high",
    "replay_without_controls",
    "identified_where_anonymous_would_do",
    "flag_polling_dominates",
    "flag_requests_per_session_too_high",
    "product_unused",
)
PLACE = {check: place for place, check in enumerate(CHECKS)}
ORGANIZATION_SCOPE = ("group_analytics_unused", "data_pipelines_unused")
PRODUCT_SCOPE = ("product_unused", "billing_limit_cuts_data")

ROUND = 12
PAIRED = range(1, 8)
HEALTHY = (8, 10)
INCOMPLETE = 11
CHANCE_SHARE = 0.14
SECOND_STRIDE = 3

#: Organization 0, the one every page opens with.
DEMONSTRATION = (
    "autocapture_unread",
    "identified_where_anonymous_would_do",
    "group_analytics_unused",
    "replay_without_minimum_duration",
    "product_unused",
)


class Gap(NamedTuple):
    """Something a pull could not read, and the faults nobody can see without it."""

    subject: str
    reason: str
    production_only: bool
    hides: tuple[str, ...]


GAPS = (
    Gap(
        "resources.action",
        "The key lacks the scope action:read. Add it in Settings > Personal API keys.",
        False,
        ("autocapture_unread",),
    ),
    Gap(
        "projects.replay_triggers",
        "The export does not show URL and event triggers. Pull the project with an API key.",
        False,
        ("replay_without_controls",),
    ),
    Gap(
        "limits",
        "Only owners may read billing limits. Ask an owner for a key with billing:read.",
        False,
        ("billing_limit_cuts_data",),
    ),
    Gap(
        "activity.sessions",
        "The session query timed out. Pull this project again with a shorter window.",
        True,
        ("calls_per_session_too_high", "flag_requests_per_session_too_high"),
    ),
    Gap(
        "usage_rows.feature_flags",
        "The flag request counters are not in the export. Add the billing usage export.",
        False,
        ("flag_polling_dominates", "flag_requests_per_session_too_high"),
    ),
    Gap(
        "activity.people_using_surveys",
        "The query log cannot be read on this plan. Ask the customer who opens survey results.",
        False,
        ("product_unused",),
    ),
)


def gap_places(draws: Draws) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Place in :data:`GAPS` per organization, -1 where everything was read."""
    rounds = draws.numbers // ROUND
    return np.where(draws.numbers % ROUND == INCOMPLETE, rounds % len(GAPS), -1)


def planted(draws: Draws, *, faults: bool) -> Truths:
    """(organizations, checks): which faults are planted."""
    size = len(CHECKS)
    out = np.zeros((len(draws), size), dtype=bool)
    if not faults:
        return out
    position, rounds = draws.numbers % ROUND, draws.numbers // ROUND
    out |= draws.chance("fault by chance", CHANCE_SHARE, size)
    paired = np.isin(position, PAIRED)
    out[paired | np.isin(position, HEALTHY)] = False
    first = (2 * (position - 1) + rounds) % size
    second = (2 * (position - 1) + 1 + SECOND_STRIDE * rounds) % size
    rows = np.flatnonzero(paired)
    out[rows, first[rows]] = True
    out[rows, second[rows]] = True
    out[draws.numbers == 0] = [check in DEMONSTRATION for check in CHECKS]
    # Who groups nothing cannot group too often.
    out[out[:, PLACE["groupidentify_too_often"]], PLACE["group_analytics_unused"]] = False
    for place, gap in enumerate(GAPS):
        hidden = [PLACE[check] for check in gap.hides]
        out[np.ix_(gap_places(draws) == place, hidden)] = False
    return out
