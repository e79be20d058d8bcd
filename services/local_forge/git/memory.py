"""What was once found out about commits: they never change, so git need not be asked twice."""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

_WHOLE_SHA = re.compile(r"[0-9a-f]{40}")

T = TypeVar("T")


def is_whole(sha: str) -> bool:
    """Is it the whole name of an object, which means the same for ever?"""
    return _WHOLE_SHA.fullmatch(sha) is not None


class Memory(Generic[T]):
    """Answers by the SHAs that they follow from; the one that was not used for longest leaves."""

    def __init__(self, most: int, *, worth: Callable[[T], bool] = lambda _: True) -> None:
        """Keeps `most` answers; `worth` says no to those that are too large to keep."""
        self._most = most
        self._worth = worth
        self._known: OrderedDict[tuple[str, ...], T] = OrderedDict()

    async def get(
        self, shas: tuple[str, ...], find: Callable[[], Awaitable[T]], *, about: str = ""
    ) -> T:
        """The answer for `shas` (and `about`, a path in them); `find` asks git for a new one.

        Kept only where every name in `shas` is whole: a branch's answer would change.
        """
        key = (*shas, about)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        found = await find()
        if all(is_whole(sha) for sha in shas) and self._worth(found):
            self._known[key] = found
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found
