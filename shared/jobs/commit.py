"""The one way in which what a handling says reaches the store."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.jobs.job import Job, Said
from shared.jobs.rows import enqueue
from shared.messages import Envelope, Message, authority
from shared.messages.custom import CustomEvent
from shared.store import Handling
from shared.store.outbox import put, seal


@dataclass(frozen=True)
class Speaker:
    """Who says it, and with which first words (authorities)."""

    name: str
    words: frozenset[str]
    instance: str = ""

    def commit(
        self, said: Said, at: Handling, *, allowed: frozenset[type[Message | Job]] | None = None
    ) -> list[Envelope]:
        """Put messages into the outbox and jobs into the job table, in `at`'s transaction.

        TypeError when something is said that the handler's signature does not name: a mistake in
        the program, found by the first test that runs it. Refused when a message is too large to
        be sent at all. Returns the envelopes.
        """
        envelopes: list[Envelope] = []
        for position, thing in enumerate(said):
            self._may(thing, allowed)
            if isinstance(thing, Job):
                enqueue(at.session, thing, at)
            else:
                sealed = seal(
                    thing, at, sender=self.name, position=position, instance=self.instance
                )
                envelopes.append(sealed)
        put(at.session, envelopes)
        return envelopes

    def check(self, kinds: Iterable[type[Message | Job]]) -> None:
        """TypeError when a signature names a message that this service may not say."""
        for kind in kinds:
            if issubclass(kind, Message) and not self._has_word(kind):
                raise TypeError(f"{self.name} may say {sorted(self.words)}, not {kind.topic}")

    def _has_word(self, kind: type[Message]) -> bool:
        return issubclass(kind, CustomEvent) or authority(kind.topic) in self.words

    def _may(self, thing: Message | Job, allowed: frozenset[type[Message | Job]] | None) -> None:
        if allowed is not None and type(thing) not in allowed:
            names = sorted(kind.__name__ for kind in allowed)
            raise TypeError(f"said {type(thing).__name__}, but the signature names {names}")
        self.check([type(thing)])
