"""Precision and recall of every check on planted faults, at the default thresholds.

The sample portfolio plants faults and healthy look-alikes and keeps the truth; the checks never
see it. Seeds 101 to 103 were not used while checks or sample were written. Run it with
`python benchmarks/accuracy.py`; `--markdown` prints the table of docs/accuracy.md.
"""

import argparse
import tempfile
from pathlib import Path

import pandas as pd

SEEDS = (101, 102, 103)
ORGANIZATIONS = 1_000
PLACE = ["check", "organization_id", "project_id", "product"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--organizations", type=int, default=ORGANIZATIONS)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    table, healthy = measured(options.organizations, options.seeds)
    print(as_markdown(table) if options.markdown else table.to_string(index=False))
    print(f"\nfalse findings per 1,000 organizations without a planted fault: {healthy:.2f}")


def measured(organizations: int, seeds: list[int]) -> tuple[pd.DataFrame, float]:
    """One row per check: planted, found, precision, recall; and the rate on healthy ones."""
    parts = [judged(organizations, seed) for seed in seeds]
    places = pd.concat([places for places, _, _ in parts])
    rows = []
    for check, of_check in places.groupby("check"):
        both = int((of_check["planted"] & of_check["found"]).sum())
        planted, found = int(of_check["planted"].sum()), int(of_check["found"].sum())
        rows.append((check, planted, found, ratio(both, found), ratio(both, planted)))
    table = pd.DataFrame(rows, columns=["check", "planted", "found", "precision", "recall"])
    false, healthy = sum(f for _, f, _ in parts), sum(h for _, _, h in parts)
    return table, 1_000 * false / healthy


def judged(organizations: int, seed: int) -> tuple[pd.DataFrame, int, int]:
    """Every place that is planted or found; false findings on, and number of, healthy ones."""
    import audit
    from audit.sources.sample import portfolio
    from audit.store import publish

    sample = portfolio(organizations, seed=seed, history_days=35)
    with tempfile.TemporaryDirectory() as folder:
        store = publish(Path(folder) / "sample.duckdb", sample.tables)
        findings = audit.scan(store).findings
    places = [frame[PLACE].fillna("").astype("str") for frame in (findings, sample.truth)]
    found, planted = (frame.assign(here=True) for frame in places)
    both = found.merge(planted, on=PLACE, how="outer", suffixes=("_found", "_planted"))
    both["found"] = both["here_found"].notna()
    both["planted"] = both["here_planted"].notna()
    faulty = set(sample.truth["organization_id"])
    false = both[~both["organization_id"].isin(faulty) & both["found"]]
    return both, len(false), organizations - len(faulty)


def ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def as_markdown(table: pd.DataFrame) -> str:
    lines = ["| Check | Planted | Found | Precision | Recall |", "|---|---:|---:|---:|---:|"]
    for row in table.itertuples():
        lines.append(
            f"| `{row.check}` | {row.planted} | {row.found} "
            f"| {row.precision:.3f} | {row.recall:.3f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
