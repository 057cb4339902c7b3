"""Entry point of the ``audit`` command and of ``python -m audit``."""

from audit.engine import one_thread
from audit.engine.slow_import import block


def main() -> None:
    """Run the command and leave with its exit code."""
    block()
    one_thread.ask()
    from audit.cli.app import app

    app()


if __name__ == "__main__":
    main()
