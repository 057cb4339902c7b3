"""Answers about accounts that have been given, so that nobody waits for the same one again."""

import zlib
from collections import OrderedDict

#: Packed, the tabs of one account are 30 to 60 KB.
KEPT_BYTES = 256 << 20


class Kept:
    """Lines of answers by key, packed. What was asked for longest ago goes first."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most = most_bytes
        self._packed: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def __contains__(self, key: str) -> bool:
        return key in self._packed

    def lines(self, key: str) -> list[bytes]:
        """Raises: KeyError for one that is not there."""
        self._packed.move_to_end(key)
        return zlib.decompress(self._packed[key]).splitlines(keepends=True)

    def keep(self, key: str, lines: list[bytes]) -> None:
        """Of an answer that is larger than all there is room for nothing is kept."""
        packed = zlib.compress(b"".join(lines), 1)
        self._size += len(packed) - len(self._packed.pop(key, b""))
        self._packed[key] = packed
        while self._size > self._most:
            self._size -= len(self._packed.popitem(last=False)[1])
