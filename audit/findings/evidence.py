"""The facts behind a finding, with the query and the rows each came from."""

from collections.abc import Mapping
from typing import Any

from audit.account import Account
from audit.checks.contract import SAVING_FACT
from audit.checks.engine_facts import ENGINE_FACTS
from audit.facts.runner import Fact, Scope, files_of
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
        covered = account["coverage"]
        self.asked: dict[str, set[str]] = {}
        for subject, query in zip(covered["subject"], covered["query_name"], strict=True):
            if isinstance(query, str):
                self.asked.setdefault(subject, set()).add(query)

    def of(self, verdict: Verdicts, fact: Mapping[str, Any]) -> tuple[Evidence, ...]:
        return tuple(self._one(name, verdict.scope, fact) for name in verdict.check.all_facts)

    def _one(self, name: str, scope: Scope, fact: Mapping[str, Any]) -> Evidence:
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
        if name in ENGINE_FACTS:
            known = ENGINE_FACTS[name]
            shown = value
            if known.unit == "claim" and value is not None:
                shown = bool(value)
            elif isinstance(value, float):
                # A chance of one in a million is not zero.
                shown = round(value, 4) or float(f"{value:.2g}")
            return Evidence(
                name, shown, known.unit, known.meaning, "bill", "", *self._rows(known.table), ""
            )
        product = fact["product"] if scope == "product" else ""
        file = next(
            f for f in files_of(name) if not product or not f.products or product in f.products
        )
        fact_of = file.fact(name)
        if fact_of.unit == "claim" and value is not None:
            value = bool(value)
        rows, sha256 = self._rows(fact_of.table)
        return Evidence(
            fact=name,
            value=value,
            unit=fact_of.unit,
            meaning=fact_of.meaning,
            query=file.name,
            query_sha256=file.sha256,
            rows=rows,
            data_sha256=sha256,
            source_query=self._source_query(fact_of, product),
        )

    def _rows(self, table: str) -> tuple[int, str]:
        if table not in self.prints:
            self.prints[table] = (len(self.account[table]), self.account.fingerprint(table))
        return self.prints[table]

    def _source_query(self, fact: Fact, product: str) -> str:
        subjects = {subject.replace("<product>", product) for subject in fact.subjects}
        named: set[str] = set()
        for subject in subjects:
            named |= self.asked.get(subject, set())
        return ", ".join(sorted(named))
