"""The vendor's published health score, as an approximation that says so.

>>> health = health_of("acme", "Acme", {"event_decrease_percent": 21, "replay_decrease_percent": 0,
...     "analysing_insights_percent": 45, "watching_replays_percent": 5})
>>> health.score, health.label.value, health.coverage_percent
(Decimal('5.00'), 'concerning', 53)
"""

from audit.health.document import document
from audit.health.one import Health, Part, health_of, of
from audit.health.published import Band, Component, Measure, Published, load_published
from audit.health.rules import Rule, Rules, Sign, State, load_rules
from audit.health.score import Scores, band, score

__all__ = [
    "Band",
    "Component",
    "Health",
    "Measure",
    "Part",
    "Published",
    "Rule",
    "Rules",
    "Scores",
    "Sign",
    "State",
    "band",
    "document",
    "health_of",
    "load_published",
    "load_rules",
    "of",
    "score",
]
