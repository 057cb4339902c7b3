"""Every page of a list, once, or an error: never a silent part of it.

Offset pages shift when somebody adds or deletes an object meanwhile. A list whose count
changes, or disagrees with what was collected, is read once more; then it is an error.
"""

from collections.abc import Callable, Mapping
from typing import Any

from audit.sources.posthog.client import Client
from audit.web.failures import RequestError

Item = dict[str, Any]

PAGE_ROWS = 100
READINGS = 2
LONGEST_LIST_PAGES = 10_000


class _MovedError(RequestError):
    """The list changed under us; another reading may be whole."""


def by_id(item: Item) -> str:
    return str(item.get("id"))


def every(
    client: Client,
    path: str,
    params: Mapping[str, Any] | None = None,
    *,
    identity: Callable[[Item], str] = by_id,
    cursor: str = "cursor",
) -> list[Item]:
    """All items of a paged list, in order, each once.

    ``next`` may be a link to this host or an opaque cursor, sent back as ``cursor``.

    Raises: RequestError when a page is missing, repeats, is empty with more to come, or the
    list would not hold still.
    """
    for reading in range(READINGS):
        try:
            return _reading(client, path, dict(params or {}), identity, cursor)
        except _MovedError:
            if reading == READINGS - 1:
                raise
    raise AssertionError("a reading returns or raises")


def _reading(
    client: Client,
    path: str,
    params: dict[str, Any],
    identity: Callable[[Item], str],
    cursor: str,
) -> list[Item]:
    found: dict[str, Item] = {}
    counts: set[int] = set()
    followed: set[str] = set()
    repeats = 0
    link, query = path, params
    for _ in range(LONGEST_LIST_PAGES):
        page = client.get(link, query)
        items = _items(page, path)
        for name in ("count", "total_count"):
            if isinstance(page.get(name), int):
                counts.add(page[name])
        fresh = {identity(item): item for item in items if identity(item) not in found}
        repeats += len(items) - len(fresh)
        following = page.get("next")
        if items and not fresh and following:
            raise RequestError(f"{path} repeats a page; the list was not read. Try again later.")
        found.update(fresh)
        if not following:
            return _whole(list(found.values()), counts, repeats, path)
        if not items:
            raise RequestError(
                f"{path} answered an empty page with more pages to come; the list was not read. "
                "Try again later."
            )
        if following in followed:
            raise RequestError(f"{path} runs in a circle (page {len(followed)}); it was not read.")
        followed.add(following)
        if following.startswith(("http://", "https://", "/")):
            link, query = following, {}
        else:
            link, query = path, {**params, cursor: following}
    raise RequestError(f"{path} has more than {LONGEST_LIST_PAGES:,} pages; it was not read.")


def _items(page: Mapping[str, Any], path: str) -> list[Item]:
    items = page.get("results")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise RequestError(
            f"{path} answered no list `results`. The server may be older or newer than this tool."
        )
    return items


def _whole(items: list[Item], counts: set[int], repeats: int, path: str) -> list[Item]:
    if counts and counts != {len(items)}:
        raise _MovedError(
            f"{path} changed while it was read: {len(items)} items, and the vendor counts "
            f"{' or '.join(map(str, sorted(counts)))}. Pull again when nobody is editing."
        )
    if repeats and not counts:
        raise _MovedError(f"{path} changed while it was read ({repeats} items twice). Pull again.")
    return items
