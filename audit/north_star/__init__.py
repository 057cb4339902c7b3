"""What the team measures itself by: who still pays three months after the first large bill."""

from audit.north_star.measure import north_star
from audit.north_star.model import Cohort, Group, NorthStar, Target
from audit.north_star.standing import APART, KNOWN, MEMBERS, Status
from audit.north_star.treatments import CHOICES, Treatments

__all__ = [
    "APART",
    "CHOICES",
    "KNOWN",
    "MEMBERS",
    "Cohort",
    "Group",
    "NorthStar",
    "Status",
    "Target",
    "Treatments",
    "north_star",
]
