"""Names and arguments of what is declared on RabbitMQ, in one place."""

from dataclasses import dataclass
from typing import Literal

from shared.bus.driver import Queue
from shared.messages import wire

EXCHANGE = wire.EXCHANGE
RETURN = "gatefleet.return"
"""Brings what waited in a retry tier back to the one queue it came from. A topic exchange, so that topic
permissions can say whose queues a user may have brought back."""
DEAD = wire.DEAD
TIERS_MS = (500, 1_000, 2_000, 4_000, 8_000, 16_000, 60_000)
INSTANCE_EXPIRES_MS = 600_000

H_ATTEMPT = "x-gatefleet-attempt"
H_REASON = "x-gatefleet-reason"
H_TRACEBACK = "x-gatefleet-traceback"
H_QUEUE = "x-gatefleet-queue"

Arguments = dict[str, str | int]


@dataclass(frozen=True)
class Place:
    """An exchange that no service has to itself; with `queue`, one of the same name is bound to it."""

    name: str
    kind: Literal["topic", "fanout"]
    queue: Arguments | None = None
    """The queue's arguments."""


def tier_name(milliseconds: int) -> str:
    """Name of a retry tier's exchange and queue."""
    return f"gatefleet.retry.{milliseconds}"


def tier_for(seconds: float) -> int:
    """The shortest tier that waits at least so long, else the longest."""
    return next((tier for tier in TIERS_MS if tier >= seconds * 1000), TIERS_MS[-1])


def tail_pattern(user: str) -> str:
    """Names of the queues that a person's user makes to listen, as a pattern of permissions."""
    return rf"tail\.{user}\..*"


def queue_arguments(queue: Queue) -> Arguments:
    """Of a service's queue. Dead-lettering by the broker is at least once, as ours is."""
    arguments = wire.queue_arguments()
    if queue.instance:
        arguments["x-expires"] = INSTANCE_EXPIRES_MS
    return arguments


def tier(milliseconds: int) -> Place:
    """A retry tier: after its time a message goes back to the queue named by its routing key."""
    return Place(tier_name(milliseconds), "fanout", {
        "x-queue-type": "quorum",
        "x-message-ttl": milliseconds,
        "x-dead-letter-exchange": RETURN,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    })  # fmt: skip


PARKING = Place(DEAD, "fanout", {"x-queue-type": "quorum"})
FROM_THE_START = (Place(EXCHANGE, "topic"), Place(RETURN, "topic"), PARKING)
"""What a service needs before it says or hears anything."""
PLACES = (*FROM_THE_START, *map(tier, TIERS_MS))
"""All that the services share."""
