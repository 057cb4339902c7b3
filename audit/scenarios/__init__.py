"""What if: other usage, settings, products, prices or payment, priced jointly with ranges."""

from audit.scenarios.changes import Scenario, scenario, scenarios
from audit.scenarios.compare import Comparison, Outcome, compare
from audit.scenarios.document import document

__all__ = [
    "Comparison",
    "Outcome",
    "Scenario",
    "compare",
    "document",
    "scenario",
    "scenarios",
]
