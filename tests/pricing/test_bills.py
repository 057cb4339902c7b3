"""Every worked bill found outside this project comes out to the cent, or dollar, as printed."""

import tomllib
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from audit.pricing import Schedule, bill, parse_quantities

BILLS = sorted((Path(__file__).parent.parent / "bills").glob("*.toml"))


def test_the_bills_are_found():
    assert len(BILLS) > 30


@pytest.mark.parametrize("path", BILLS, ids=lambda path: path.stem)
def test_a_worked_bill_comes_out_as_printed(path):
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    own = {
        entry["product"]: Schedule.from_json(
            [{"up_to": None, **tier} for tier in entry["tiers"]], product=entry["product"]
        )
        for entry in case.get("own", ())
    }

    got = bill(
        parse_quantities(f"{name}={text}" for name, text in case["quantities"].items()),
        on=case["on"],
        own=own,
        limits_usd=dict.fromkeys(case["lines"], Decimal(case["limit_usd"]))
        if "limit_usd" in case
        else {},
        discount_percent=Decimal(case.get("discount_percent", "0")),
    )

    expected = {name: Decimal(amount) for name, amount in case["lines"].items()}
    assert case["computed_by"]
    assert case["arithmetic"].strip()
    if case["rounding"] == "dollars":
        dollars = {
            line.product: sum((tier.amount for tier in line.tiers), Decimal(0)).quantize(
                Decimal(1), rounding=ROUND_HALF_UP
            )
            for line in got.lines
        }
        assert dollars == expected
        assert sum(dollars.values()) == Decimal(case["total"])
    else:
        assert {line.product: line.amount for line in got.lines} == expected
        assert got.total == Decimal(case["total"])
