"""An account's daily usage per meter as an array, the way the forecast reads it."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.account import Account
from audit.pricing import Catalogue

#: Older days are left out: three years hold every season twice, and one row of a wrong year does
#: not blow up the array.
LONGEST_HISTORY_DAYS = 3 * 366


class History(NamedTuple):
    """``meters``: product keys in alphabetical order. ``values`` (meters, days): metered units a
    day over the whole organization, the newest day last; NaN is a day without a report of any
    counter, zero a day with reports but none of this meter. ``last_day``: day of the last
    column, the day before the audit, whether it was reported or not."""

    meters: tuple[str, ...]
    values: npt.NDArray[np.float64]
    last_day: date


def counters(account: Account) -> dict[str, str]:
    """The product that each counter meters: the catalogue's, and what the account's own
    subscriptions say of products that it does not know."""
    catalogue = Catalogue.load()
    rows = account["subscriptions"]
    own = {
        str(counter): str(product)
        for counter, product in zip(rows["usage_type"], rows["product"], strict=True)
        if not pd.isna(counter) and product not in catalogue.products
    }
    return own | dict(catalogue.names)


def history(account: Account, as_of: date) -> History:
    """Usage of every meter from the first reported day, at most ``LONGEST_HISTORY_DAYS``, to the
    day before ``as_of``.

    Days from ``as_of`` on are not complete and left out. Counters that bill nothing are no
    meters, but a report of one makes its day a known day. Without a report there are no meters
    and no days.
    """
    last_day = as_of - timedelta(days=1)
    daily = account["usage_daily"]
    ago = (pd.Timestamp(last_day) - daily["day"]).dt.days.to_numpy(dtype=np.int64)
    seen = (ago >= 0) & (ago < LONGEST_HISTORY_DAYS)
    if not seen.any():
        return History((), np.zeros((0, 0)), last_day)
    ago = ago[seen]
    days = int(ago.max()) + 1
    products = counters(account)
    names = daily["usage_type"][seen].map(products.get)
    codes, meters = pd.factorize(names, sort=True)
    known = np.zeros(days, dtype=bool)
    known[days - 1 - ago] = True
    metered = codes >= 0
    at = codes[metered] * days + days - 1 - ago[metered]
    quantity = daily["quantity"][seen].to_numpy(dtype=np.float64)[metered]
    summed = np.bincount(at, quantity, len(meters) * days).astype(np.float64, copy=False)
    values = summed.reshape(len(meters), days)
    values[:, ~known] = np.nan
    return History(tuple(map(str, meters)), values, last_day)
