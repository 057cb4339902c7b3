"""The people of each organization, with mail addresses at a domain of its own."""

import re
import unicodedata
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample.draws import Draws, Integers
from audit.sources.sample.frames import days, text
from audit.sources.sample.vocabulary import FAMILY_NAMES, GIVEN_NAMES

#: Letters that no decomposition turns into ASCII.
LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ı": "i", "&": "and"})


def member_count(draws: Draws) -> Integers:
    return np.asarray(1 + draws.below("members", 11) ** 2 // 8)


def members(
    draws: Draws,
    ids: npt.NDArray[np.object_],
    names: npt.NDArray[np.object_],
    age_days: Integers,
    as_of: date,
) -> pd.DataFrame:
    count = member_count(draws)
    most = int(count.max())
    organization = np.repeat(np.arange(len(draws)), count)
    place = np.arange(len(organization)) - np.repeat(np.cumsum(count) - count, count)
    given = draws.below("given name", len(GIVEN_NAMES), most)[organization, place]
    family = draws.below("family name", len(FAMILY_NAMES), most)[organization, place]
    admin = draws.chance("admin", 0.3, most)[organization, place]
    seen = draws.below("last seen", 60, most)[organization, place]
    share = draws.uniform("joined", most)[organization, place]
    joined = (share * age_days[organization]).astype(np.int64)
    domains = [f"{plain(name, '-')}.example" for name in names]
    people = [
        (GIVEN_NAMES[g], FAMILY_NAMES[f], int(o), int(p))
        for g, f, o, p in zip(given, family, organization, place, strict=True)
    ]
    every = np.arange(len(people))
    return pd.DataFrame(
        {
            "organization_id": text(ids, organization),
            "member_id": text([f"{ids[o][:8]}-{p}" for _, _, o, p in people], every),
            "email": text(
                [f"{plain(g)}.{plain(f)}{p or ''}@{domains[o]}" for g, f, o, p in people], every
            ),
            "name": text([f"{g} {f}" for g, f, _, _ in people], every),
            "level": np.where(place == 0, 15, np.where(admin, 8, 1)),
            "joined_at": days(as_of, -1 - joined),
            "last_seen_at": days(as_of, -1 - np.minimum(seen, joined)),
        }
    )


def plain(name: str, join: str = "") -> str:
    """Lower-case ASCII letters and digits; words joined.

    >>> plain("Müller & Söhne Books", "-")
    'muller-and-sohne-books'
    """
    spelled = unicodedata.normalize("NFKD", name.translate(LETTERS))
    words = re.findall("[a-z0-9]+", spelled.encode("ascii", "ignore").decode().lower())
    return join.join(words)
