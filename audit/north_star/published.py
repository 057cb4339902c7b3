"""The published numbers behind the north star, with their sources."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Published:
    """``target_percent``: of logos retained. ``months``: after the first bill, when it is
    measured. ``credit_share``: of
    the prior month's revenue from which a credit may be one-off. ``revops_least_arr_usd``: USD a
    year from which RevOps counts dollars; not applied unless asked for. ``z``: of the interval.
    ``sources``: by section of published.toml.
    """

    target_percent: float
    months: int
    credit_share: float
    revops_least_arr_usd: int
    confidence_percent: int
    z: float
    sources: Mapping[str, str]


@lru_cache(maxsize=1)
def published() -> Published:
    """The numbers that ship with the toolkit."""
    text = (resources.files("audit.north_star") / "published.toml").read_text(encoding="utf-8")
    given: dict[str, dict[str, Any]] = tomllib.loads(text)
    return Published(
        target_percent=given["target"]["percent"],
        months=given["months"]["value"],
        credit_share=given["one_off_credit"]["share_of_prior_month"],
        revops_least_arr_usd=given["revops"]["least_arr_usd"],
        confidence_percent=given["confidence"]["percent"],
        z=given["confidence"]["z"],
        sources={name: section["source"] for name, section in given.items()},
    )
