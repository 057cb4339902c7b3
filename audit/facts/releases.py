"""On which day which version of the vendor's libraries was out: ``releases.toml`` as a table."""

import tomllib
from functools import lru_cache
from importlib import resources

import pandas as pd

#: Sorts versions of one library; no minor reaches it.
MAJOR = 1_000_000


@lru_cache(maxsize=1)
def releases() -> pd.DataFrame:
    """One row per library and minor version that is dated.

    library: ``$lib`` of its events. number: the library's place in the file, from 1. version:
    major times MAJOR plus minor. out_by: a day on which this version or a later one was out.
    """
    text = (resources.files("audit.facts") / "releases.toml").read_text(encoding="utf-8")
    rows = [
        (library, number, int(major) * MAJOR + int(minor), day)
        for number, (library, said) in enumerate(tomllib.loads(text).items(), start=1)
        for (major, minor), day in ((v.split("."), day) for v, day in said["out_by"].items())
    ]
    frame = pd.DataFrame(rows, columns=["library", "number", "version", "out_by"])
    return frame.assign(out_by=pd.to_datetime(frame["out_by"]).dt.as_unit("us"))
