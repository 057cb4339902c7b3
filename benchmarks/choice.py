"""Does it pay to replace a forecast that lost to a simple one on its own past?

    .venv/bin/python benchmarks/choice.py [--series PICKLE] [--publish docs/backtest.md]

Every real series of ``series.py`` is taken at many moments of its history: the method is chosen
from the past periods that were over by then, and judged on the next period, which nobody has seen.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import publish
import series as real

from audit.forecast.backtest import MOST_PERIODS, OURS, STEP_DAYS, Backtest, backtest
from audit.forecast.choice import LEAST_PERIODS, STANDARD_ERRORS, WORSE_PERCENT, choices

PERIOD_DAYS = 30
#: Periods between the newest that is over and the one that is judged.
APART = -(-PERIOD_DAYS // STEP_DAYS)
#: Every so many periods one is judged.
EVERY = 3
NEVER = 1e9
#: A period of fewer has an error in percent that says little.
LEAST_UNITS = 30

#: In words: how much worse, and by how many standard errors.
RULES = {
    "never": (NEVER, 0.0),
    "worse at all": (0.0, -NEVER),
    "10% worse": (10.0, -NEVER),
    "10% worse, by 1 standard error": (10.0, 1.0),
    "10% worse, by 2 standard errors": (10.0, 2.0),
    "25% worse, by 2 standard errors": (25.0, 2.0),
    f"ours: {WORSE_PERCENT:g}% worse, by {STANDARD_ERRORS:g} standard errors": (
        WORSE_PERCENT,
        STANDARD_ERRORS,
    ),
}


def moments(frame: pd.DataFrame) -> list[tuple[Backtest, dict[str, float]]]:
    """What was known, and by method the error of the next period, percent, all days pooled."""
    out = []
    for _, (_, last_day, values) in real.arrays(frame).items():
        whole = backtest(
            values[None],
            last_day=last_day.date(),
            period_days=PERIOD_DAYS,
            most_periods=len(values),
        )
        for judged in range(len(whole.first_days) - 1, APART + LEAST_PERIODS - 2, -EVERY):
            total = whole.actual[judged, 0]
            if not total >= LEAST_UNITS:
                continue
            past = slice(max(judged - APART - MOST_PERIODS + 1, 0), judged - APART + 1)
            known = replace(
                whole,
                first_days=whole.first_days[past],
                actual=whole.actual[past],
                totals={name: said[:, past] for name, said in whole.totals.items()},
            )
            errors = {
                name: float(100 * np.mean(np.abs(said[:, judged, 0] / total - 1)))
                for name, said in whole.totals.items()
            }
            out.append((known, errors))
    return out


def table(known: list[tuple[Backtest, dict[str, float]]]) -> str:
    lines = [
        "| replaced when the forecast was | replaced | mean error | median error | "
        "of the replaced: before | after | better |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for rule, (worse, errors) in RULES.items():
        chosen = [
            choices(past, worse_percent=worse, standard_errors=errors)[0].method
            for past, _ in known
        ]
        ours = np.array([next_one[OURS] for _, next_one in known])
        after = np.array([next_one[m] for m, (_, next_one) in zip(chosen, known, strict=True)])
        at = np.array([method != OURS for method in chosen])
        cells = [rule, f"{100 * at.mean():.1f}%", f"{after.mean():.2f}", f"{np.median(after):.2f}"]
        cells += (
            [
                f"{ours[at].mean():.1f}",
                f"{after[at].mean():.1f}",
                f"{100 * np.mean(after[at] < ours[at]):.0f}%",
            ]
            if at.any()
            else ["", "", ""]
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=Path, help="a pickle that series.py has saved")
    parser.add_argument("--publish", type=Path, help="write the table into this page")
    chosen = parser.parse_args()
    frame = pd.read_pickle(chosen.series) if chosen.series else real.load()
    known = moments(frame)
    text = f"{len(known):,} periods to come, of {frame['series'].nunique()} series.\n\n"
    text += table(known)
    print(text)
    if chosen.publish:
        publish.between(chosen.publish, "choice", text)


if __name__ == "__main__":
    main()
