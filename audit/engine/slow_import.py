"""The import that makes every Jupyter process slower by most of a second, kept off.

``jsonschema``, which every Jupyter library imports, builds some 35 grammars when it finds the
optional module ``rfc3987_syntax``. Without it the "iri" format is left unchecked, which no Jupyter
schema uses. Has to be called before the first import of such a library.
"""

import sys

SLOW_MODULE = "rfc3987_syntax"

#: The same, as the first statement of a Python process of our own.
STATEMENT = f"import sys; sys.modules.setdefault({SLOW_MODULE!r}, None)"


def block() -> None:
    """Make jsonschema believe that the module is not installed."""
    sys.modules.setdefault(SLOW_MODULE, None)  # type: ignore[arg-type]
