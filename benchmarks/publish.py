"""Put measured tables into a page of docs/, between its markers."""

import re
from pathlib import Path


def between(page: Path, name: str, text: str) -> None:
    """Replace what stands between ``<!-- name: begin -->`` and ``<!-- name: end -->``."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    old = page.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(old)) != 1:
        raise SystemExit(f"{page} needs the lines {begin} and {end} once each.")
    new = f"{begin}\n{text.strip()}\n{end}"
    page.write_text(pattern.sub(lambda _: new, old), encoding="utf-8")
