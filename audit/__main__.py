"""Entry point of the ``audit`` command and of ``python -m audit``."""

import sys


def main() -> None:
    """Run the command and leave with its exit code."""
    # jsonschema, which every Jupyter library imports, builds some 35 grammars when it finds
    # this optional module: most of a second, for a format no notebook uses.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from audit.cli.app import app

    app()


if __name__ == "__main__":
    main()
