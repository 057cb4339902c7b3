"""``python -m audit.testing [FOLDER]``: all systems of the sample, to try the toolkit against.

Writes FOLDER/audit.toml that leads to them, and a file of keys to source; runs until interrupted.
"""

import sys
from datetime import date
from pathlib import Path
from shlex import quote

from audit.sources.sample import portfolio
from audit.testing.systems import FakeSystems

AS_OF = date(2026, 11, 1)
KEYS_FILE = "keys.sh"


def main(folder: Path) -> None:
    """Serve until interrupted."""
    folder.mkdir(parents=True, exist_ok=True)
    with FakeSystems(portfolio(12, as_of=AS_OF).tables, AS_OF) as systems:
        systems.write(folder)
        lines = [f"export {name}={quote(value)}" for name, value in systems.keys.items()]
        (folder / KEYS_FILE).write_text("\n".join(lines) + "\n", "utf-8")
        sys.stdout.write(
            f"All systems of twelve made-up organizations run until you press Ctrl+C. Then try:\n"
            f"  cd {quote(str(folder))}\n"
            f"  . ./{KEYS_FILE}\n"
            f"  audit pull --portfolio --as-of {AS_OF}\n"
        )
        sys.stdout.flush()
        try:
            _wait()
        except KeyboardInterrupt:
            sys.stdout.write("\n")


def _wait() -> None:
    from threading import Event

    Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "systems"))
