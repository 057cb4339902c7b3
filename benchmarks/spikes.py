"""How often the detector of spikes is wrong, and how often it sees what is there.

``python benchmarks/spikes.py`` prints false alarms per 1,000 clean accounts (ten meters, 120
days, the last 30 audited) for every kind of noise of ``noise.py``, with the vendor's rule beside
it; then how often planted spikes and steps are found, and how often a step is called a spike.
``--calibrate`` prints the curves that stand in ``audit/spikes/scales.py``. ``--json`` for a
machine. Seeds differ from those of the calibration.
"""

import argparse
import json
import time

import noise
import numpy as np

from audit.spikes import AUDITED_DAYS, changes, within_account

DAYS = 120
METERS = 10
#: False alarms allowed per 1,000 clean accounts.
RATES = (1, 5, 10)
CALIBRATION_SEED = 5
MEASURING_SEED = 6
PROBABILITIES = (1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)
#: Days in all, for the calibration: history is what remains beside the audited ones.
LENGTHS = (120, 86, 72, 58)


def false_alarms(accounts):
    """By kind: alarms per 1,000 clean accounts, of spikes and steps at every rate, and of the
    vendor's rule."""
    out = {}
    for name, kind in {**noise.CLEAN, "wild": noise.wild}.items():
        rng = np.random.default_rng([MEASURING_SEED, len(out)])
        alarms = {}
        for account in chunks(accounts):
            series = noise.series(kind, rng, len(account) * METERS, DAYS)
            owner = np.repeat(account - account[0], METERS)
            found = changes(series)
            for what, p_value in (("spike", found.spike.p_value), ("step", found.step.p_value)):
                of_account = np.full(len(account), np.inf)
                np.fmin.at(of_account, owner, within_account(p_value, owner))
                for rate in RATES:
                    alarms.setdefault(f"{what} at {rate}", []).append(of_account <= rate / 1000)
            fired = vendors_rule(series)
            alarms.setdefault("vendor", []).append(fired.reshape(len(account), -1).any(axis=1))
            alarms.setdefault("vendor_days", []).append(fired)
        out[name] = {
            what: 1000 * float(np.mean(np.concatenate(fired))) for what, fired in alarms.items()
        }
    return out


