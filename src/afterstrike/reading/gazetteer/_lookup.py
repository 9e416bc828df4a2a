"""Looking up keys in the shipped index and the user's, each key read once a process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from afterstrike.reading.gazetteer._cache import Hit, Index
from afterstrike.reading.gazetteer._names import bare, plain

__all__ = ["Lookup", "close_keys"]

# Keys kept in memory; a long run over ever new names starts over instead of growing.
_MOST_KEYS = 40_000


class Lookup:
    """The indexes in order, the user's first, behind one memory of keys already read."""

    def __init__(self, shipped: Index, users: Sequence[Index]) -> None:
        self.shipped = shipped
        self.users = tuple(users)
        self._hits: dict[str, list[tuple[bool, Hit]]] = {}

    def fetch(self, keys: Iterable[str]) -> None:
        """Read keys not read before, all in few statements."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self._hits]
        if not wanted:
            return
        if len(self._hits) > _MOST_KEYS:
            self._hits.clear()
        for key in wanted:
            self._hits[key] = []
        for index in (*self.users, self.shipped):
            is_users = index is not self.shipped
            for key, hits in index.find(wanted).items():
                self._hits[key] += [(is_users, hit) for hit in hits]

    def found(self, keys: Sequence[str]) -> list[tuple[str, bool, Hit]]:
        """Give for each place under the keys: the key, whether it is the user's, the place."""
        self.fetch(keys)
        return [(key, is_users, hit) for key in keys for is_users, hit in self._hits.get(key, ())]


def close_keys(text: str) -> list[str]:
    """Give the keys of a text that leave only case, marks, articles and spaces aside."""
    bare_name = bare(text)
    return [k for k in dict.fromkeys(("p" + plain(text), "b" + bare_name, "p" + bare_name)) if len(k) > 1]
