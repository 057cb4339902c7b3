"""What every page of ours is made of: its files, its content policy, and how it is written."""

import os
from functools import cache
from pathlib import Path


@cache
def asset(name: str) -> str:
    """A file that is installed beside this one."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def content_policy(*scripts: str) -> str:
    """Nothing is loaded from anywhere, and no script runs but these sources of the policy."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(scripts)}",
            # Chart libraries set style attributes; without a source to load from, a style
            # cannot send anything anywhere.
            "style-src 'unsafe-inline'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def replaced(path: Path, text: str) -> Path:
    """A file that is whole, or still the one before."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        new.write_text(text, encoding="utf-8", newline="\n")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    return path
