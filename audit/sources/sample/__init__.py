"""A sample portfolio of any size: plausible usage and settings, with faults planted on purpose.

It prices nothing and judges nothing; what was planted is in ``Sample.truth``.
"""

from audit.sources.sample.edge import EdgeKind, edge_account_tables, hostile_account_tables
from audit.sources.sample.portfolio import Sample, portfolio

__all__ = ["EdgeKind", "Sample", "edge_account_tables", "hostile_account_tables", "portfolio"]
