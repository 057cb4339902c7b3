"""Facts from SQL: see :mod:`audit.facts.runner`."""
