"""Names and arguments of what is declared on RabbitMQ, in one place."""

from shared.bus.driver import Queue

EXCHANGE = "gatefleet"
RETURN = "gatefleet.return"
"""Direct: brings what waited in a retry tier back to the one queue it came from."""
DEAD = "gatefleet.dead"
"""Fanout exchange and queue: where dead letters are parked."""
TIERS_MS = (500, 1_000, 2_000, 4_000, 8_000, 16_000, 60_000)
DELIVERY_LIMIT = 20
"""Deliveries without an answer (crashes, lost connections) before the broker itself parks it."""
INSTANCE_EXPIRES_MS = 600_000

H_ATTEMPT = "x-gatefleet-attempt"
H_CAUSE = "x-gatefleet-causation"
H_SENDER = "x-gatefleet-sender"
H_AT = "x-gatefleet-at"
H_TRACE = "traceparent"
H_REASON = "x-gatefleet-reason"
H_TRACEBACK = "x-gatefleet-traceback"
H_QUEUE = "x-gatefleet-queue"

Arguments = dict[str, str | int]


def tier_name(milliseconds: int) -> str:
    """Name of a retry tier's exchange and queue."""
    return f"gatefleet.retry.{milliseconds}"


def tier_for(seconds: float) -> int:
    """The shortest tier that waits at least so long, else the longest."""
    return next((tier for tier in TIERS_MS if tier >= seconds * 1000), TIERS_MS[-1])


def queue_arguments(queue: Queue) -> Arguments:
    """Of a service's queue. Dead-lettering by the broker is at least once, as ours is."""
    arguments: Arguments = {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    if queue.instance:
        arguments["x-expires"] = INSTANCE_EXPIRES_MS
    return arguments


def tier_arguments(milliseconds: int) -> Arguments:
    """Of a retry tier: after its time a message goes back to the queue named by its routing key."""
    return {
        "x-queue-type": "quorum",
        "x-message-ttl": milliseconds,
        "x-dead-letter-exchange": RETURN,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
