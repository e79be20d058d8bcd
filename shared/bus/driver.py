"""The port between one delivery and the two ways to carry messages."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.messages import Envelope


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue and the topics bound to it.

    `instance`: a queue of one instance, for what every instance must hear; it goes some time after
    the instance went. `prefetch`: how many deliveries may be unsettled at a time.
    """

    name: str
    topics: tuple[str, ...]
    prefetch: int = 100
    instance: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it was taken from a queue; `attempt` is 1 the first time."""

    envelope: Envelope
    attempt: int
    token: object
    """The driver's own handle."""


@dataclass(frozen=True, slots=True)
class Done:
    """Handled and committed: the queue may forget it."""

    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Again:
    """Deliver it again after `after_s` seconds, with the attempt counted."""

    delivery: Delivery
    after_s: float


@dataclass(frozen=True, slots=True)
class Dead:
    """Never again: park it with its reason, where people find it."""

    delivery: Delivery
    reason: str
    traceback: str = ""


Verdict = Done | Again | Dead


class Inlet(Protocol):
    """One consumer of one queue. Consumers of the same queue compete."""

    async def take(self, most: int) -> list[Delivery]:
        """At least one delivery, at most `most`, waiting for none but the first.

        Nothing: `cease` was called and all that had come before it was given out.
        """
        ...

    async def settle(self, verdicts: Sequence[Verdict]) -> None:
        """Say what became of deliveries, after their transaction was committed."""
        ...

    async def cease(self) -> None:
        """Let nothing new come. What is here already is still given out by `take`."""
        ...

    async def close(self) -> None:
        """Take no more; what was taken and not settled is delivered again to somebody."""
        ...


class Driver(Protocol):
    """A way to carry messages: at least once, in no promised order."""

    name: str
    window: int
    """How many publishes may be under way at a time."""
    keeps_dead: bool
    """True: the driver parks dead letters itself; False: the consumer's store keeps them."""
    keeps_unheard: bool
    """True: a message nobody is bound to is sent again until somebody is (another process may come).

    False: all consumers there will ever be are in this process, so nobody will come for it.
    """

    async def connect(self, service: str) -> None:
        """Be ready to declare and publish as `service`; waits for an absent broker, visibly."""
        ...

    async def declare(self, queue: Queue) -> None:
        """Make the queue and its bindings, if they are not there."""
        ...

    async def open(self, queue: Queue) -> Inlet:
        """Begin to consume."""
        ...

    def publish(self, envelope: Envelope) -> asyncio.Future[bool]:
        """Begin to; True once it is safe with the other side, False when nobody is bound to its topic.

        TryLater when that is not known: it may be published again. Refused when it may not be said.
        Both are in the future: nothing is raised here.
        """
        ...

    async def depth(self) -> int:
        """Messages in this service's queues: ready, waiting to be delivered again, or unsettled."""
        ...

    async def trouble(self) -> str:
        """Why nothing can be carried now, in one line; empty: it can."""
        ...

    def blocked(self) -> str:
        """Why the other side takes nothing for a while (an alarm); empty: it does."""
        ...

    async def parked(self) -> int:
        """How many dead letters the driver keeps, of all services; TryLater when it cannot be told."""
        ...

    async def close(self) -> None:
        """Let go of the other side."""
        ...
