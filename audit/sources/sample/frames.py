"""Columns made of codes, and the identities of organizations and projects."""

import uuid
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample.draws import Integers, Truths
from audit.sources.sample.vocabulary import (
    FIRST_WORDS,
    KINDS,
    LEGAL_FORMS,
    SECOND_WORDS,
)

NAMESPACE = uuid.UUID("6f1d7f0e-0d3b-5c62-9c53-6e3a50c1a7d4")
#: Primes, so that numbers are spread without meeting again.
PROJECT_STRIDE, PROJECT_NUMBERS, PROJECT_SEED_STEP = 7_919, 9_999_991, 104_729
NAME_STRIDE = 7_867
DEMONSTRATION_NAME = "Marigold & Daughters"


def text(values: Sequence[str] | npt.NDArray[np.object_], codes: Integers) -> pd.Series:
    """``values[codes]`` as text; a code of -1 is null."""
    known = pd.array(list(values), dtype="str")
    return pd.Series(known.take(codes, allow_fill=True))


def days(start: date, offsets: Integers) -> pd.Series:
    """Days at ``offsets`` days from ``start``."""
    first = np.datetime64(start, "D")
    return pd.Series((first + offsets.astype("timedelta64[D]")).astype("datetime64[us]"))


def same_day(day: date, size: int) -> pd.Series:
    return days(day, np.zeros(size, dtype=np.int64))


def maybe(values: npt.ArrayLike, known: Truths, kind: str) -> pd.Series:
    """``values`` where known, else null, as ``Int64`` or ``boolean``."""
    return pd.Series(np.asarray(values)).astype(kind).mask(~known)


def organization_ids(seed: int, numbers: Integers) -> npt.NDArray[np.object_]:
    return np.array([str(uuid.uuid5(NAMESPACE, f"{seed}/{n}")) for n in numbers], dtype=object)


def project_ids(seed: int, numbers: Integers) -> npt.NDArray[np.object_]:
    """(organizations, kinds) of numeric text; at most 2.4 million organizations stay apart."""
    places = numbers[:, None] * KINDS + np.arange(KINDS)
    ids = 10_000 + (places * PROJECT_STRIDE + seed * PROJECT_SEED_STEP) % PROJECT_NUMBERS
    return ids.astype(str).astype(object)


def names(seed: int, numbers: Integers) -> npt.NDArray[np.object_]:
    """57,600 names before one comes back; organization 0 keeps its own."""
    first, second, form = len(FIRST_WORDS), len(SECOND_WORDS), len(LEGAL_FORMS)
    out = []
    for number in numbers:
        if number == 0:
            out.append(DEMONSTRATION_NAME)
            continue
        place = (int(number) * NAME_STRIDE + seed * PROJECT_SEED_STEP) % (first * second * form)
        word, rest = place % first, place // first
        out.append(
            f"{FIRST_WORDS[word]} {SECOND_WORDS[rest % second]}{LEGAL_FORMS[rest // second]}"
        )
    return np.array(out, dtype=object)
