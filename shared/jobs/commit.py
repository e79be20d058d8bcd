"""The one way in which what a handling says reaches the store."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from shared.jobs.job import Job, Said
from shared.jobs.rows import enqueue_all
from shared.messages import Envelope, Message, authority
from shared.messages.custom import CustomEvent
from shared.store import Handling, Store
from shared.store.outbox import put, seal

NOT_BESIDE = "{kind}.earlier() made {made}, and its `beside` names {beside}"


@dataclass(frozen=True)
class Sealed:
    """What one handling said."""

    at: Handling
    envelopes: list[Envelope] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)


Committed = Callable[[Sequence[Sealed] | None], None]
"""Called after a transaction with what was said in it. None: whether it was committed is not known (it
was given up, or whoever waited for it was stopped), so look into the store."""


def commit_all(session: Session, sealed: Sequence[Sealed]) -> None:
    """Put what several handlings of one transaction said into the outbox and the job table, with one
    statement for each table and not for each message: statements are what the store's time goes to."""
    enqueue_all(session, [(job, each.at) for each in sealed for job in each.jobs])
    put(session, [envelope for each in sealed for envelope in each.envelopes])


async def commit_and_tell(
    store: Store, work: Callable[[Session], Sealed | None], told: Committed
) -> None:
    """Run `work` in a transaction and tell what was said in it, whatever comes of it."""
    said, known = None, False
    try:
        said = await store.run(work)
        known = True
    finally:
        told([said] if said is not None else [] if known else None)


@dataclass(frozen=True)
class Speaker:
    """Who says it, and with which first words (authorities)."""

    name: str
    words: frozenset[str]
    instance: str = ""

    def commit(
        self, said: Said, at: Handling, *, allowed: frozenset[type[Message | Job]] | None = None
    ) -> "Sealed":
        """Put messages into the outbox and jobs into the job table, in `at`'s transaction.

        TypeError and Refused as `seal`.
        """
        sealed = self.seal(said, at, allowed=allowed)
        commit_all(at.session, [sealed])
        return sealed

    def seal(
        self, said: Said, at: Handling, *, allowed: frozenset[type[Message | Job]] | None = None
    ) -> "Sealed":
        """What was said, ready for `commit_all`; nothing is written yet.

        TypeError when something is said that the handler's signature does not name: a mistake in
        the program, found by the first test that runs it. Refused when a message is too large to
        be sent at all.
        """
        sealed = Sealed(at)
        for position, thing in enumerate(said):
            self._may(thing, allowed)
            if isinstance(thing, Job):
                sealed.jobs.append(thing)
            else:
                sealed.envelopes.extend(self._sealed(thing, at, position))
        return sealed

    def _sealed(self, message: Message, at: Handling, position: int) -> list[Envelope]:
        """The message; before it the version that is said beside it, if there is one."""
        made = seal(message, at, sender=self.name, position=position, instance=self.instance)
        if message.beside is None:
            return [made]
        earlier = message.earlier()
        if type(earlier) is not message.beside:
            raise TypeError(NOT_BESIDE.format(
                kind=type(message).__name__, made=type(earlier).__name__,
                beside=message.beside.__name__,
            ))  # fmt: skip
        first = seal(earlier, at, sender=self.name, position=position, instance=self.instance)
        return [first, replace(made, beside=first.topic)]

    def check(self, kinds: Iterable[type[Message | Job]]) -> None:
        """TypeError when a signature names a message that this service may not say."""
        for kind in kinds:
            if issubclass(kind, Message) and not self._has_word(kind):
                raise TypeError(f"{self.name} may say {sorted(self.words)}, not {kind.topic}")

    def _has_word(self, kind: type[Message]) -> bool:
        return issubclass(kind, CustomEvent) or authority(kind.topic) in self.words

    def _may(self, thing: Message | Job, allowed: frozenset[type[Message | Job]] | None) -> None:
        if allowed is None:
            self.check([type(thing)])
        elif type(thing) not in allowed:  # those that are in it were checked with the signature
            names = sorted(kind.__name__ for kind in allowed)
            raise TypeError(f"said {type(thing).__name__}, but the signature names {names}")