def chunks(accounts):
    return np.array_split(np.arange(accounts), max(1, accounts // 2000))


def vendors_rule(series):
    """Series x audited days: z of at least 3.5, either way, on the median and 1.4826 times the
    median absolute deviation of the same weekday of the four weeks before."""
    start = series.shape[1] - AUDITED_DAYS
    before = np.stack(
        [series[:, start - 7 * week : series.shape[1] - 7 * week] for week in range(1, 5)]
    )
    middle = np.median(before, axis=0)
    spread = 1.4826 * np.median(np.abs(before - middle), axis=0)
    return (np.abs(series[:, start:] - middle) >= 3.5 * spread) & (spread > 0)


#: What the planted series are otherwise like, and how noisy.
POWER_KINDS = ("lognormal", "heavy", "wandering")
DEVIATIONS = (0.05, 0.1, 0.2)


def planted(kind, deviation, count, rng):
    """Series of 100,000 units a day with a week rhythm."""
    shape = (count, DAYS)
    if kind == "heavy":
        chance = np.maximum(0, 1 + deviation * rng.standard_t(5, shape))
    else:
        chance = np.exp(deviation * rng.standard_normal(shape))
    if kind == "wandering":
        chance *= np.exp(np.cumsum(0.03 * rng.standard_normal(shape), axis=1))
    return 1e5 * noise.week(rng, count, DAYS) * chance


def found_at(p_value, rate):
    """Found in an account of ten meters at a rate per 1,000 accounts."""
    return np.nan_to_num(p_value, nan=1.0) * METERS <= rate / 1000


def power(count, rate):
    """Share of planted changes found at a rate, by kind and deviation."""
    out = {}
    row = np.arange(count)
    column = np.arange(DAYS)
    for kind in POWER_KINDS:
        for deviation in DEVIATIONS:
            rng = np.random.default_rng([MEASURING_SEED, 99])
            shares = {}
            for factor in (3, 5, 10):
                series = planted(kind, deviation, count, rng)
                day = rng.integers(DAYS - AUDITED_DAYS, DAYS, count)
                series[row, day] *= factor
                spike = changes(np.rint(series)).spike
                right = (spike.first <= day) & (day <= spike.last)
                shares[f"spike {factor}x"] = found_at(spike.p_value, rate) & right
            for factor in (1.3, 2.0):
                series = planted(kind, deviation, count, rng)
                age = rng.integers(7, AUDITED_DAYS, count)
                series[column >= (DAYS - age)[:, None]] *= factor
                found = changes(np.rint(series))
                near = np.abs(found.step.day - (DAYS - age)) <= 1
                shares[f"step {factor:g}x"] = found_at(found.step.p_value, rate) & near
                shares[f"step {factor:g}x called a spike"] = found_at(found.spike.p_value, rate)
            series = planted(kind, deviation, count, rng)
            age = rng.integers(1, 4, count)
            series[column >= (DAYS - age)[:, None]] *= 5
            shares["step 5x, 1 to 3 days old, called a spike"] = found_at(
                changes(np.rint(series)).spike.p_value, rate
            )
            name = f"{kind}, {deviation:.0%}"
            out[name] = {what: float(np.mean(one)) for what, one in shares.items()}
    return out


def calibration(series_of_each):
    """Distances that clean noise reaches with each probability: of the worst kind with a full
    history, and how much larger with shorter ones."""
    worst = {}
    for days in LENGTHS:
        for name, kind in noise.CLEAN.items():
            rng = np.random.default_rng([CALIBRATION_SEED, days, list(noise.CLEAN).index(name)])
            reached = {"spike": [], "step": []}
            for start in range(0, series_of_each, 20_000):
                count = min(20_000, series_of_each - start)
                found = changes(noise.series(kind, rng, count, days))
                reached["spike"].append(found.spike.distance * widened(days, "SPIKE_WIDENING"))
                reached["step"].append(found.step.distance * widened(days, "STEP_WIDENING"))
            for what, distances in reached.items():
                sorted_down = -np.sort(-np.nan_to_num(np.concatenate(distances), nan=0.0))
                at = [round(series_of_each * p) for p in PROBABILITIES]
                far = np.array([sorted_down[i] if i >= 5 else np.nan for i in at])
                worst[what, days] = np.fmax(worst.get((what, days), far), far)
    return worst


def widened(days, name):
    """Undoes the widening in force, so that it can be measured anew."""
    from audit.spikes import scales

    return float(scales.widening(np.array([days - AUDITED_DAYS]), getattr(scales, name))[0])


def speed(count=50_000):
    series = noise.series(noise.lognormal, np.random.default_rng(1), count, DAYS)
    started = time.perf_counter()
    changes(series)
    return count / (time.perf_counter() - started)


def print_calibration(worst):
    for what in ("spike", "step"):
        full = worst[what, LENGTHS[0]]
        told = np.isfinite(full)
        pairs = ", ".join(
            f"({z:.2f}, {p:g})"
            for z, p in zip(full[told], np.array(PROBABILITIES)[told], strict=True)
        )
        print(f"{what.upper()}_TAIL = ({pairs})")
        for days in LENGTHS:
            ratio = (worst[what, days] / full)[told]
            print(f"  history {days - AUDITED_DAYS}: " + " ".join(f"{one:.2f}" for one in ratio))


def print_report(report):
    columns = [f"{what} at {rate}" for what in ("spike", "step") for rate in RATES]
    print(f"False alarms per 1,000 clean accounts ({report['accounts']:,} of each kind)\n")
    print("| noise | " + " | ".join(columns) + " | vendor's rule | its share of days |")
    print("| --- |" + " ---: |" * (len(columns) + 2))
    for name, row in report["false_alarms"].items():
        cells = [f"{row[one]:.1f}" for one in columns]
        share = f"{row['vendor_days'] / 10:.1f}%"
        print(f"| {name} | " + " | ".join(cells) + f" | {row['vendor']:.0f} | {share} |")
    print("\nFound at 1 false alarm per 1,000 accounts, of 1 planted in an account of ten meters\n")
    columns = list(next(iter(report["power"].values())))
    print("| noise | " + " | ".join(columns) + " |")
    print("| --- |" + " ---: |" * len(columns))
    for name, row in report["power"].items():
        print(f"| {name} | " + " | ".join(f"{row[one]:.0%}" for one in columns) + " |")
    print(f"\n{report['series_per_second']:,.0f} series of {DAYS} days a second, one core")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=10_000, help="clean accounts of each kind")
    parser.add_argument("--planted", type=int, default=2_000, help="planted series of each sort")
    parser.add_argument("--calibrate", type=int, metavar="SERIES", help="print the curves anew")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.calibrate:
        print_calibration(calibration(options.calibrate))
        return
    report = {
        "accounts": options.accounts,
        "meters": METERS,
        "false_alarms": false_alarms(options.accounts),
        "power": power(options.planted, rate=1),
        "series_per_second": speed(),
    }
    print(json.dumps(report, indent=1)) if options.json else print_report(report)


if __name__ == "__main__":
    main()
