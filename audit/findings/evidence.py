"""The facts behind a finding, with the query and the rows each came from."""

from typing import Any

import pandas as pd

from audit.account import Account
from audit.checks.contract import BILL_FACTS, SAVING_FACT
from audit.facts.runner import FactFile, Scope, files_of
from audit.findings.flags import Verdicts
from audit.findings.model import Evidence
from audit.findings.world import World


def plain_value(value: Any) -> Any:
    """Whole numbers as int; a missing value as None."""
    if isinstance(value, str):
        return value
    number = float(value)
    if number != number:
        return None
    return int(number) if number == int(number) else number


class EvidenceOf:
    """Evidence of one account's findings; hashes each table once."""

    def __init__(self, account: Account, world: World) -> None:
        self.account = account
        self.world = world
        self.prints: dict[str, tuple[int, str]] = {}

    def of(self, verdict: Verdicts, fact: "pd.Series[Any]") -> tuple[Evidence, ...]:
        return tuple(self._one(name, verdict.scope, fact) for name in verdict.check.all_facts)

    def _one(self, name: str, scope: Scope, fact: "pd.Series[Any]") -> Evidence:
        value = plain_value(fact[name])
        if name == SAVING_FACT:
            meaning = "what this remedy alone would save a billing month (estimate)"
            return Evidence(
                name,
                round(value or 0.0, 2),
                "USD",
                meaning,
                "bill",
                "",
                *self._rows("usage_rows"),
                "",
            )
        if name in BILL_FACTS:
            _, unit, meaning = BILL_FACTS[name]
            return Evidence(name, value, unit, meaning, "bill", "", *self._rows("usage_daily"), "")
        product = fact["product"] if scope == "product" else ""
        file = next(
            f for f in files_of(name) if not product or not f.products or product in f.products
        )
        known = next(f for f in file.facts if f.name == name)
        if known.unit == "claim" and value is not None:
            value = bool(value)
        return Evidence(
            fact=name,
            value=value,
            unit=known.unit,
            meaning=known.meaning,
            query=file.name,
            query_sha256=file.sha256,
            rows=self._rows(file.table)[0],
            data_sha256=self._rows(file.table)[1],
            source_query=self._source_query(file, product),
        )

    def _rows(self, table: str) -> tuple[int, str]:
        if table not in self.prints:
            self.prints[table] = (len(self.account[table]), self.account.fingerprint(table))
        return self.prints[table]

    def _source_query(self, file: FactFile, product: str) -> str:
        covered = self.account["coverage"]
        subject = file.subject.replace("<product>", product)
        names = covered.loc[covered["subject"] == subject, "query_name"].dropna().unique()
        return ", ".join(sorted(names))
