"""Every item of a list that comes in pages, each once, or an error: never a part in silence."""

from collections.abc import Callable
from typing import Any

from audit.web.failures import RequestError

Item = dict[str, Any]
#: A cursor (None at first) to the items of a page and the next cursor (None at the end).
Fetch = Callable[[Any], tuple[Any, Any]]

LONGEST_LIST_PAGES = 100_000


def by_id(item: Item) -> str:
    return str(item.get("id"))


def every(
    fetch: Fetch,
    where: str,
    *,
    identity: Callable[[Item], str] = by_id,
    empty_ends: bool = False,
) -> list[Item]:
    """All items in order; one that stands on two pages is kept as it was seen last.

    ``empty_ends``: this vendor is known to name a next page after its last one.

    Raises: RequestError for a page that is no list, is empty with more to come, repeats, or leads
    in a circle.
    """
    found: dict[str, Item] = {}
    followed: set[str] = set()
    cursor: Any = None
    for _ in range(LONGEST_LIST_PAGES):
        items, following = fetch(cursor)
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise RequestError(
                f"{where} answered no list of items. The vendor may have changed its API; "
                "upgrade the tool, or report it."
            )
        fresh = {identity(item) for item in items} - found.keys()
        found.update((identity(item), item) for item in items)
        if not following or (empty_ends and not items):
            return list(found.values())
        if not items:
            raise RequestError(
                f"{where} answered an empty page with more pages to come; the list was not read. "
                "Try again later."
            )
        if not fresh or str(following) in followed:
            raise RequestError(f"{where} repeats a page; the list was not read. Try again later.")
        followed.add(str(following))
        cursor = following
    raise RequestError(f"{where} has more than {LONGEST_LIST_PAGES:,} pages; it was not read.")


def part(answer: Any, name: str, where: str) -> Any:
    """A part of an answer that must be there. Raises: RequestError."""
    if not isinstance(answer, dict) or name not in answer:
        raise RequestError(
            f"{where} answered without {name!r}. The vendor may have changed its API; upgrade the "
            "tool, or report it."
        )
    return answer[name]
