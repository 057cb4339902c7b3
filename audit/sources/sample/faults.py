"""Who gets which fault, and which organizations have something that could not be read.

The twelve-organization portfolio shows every fault of ``CHECKS``. Organizations come in rounds of
twelve: seven with two of these faults each (another pair every round), three by chance, two
healthy. The faults of ``FURTHER`` come on top, each by its own chance, wherever the organization
has what it takes (a survey that never ends needs a survey) and is not one of the healthy ones.
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
#: Faults beside those of ``CHECKS``, with the share of organizations able to have it that do.
FURTHER = {
    "merges_refused": 0.06,
    "illegal_distinct_ids": 0.05,
    "nonproduction_traffic": 0.08,
    "custom_events_unread": 0.08,
    "sdk_outdated": 0.1,
    "no_reverse_proxy": 0.15,
    "internal_users_unfiltered": 0.15,
    "bots_billed": 0.06,
    "web_vitals_unread": 0.08,
    "pageleave_unread": 0.07,
    "dead_clicks_unread": 0.06,
    "nonproduction_recordings": 0.08,
    "idle_recordings": 0.08,
    "throwaway_ids_on_server_flags": 0.1,
    "stale_flags": 0.1,
    "flags_fully_rolled_out": 0.15,
    "experiment_running_for_months": 0.12,
    "survey_running_for_months": 0.25,
    "exceptions_without_suppression": 0.25,
    "error_tracking_silent": 0.06,
    "ai_generations_absent": 0.25,
    "ai_spans_dominate": 0.3,
    "warehouse_full_refresh": 0.25,
    "warehouse_sync_failing": 0.15,
    "destination_failing": 0.08,
    "destination_unfiltered": 0.4,
    "legacy_package": 0.04,
    "legacy_discount": 0.03,
    "billing_limit_set": 0.1,
    "queries_failing": 0.05,
    "api_queries_dominate": 0.06,
}
PLACE = {check: place for place, check in enumerate(CHECKS)}
ORGANIZATION_SCOPE = (
    "group_analytics_unused",
    "data_pipelines_unused",
    "legacy_package",
    "legacy_discount",
    "queries_failing",
)
PRODUCT_SCOPE = ("product_unused", "billing_limit_cuts_data", "billing_limit_set")

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
DEMONSTRATION_FURTHER = (
    "nonproduction_traffic",
    "sdk_outdated",
    "no_reverse_proxy",
    "flags_fully_rolled_out",
    "experiment_running_for_months",
    "warehouse_full_refresh",
    "idle_recordings",
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
        (
            "autocapture_unread",
            "custom_events_unread",
            "web_vitals_unread",
            "pageleave_unread",
            "dead_clicks_unread",
        ),
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
        ("billing_limit_cuts_data", "billing_limit_set"),
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
        hidden = [PLACE[check] for check in gap.hides if check in PLACE]
        out[np.ix_(gap_places(draws) == place, hidden)] = False
    return out


def open_to_more(draws: Draws, check: str, *, faults: bool) -> Truths:
    """(organizations,): a fault of ``FURTHER`` may be planted, if all else allows."""
    position = draws.numbers % ROUND
    chosen = draws.chance("further " + check, FURTHER[check]) & ~np.isin(position, HEALTHY)
    chosen = np.where(draws.numbers == 0, check in DEMONSTRATION_FURTHER, chosen)
    for place, gap in enumerate(GAPS):
        if check in gap.hides:
            chosen &= gap_places(draws) != place
    return np.asarray(chosen & faults)


def moving(draws: Draws, *, faults: bool) -> Truths:
    """(organizations,): usage may spike, step, stop for a day, or grow and fall by much."""
    return np.asarray(~np.isin(draws.numbers % ROUND, HEALTHY) & faults)
