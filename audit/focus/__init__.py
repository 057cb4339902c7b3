"""Bills in the columns of FOCUS 1.2, the open format for cost and usage data.

Source: FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec, version 1.2.
"""

from audit.focus.columns import VERSION, Column, columns
from audit.focus.rows import Payer, Place, RowSet, bill_rows, payer_of, row_sets
from audit.focus.write import Written, to_csv, write, write_one

__all__ = [
    "VERSION",
    "Column",
    "Payer",
    "Place",
    "RowSet",
    "Written",
    "bill_rows",
    "columns",
    "payer_of",
    "row_sets",
    "to_csv",
    "write",
    "write_one",
]
