"""Answers of an API that are one list: which table each fills, and how its rows come of it."""

from collections.abc import Callable, Mapping
from typing import Any

from audit.sources.billing import series_rows
from audit.sources.files.stripe import invoice_rows

#: (answer, organization id) to rows.
RowsOf = Callable[[Mapping[str, Any], str], list[dict[str, Any]]]

LISTS: Mapping[str, tuple[str, RowsOf]] = {
    "series": ("usage_daily", lambda answer, who: series_rows(answer, organization_id=who)),
    "invoices": ("invoices", lambda answer, who: invoice_rows(answer, organization_id=who)),
}
