"""The queries of the warehouse run on ClickHouse itself, and say what they say on the fake."""

import json
from datetime import date

import pandas as pd
import pytest
from fake_clickhouse import run

from audit.sources.posthog.client import Client
from audit.sources.posthog.key import Key
from audit.sources.systems import warehouse
from audit.testing import FakeWarehouse
from audit.testing.filling import warehouse as fill
from audit.web.systems import Warehouse

TABLES = (
    "postgres.prod.billing_customer",
    "postgres.prod.billing_invoice",
    "postgres.prod.billing_upcominginvoice",
    "postgres.prod.billing_usagereport",
    "vitally_accounts",
)


class OnClickHouse:
    """Answers of the query endpoint from ClickHouse, in the place of the fake's own."""

    def __init__(self, fake):
        run("DROP DATABASE IF EXISTS mirror")
        run("CREATE DATABASE mirror")
        for name in TABLES:
            frame = fake.connection.execute(f"FROM {name}").df()
            self._create(name.rpartition(".")[2], frame)

    def _create(self, name, frame):
        kinds = {}
        for column in frame.columns:
            series = frame[column]
            if pd.api.types.is_datetime64_any_dtype(series):
                kinds[column] = "Nullable(DateTime64(3))"
            elif pd.api.types.is_float_dtype(series):
                kinds[column] = "Nullable(Float64)"
            else:
                kinds[column] = "Nullable(String)"
        listed = ", ".join(f"{column} {kind}" for column, kind in kinds.items())
        run(f"CREATE TABLE mirror.{name} ({listed}) ENGINE = Memory")
        lines = frame.to_json(orient="records", lines=True, date_format="iso", date_unit="s")
        lines = lines.replace("T00:00:00Z", " 00:00:00").replace("T02:00:00Z", " 02:00:00")
        run(
            f"INSERT INTO mirror.{name} SETTINGS date_time_input_format='best_effort' "
            f"FORMAT JSONEachRow {lines}"
        )

    def query(self, _, body):
        asked = body["query"]
        text = asked["query"].replace("postgres.prod.", "mirror.")
        text = text.replace("FROM vitally_accounts", "FROM mirror.vitally_accounts")
        for name, value in asked["values"].items():
            text = text.replace(f"{{{name}}}", "'" + str(value).replace("'", "\\'") + "'")
        answer = json.loads(run(text, "JSONCompact"))
        whole = {"UInt64", "Int64", "Nullable(Int64)", "Nullable(UInt64)"}
        numbers = [n for n, column in enumerate(answer["meta"]) if column["type"] in whole]
        for row in answer["data"]:
            for place in numbers:
                row[place] = None if row[place] is None else int(row[place])
        return {
            "columns": [column["name"] for column in answer["meta"]],
            "results": answer["data"],
        }


class Nothing:
    sent = 0


@pytest.mark.slow
def test_clickhouse_says_the_same(sample):
    as_of = date(2026, 11, 1)
    with FakeWarehouse() as fake:
        fill(fake, sample)
        settings = Warehouse(host=fake.url)
        with Client(fake.url, Key(fake.key)) as client:
            expected = warehouse.read(client, settings, None, as_of, 30)
        real = OnClickHouse(fake)
        real.connection = Nothing()
        found = warehouse.read(real, settings, None, as_of, 30)

    assert found.missing == expected.missing == {}
    assert found.read == expected.read
    key = ["organization_id", "day", "usage_type"]
    frames = [one.frames["usage_daily"] for one in (found, expected)]
    usage = [f.sort_values(key, ignore_index=True) for f in frames]
    assert usage[0]["quantity"].astype("int64").tolist() == (
        usage[1]["quantity"].astype("int64").tolist()
    )
    assert usage[0][key].astype("str").equals(usage[1][key].astype("str"))
    for name, rows in expected.rows.items():
        ours = sorted(map(str, plain(found.rows[name])))
        assert ours == sorted(map(str, plain(rows))), name


def plain(rows):
    return [{k: str(v)[:19] for k, v in row.items()} for row in rows]
