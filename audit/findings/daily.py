"""Every day's usage of every organization, read from the store once, as columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.frames import materialise
from audit.statements import execute

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_PART_ROWS = 1 << 17

# One value per project, day and counter, as it stands: adding up here would take three times as
# long as doing so in columns.
_USAGE = """
SELECT CAST(a.key AS INTEGER) AS key, CAST(coalesce(c.code, 0) AS SMALLINT) AS code,
    CAST(a.as_of - CAST(u.day AS DATE) AS SMALLINT) AS ago,
    CAST(u.quantity AS DOUBLE) AS quantity
FROM usage_daily u
JOIN (
    SELECT key, organization_id, CAST(as_of AS DATE) AS as_of FROM audited
) a ON a.organization_id = u.organization_id
LEFT JOIN counter_codes c ON c.usage_type = u.usage_type
WHERE a.as_of - CAST(u.day AS DATE) BETWEEN 1 AND $days
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
    quantity: Floats
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

    def by_day(self, places: Integers, count: int, days: int) -> tuple[Floats, Mask]:
        """(count, days): units by day of all that ``places`` (organizations, codes) sends to one
        row, the newest day last; and (count): whether a row has a value at all."""
        table = np.where(places < 0, count, places).astype(np.int32).ravel()
        width = places.shape[1]
        counted = np.zeros(count + 1, dtype=bool)
        at = np.empty(len(self.key), dtype=np.int64)
        for part in self._parts():
            ago = self.ago[part]
            row = table[self.key[part] * np.int32(width) + self.code[part]]
            row[ago > days] = count
            counted[row] = True
            at[part] = row.astype(np.int64) * days + np.maximum(days - ago, 0)
        # Of no rows at all the sums are whole numbers.
        summed = np.bincount(at, self.quantity, (count + 1) * days).astype(np.float64, copy=False)
        return summed.reshape(count + 1, days)[:count], counted[:count]

    def between(self, nearest: int, farthest: int) -> Floats:
        """(organizations, codes): units of the days more than ``nearest`` and up to ``farthest``
        days before the audit."""
        places, quantities = [], []
        for part in self._parts():
            ago = self.ago[part]
            chosen = np.flatnonzero((ago > nearest) & (ago <= farthest))
            key, code = self.key[part][chosen], self.code[part][chosen]
            places.append(key.astype(np.int64) * self.codes + code)
            quantities.append(self.quantity[part][chosen])
        size = self.organizations * self.codes
        if not places:
            return np.zeros((self.organizations, self.codes))
        summed = np.bincount(np.concatenate(places), np.concatenate(quantities), size)
        return summed.astype(np.float64, copy=False).reshape(-1, self.codes)

    def _parts(self) -> Iterator[slice]:
        """Pieces that stay in the processor's cache: whole columns would take twice as long."""
        for start in range(0, len(self.key), _PART_ROWS):
            yield slice(start, start + _PART_ROWS)


def read_daily(connection: duckdb.DuckDBPyConnection, organizations: int, days: int) -> Daily:
    """Usage of the last ``days`` days before each organization's audit."""
    rows = execute(
        connection, "SELECT usage_type, product, key FROM metered ORDER BY ALL"
    ).fetchall()
    codes = {name: place for place, name in enumerate(sorted({row[0] for row in rows}), 1)}
    named = pd.DataFrame({"usage_type": list(codes), "code": list(codes.values())})
    materialise(connection, "counter_codes", named)
    used = execute(connection, _USAGE, {"days": days}).fetchnumpy()
    return Daily(
        organizations=organizations,
        days=days,
        key=used["key"],
        code=used["code"],
        ago=used["ago"],
        quantity=used["quantity"],
        metered=[(codes[name], product, key) for name, product, key in rows],
    )
