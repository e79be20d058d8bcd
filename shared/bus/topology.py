"""Everything that is on RabbitMQ, as a value: from the queues of the services, and nothing else.

topology(member_of(service) for service in built())
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from shared.bus import amqp_names as names
from shared.bus.driver import Queue
from shared.bus.service import Service
from shared.bus.users import User, custom_user, operator_user, service_user

INSTANCE = "INSTANCE"
"""Stands for an instance's name in the name of its queue."""


@dataclass(frozen=True)
class Member:
    """A service, and its queues; those of an instance with `INSTANCE` in their names."""

    name: str
    queues: tuple[Queue, ...]


@dataclass(frozen=True)
class Binding:
    """What brings messages from an exchange into a queue."""

    exchange: str
    queue: str
    key: str


@dataclass(frozen=True)
class Topology:
    """Exchanges and shared queues, the services with their queues, and the users."""

    places: tuple[names.Place, ...]
    members: tuple[Member, ...]
    users: tuple[User, ...]

    @property
    def lasting(self) -> tuple[Queue, ...]:
        """Queues that are there whether or not somebody runs. An instance makes its own at its start,
        and the broker lets go of it some time after the instance has gone."""
        return tuple(q for member in self.members for q in member.queues if not q.instance)

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Those of everything that lasts."""
        shared = [Binding(p.name, p.name, "") for p in self.places if p.queue is not None]
        return (*shared, *(each for queue in self.lasting for each in bindings_of(queue)))


def member_of(service: Service) -> Member:
    """A service that was built, and need not be started."""
    return Member(service.name, tuple(_for_any_instance(service, q) for q in service.queues()))


def topology(members: Iterable[Member]) -> Topology:
    """What these services need, and the users of people's tools beside theirs."""
    all_of_them = tuple(members)
    users = [service_user(each.name, each.queues) for each in all_of_them]
    return Topology(names.PLACES, all_of_them, (*users, custom_user(), operator_user()))


def bindings_of(queue: Queue) -> list[Binding]:
    """To what it hears, and to what comes back from the retry tiers."""
    heard = [Binding(names.EXCHANGE, queue.name, topic) for topic in queue.topics]
    return [*heard, Binding(names.RETURN, queue.name, queue.name)]


def described(of: Topology) -> dict[str, Any]:
    """The same for programs, as JSON has it."""
    return {
        "exchanges": [{"name": each.name, "type": each.kind} for each in of.places],
        "queues": [
            *({"name": p.name, "hears": [], "arguments": p.queue} for p in of.places if p.queue),
            *(_queue(member, queue) for member in of.members for queue in member.queues),
        ],
        "users": [_user(user) for user in of.users],
    }


def _queue(member: Member, queue: Queue) -> dict[str, Any]:
    return {
        "name": queue.name, "service": member.name, "hears": list(queue.topics),
        "each_instance": queue.instance, "prefetch": queue.prefetch,
        "arguments": names.queue_arguments(queue),
    }  # fmt: skip


def _user(user: User) -> dict[str, Any]:
    return {
        "name": user.name, "means": user.meaning, "tags": list(user.tags),
        "configure": user.configure, "write": user.write, "read": user.read,
        "topics": [
            {"exchange": each.exchange, "write": each.write, "read": each.read}
            for each in user.topics
        ],
    }  # fmt: skip


def _for_any_instance(service: Service, queue: Queue) -> Queue:
    if not queue.instance:
        return queue
    own = f"{service.name}.{service.instance}."
    return replace(queue, name=f"{service.name}.{INSTANCE}.{queue.name.removeprefix(own)}")
