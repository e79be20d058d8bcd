"""What requests are answered from: the service's store, the news of it, and its way to say events."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from services.console.asking import Asked
from services.console.news import News
from shared.bus import Service
from shared.messages.custom import CustomEvent
from shared.store import Handling

T = TypeVar("T")
_SPACE = uuid5(UUID(int=0), "gatefleet.console.events")


@dataclass
class Rooms:
    """The console's inside, as its server may use it."""

    service: Service
    news: News
    _said: "count[int]" = field(default_factory=count)

    async def ask(self, question: Callable[[Session], T]) -> T:
        """Answer in one transaction. Unanswerable when there is no answer."""
        return await self.service.store.run(question)

    async def say(
        self, name: str, data: dict[str, object], *, key: str, repository: str | None
    ) -> UUID:
        """Put a custom event into the outbox; its id. The same `key` again is the same event.

        BadInput (pydantic's ValidationError) when the name is none, Unanswerable without a repository.
        """
        now = self.service.clock.now()
        named = key or f"{now.isoformat()} {self.service.instance} {next(self._said)}"

        def work(session: Session) -> UUID:
            repo = Asked(session, repository).repo()
            at = Handling(session, now, uuid5(_SPACE, f"{repo.id} {name} {named}"))
            event = CustomEvent.model_validate({"repo": repo, "name": name, "data": data})
            return self.service.speaker.commit([event], at).envelopes[0].id

        identity = await self.service.store.run(work)
        self.service.wake()
        return identity
