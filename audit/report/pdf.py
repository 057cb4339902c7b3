"""A report as PDF, printed by the system's Chromium."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from audit.errors import RunError

#: In the order in which they are looked for.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SECONDS = 120
#: So long, in the page's own time, its script may take to draw the charts.
DRAWING_MILLISECONDS = 20_000


def write(page: Path, path: Path) -> Path:
    """Print a page. Its charts are drawn, and nothing is asked of any network.

    Raises: RunError where there is no Chromium, or with what it said.
    """
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise RunError("A PDF needs Chromium. Install it, or print the page from a browser.")
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    with tempfile.TemporaryDirectory(prefix="audit-") as private:
        command = [
            program,
            "--headless",
            *(["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []),
            "--disable-gpu",
            "--no-first-run",
            "--disable-extensions",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={private}",
            f"--virtual-time-budget={DRAWING_MILLISECONDS}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={new.resolve()}",
            page.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - a browser and our own page
                command, capture_output=True, text=True, timeout=SECONDS, check=False
            )
            if done.returncode or not new.is_file() or not new.stat().st_size:
                said = (done.stderr.strip().splitlines() or ["it wrote nothing"])[-1]
                raise RunError(f"Chromium could not print the report: {said[:300]}")
            new.replace(path)
        except subprocess.TimeoutExpired as error:
            raise RunError(f"Chromium did not print the report in {SECONDS} seconds.") from error
        finally:
            new.unlink(missing_ok=True)
    return path
