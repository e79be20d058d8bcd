"""A topology in words: tables, for a terminal and for the documentation alike. Pure."""

from dataclasses import dataclass

from shared.bus import amqp_names as names
from shared.bus.authority import ANYONE, SAYS
from shared.bus.driver import Queue
from shared.bus.topology import Topology
from shared.bus.users import ADMIN, CAME_OF_IT, CUSTOM, OPERATOR, User

Row = tuple[str, ...]

EXCHANGE_HEADS = ("exchange", "type", "what for")
WHAT_FOR = {
    names.EXCHANGE: "all messages, by topic",
    names.RETURN: "from a retry tier back to the queue that the routing key names",
    names.DEAD: "to the parking queue",
}
TIERS_NAME = "gatefleet.retry.N"
TO_THE_TIERS = "to a retry tier; N is how long it waits, in milliseconds: {tiers}"

SHARED_HEADS = ("queue", "what for", "arguments")
PARKED = "dead letters, until a person has seen to them"
WAITS = "what is to come again after N milliseconds"

HEARD_HEADS = ("topic", "heard by")
EACH_INSTANCE = "{service} (each instance)"
FEW_AT_A_TIME = "{service} (at most {count} at a time)"
A_QUEUE_EACH = (
    "Each has a queue of its own, SERVICE.TOPIC, with these arguments: {arguments}. That of an instance "
    "is SERVICE.INSTANCE.TOPIC, which the instance makes itself; it also has x-expires={expires}, and is "
    "gone so many milliseconds after the instance."
)

USER_HEADS = ("user", "says", "hears", "for")
TAGGED = "{meaning} (tagged {tags})"
RIGHT_HEADS = ("user", "configure", "write", "read")
ALL_OF_IT = "everything"
ITS_QUEUES = "what its queues are bound to"
NOBODY = "nothing"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of words: each row has as many cells as there are heads."""

    heads: Row
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Tables:
    """All that is told of a topology, in the order in which it is told."""

    exchanges: Table
    shared: Table
    """The queues that are no service's."""
    heard: Table
    users: Table
    """What each may say and hear."""
    rights: Table
    """The names that each may use."""


def tables(of: Topology) -> Tables:
    """A topology, told."""
    return Tables(
        Table(EXCHANGE_HEADS, _exchange_rows(of)), Table(SHARED_HEADS, _shared_rows(of)),
        Table(HEARD_HEADS, _heard_rows(of)), Table(USER_HEADS, _user_rows(of)),
        Table(RIGHT_HEADS, _right_rows(of)),
    )  # fmt: skip


def about_queues() -> str:
    """How the services' queues are called and made."""
    arguments = _arguments_told(names.queue_arguments(Queue("", ())))
    return A_QUEUE_EACH.format(arguments=arguments, expires=names.INSTANCE_EXPIRES_MS)


def _exchange_rows(of: Topology) -> list[Row]:
    """Every exchange; the retry tiers in one row."""
    tiers = ", ".join(str(each) for each in names.TIERS_MS)
    tier = (TIERS_NAME, names.tier(names.TIERS_MS[0]).kind, TO_THE_TIERS.format(tiers=tiers))
    known = [(each.name, each.kind, WHAT_FOR[each.name]) for each in of.places if _is_one(each)]
    return [*known, tier]


def _shared_rows(of: Topology) -> list[Row]:
    """The queues that are no service's; the retry tiers in one row."""
    tier: names.Arguments = {**(names.tier(0).queue or {}), "x-message-ttl": "N"}
    known = [
        (each.name, PARKED, _arguments_told(each.queue))
        for each in of.places
        if each.queue is not None and _is_one(each)
    ]
    return [*known, (TIERS_NAME, WAITS, _arguments_told(tier))]


def _heard_rows(of: Topology) -> list[Row]:
    """Every topic that a queue is bound to, and whose queues those are."""
    hearers: dict[str, list[str]] = {}
    for member in of.members:
        for queue in member.queues:
            for topic in queue.topics:
                hearers.setdefault(topic, []).append(_hearer(member.name, queue))
    return [(topic, ", ".join(hearers[topic])) for topic in sorted(hearers)]


def _user_rows(of: Topology) -> list[Row]:
    """What each user may say and hear."""
    return [(user.name, _says(user), _hears(user, of), _meaning(user)) for user in of.users]


def _right_rows(of: Topology) -> list[Row]:
    """The patterns of each user's permissions."""
    return [(user.name, user.configure, user.write, user.read) for user in of.users]


def _arguments_told(arguments: names.Arguments) -> str:
    """Such as `x-message-ttl=500, x-queue-type=quorum`."""
    return ", ".join(f"{name}={value}" for name, value in sorted(arguments.items()))


def _is_one(place: names.Place) -> bool:
    return place.name in WHAT_FOR


def _hearer(service: str, queue: Queue) -> str:
    if queue.instance:
        return EACH_INSTANCE.format(service=service)
    if queue.prefetch < Queue("", ()).prefetch:
        return FEW_AT_A_TIME.format(service=service, count=queue.prefetch)
    return service


def _meaning(user: User) -> str:
    if not user.tags:
        return user.meaning
    return TAGGED.format(meaning=user.meaning, tags=", ".join(user.tags))


def _says(user: User) -> str:
    if user.name in (OPERATOR, ADMIN):
        return ALL_OF_IT
    return ", ".join(f"{words}.*" for words in (*SAYS.get(user.name, ()), ANYONE))


def _hears(user: User, of: Topology) -> str:
    if user.name in (OPERATOR, ADMIN):
        return ALL_OF_IT
    if user.name == CUSTOM:
        return ", ".join(CAME_OF_IT)
    has_queues = any(member.queues for member in of.members if member.name == user.name)
    return ITS_QUEUES if has_queues else NOBODY
