"""Return on what is paid, and on fixing it: a declared model with every assumption in sight.

Nobody publishes a formula for it, so this one is ours. See docs/roi.md.
"""

from audit.roi.assumptions import (
    Assumption,
    Assumptions,
    Benchmark,
    OwnAssumptions,
    assumptions,
    benchmarks,
    merged,
    parsed,
    read_file,
)
from audit.roi.document import document
from audit.roi.one import Roi, roi

__all__ = [
    "Assumption",
    "Assumptions",
    "Benchmark",
    "OwnAssumptions",
    "Roi",
    "assumptions",
    "benchmarks",
    "document",
    "merged",
    "parsed",
    "read_file",
    "roi",
]
