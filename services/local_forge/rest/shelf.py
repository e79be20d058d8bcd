"""Answers that are still true: kept until the store changes, so that polling costs next to nothing."""

from starlette.requests import Request

from services.local_forge.domain.actor import Actor
from services.local_forge.rest.answer import Answer

_MOST = 512

Key = tuple[object, ...]


def key_of(request: Request, actor: Actor) -> Key:
    """All that a plain reading handler's answer follows from, but for the store itself."""
    scope = request.scope
    asked = (scope["path"], scope["query_string"], str(request.base_url))
    return (actor.account.id, actor.app_id, *asked)


class Shelf:
    """Answers of one version of the store; another version empties it."""

    def __init__(self) -> None:
        self._version = -1
        self._kept: dict[Key, Answer] = {}

    def find(self, key: Key, *, version: int) -> Answer | None:
        """The answer that was given to the same question, if nothing was written since."""
        return self._kept.get(key) if version == self._version else None

    def keep(self, key: Key, answer: Answer, *, version: int) -> None:
        """Remember a good answer."""
        if version != self._version or len(self._kept) >= _MOST:
            self._version = version
            self._kept.clear()
        if answer.status == 200:
            self._kept[key] = answer
