"""A folder of CSV, JSON or Parquet exports as canonical tables.

:func:`recognise` says what each file is taken for; :func:`load` loads them all or nothing.
How to name files and write a mapping: ``docs/files.md``.
"""

from audit.sources.files.load import load
from audit.sources.files.recognition import Recognised, recognise

__all__ = ["Recognised", "load", "recognise"]
