"""The words of the CRM as dated data: statuses, segments and fields, and how they are read.

The vocabulary changed four times and accounts keep words of all times. A word is known by its
whole spelling or not at all; one nobody has seen is kept, shown and counted, never guessed.
"""

from audit.lifecycle.fields import Field, Fields, fields
from audit.lifecycle.notes import sentences
from audit.lifecycle.reading import elements, prepare, unknown_values
from audit.lifecycle.words import Era, Vocabulary, folded, vocabulary

__all__ = [
    "Era",
    "Field",
    "Fields",
    "Vocabulary",
    "elements",
    "fields",
    "folded",
    "prepare",
    "sentences",
    "unknown_values",
    "vocabulary",
]
