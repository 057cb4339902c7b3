"""Every day's usage of every organization, read from the store once, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.store import materialise

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# One value per project, day and counter, as it stands: adding up here would take three times as
# long as doing so in columns.
_USAGE = """
SELECT CAST(a.key AS INTEGER) AS key, CAST(coalesce(c.code, 0) AS SMALLINT) AS code,
    CAST(date_diff('day', u.day, a.as_of) AS SMALLINT) AS ago, u.quantity
FROM usage_daily u
JOIN audited a ON a.organization_id = u.organization_id
LEFT JOIN counter_codes c ON c.usage_type = u.usage_type
WHERE u.day < a.as_of AND u.day >= a.as_of - to_days($days)
"""


@dataclass(frozen=True)
class Daily:
    """A value per organization ``key``, counter ``code`` (0: meters nothing) and day, ``ago`` days
    before the audit. ``metered``: code, the product it meters, and the one organization that
    calls it so, or None for all."""

    organizations: int
    days: int
    key: npt.NDArray[np.int32]
    code: npt.NDArray[np.int16]
    ago: npt.NDArray[np.int16]
    quantity: Integers
    metered: Sequence[tuple[int, str, int | None]]

    @cached_property
    def reported(self) -> Mask:
        """(organizations, days), the newest last: a day with any report. A product without one
        that day used none."""
        known = np.zeros((self.organizations, self.days), dtype=bool)
        known[self.key, self.days - self.ago] = True
        return known

    @property
    def codes(self) -> int:
        return 1 + max((code for code, _, _ in self.metered), default=0)

    @cached_property
    def is_metered(self) -> Mask:
        """(organizations, codes): the counter meters a product of the organization."""
        table = np.zeros((self.organizations, self.codes), dtype=bool)
        for code, _, own in self.metered:
            table[slice(None) if own is None else own, code] = True
        return table

    def places(self, keys: Integers, products: Sequence[str]) -> Integers:
        """(organizations, codes): the place in ``keys`` and ``products`` that a counter of an
        organization belongs to, -1 for none."""
        table = np.full((self.organizations, self.codes), -1, dtype=np.int64)
        names, uniques = pd.factorize(np.asarray(products, dtype=object))
        of_product = {name: np.flatnonzero(names == at) for at, name in enumerate(uniques)}
        for code, product, own in self.metered:
            mine = of_product.get(product)
            if mine is not None:
                mine = mine if own is None else mine[keys[mine] == own]
                table[keys[mine], code] = mine
        return table

    def between(self, nearest: int, farthest: int) -> npt.NDArray[np.float64]:
        """(organizations, codes): units of the days more than ``nearest`` and up to ``farthest``
        days before the audit."""
        chosen = (self.ago > nearest) & (self.ago <= farthest)
        place = self.key[chosen].astype(np.int64) * self.codes + self.code[chosen]
        summed = np.bincount(place, self.quantity[chosen], self.organizations * self.codes)
        return summed.astype(np.float64).reshape(self.organizations, self.codes)


def read_daily(connection: duckdb.DuckDBPyConnection, organizations: int, days: int) -> Daily:
    """Usage of the last ``days`` days before each organization's audit."""
    rows = connection.execute(
        "SELECT usage_type, product, key FROM metered ORDER BY ALL"
    ).fetchall()
    codes = {name: place for place, name in enumerate(sorted({row[0] for row in rows}), 1)}
    named = pd.DataFrame({"usage_type": list(codes), "code": list(codes.values())})
    materialise(connection, "counter_codes", named)
    used = connection.execute(_USAGE, {"days": days}).fetchnumpy()
    return Daily(
        organizations=organizations,
        days=days,
        key=used["key"],
        code=used["code"],
        ago=used["ago"],
        quantity=used["quantity"],
        metered=[(codes[name], product, key) for name, product, key in rows],
    )
