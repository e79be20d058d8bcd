"""The broker's users: one for each service, those for people's tools, and what each may do there.

A permission is a pattern on names of exchanges and queues, a topic permission one on routing keys. A
user without any topic permission on a topic exchange may say and hear everything there, so each has one
for each of them. Nobody's pattern but an administrator's has the default exchange: through it anybody
could write into any queue.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.bus import amqp_names as names
from shared.bus.authority import ANYONE, SAYS
from shared.bus.driver import Queue
from shared.errors import BadInput
from shared.messages.custom import NAME
from shared.messages.draft import IssuesProposed
from shared.messages.gate import DraftRefused, IssueOpened
from shared.messages.work import EventAnswered, RunEnded

CUSTOM, OPERATOR, ADMIN = "custom", "operator", "admin"
RESERVED = frozenset({CUSTOM, OPERATOR, ADMIN, "guest"})
"""Names of users that are no service and are nobody's to give away."""
OF_CUSTOM_EVENTS, IMPERSONATOR, ADMINISTRATOR = "gatefleet-custom", "impersonator", "administrator"
"""Tags. The first means nothing to the broker: by it we know the users that we may change and remove.
The second may say who said it first (a replay), the third may do everything."""

CAME_OF_IT = (
    EventAnswered.topic, RunEnded.topic, IssuesProposed.topic, IssueOpened.topic, DraftRefused.topic,
)  # fmt: skip
"""What a user of custom events may hear: what came of its event."""

NOTHING, EVERYTHING = "^$", ".*"
TIERS = r"gatefleet\.retry\.[0-9]+"

MEANS_SERVICE = "the service"
MEANS_CUSTOM = "custom events, and what came of them"
MEANS_OPERATOR = "gatefleet tail, gatefleet dead: hears everything, says again as whoever said it"
MEANS_ADMIN = "whoever looks after the broker"

BAD_NAME = (
    "{name}: no name for a user: lower-case letters, digits and dashes, a letter first, 40 at most"
)
TAKEN_NAME = "{name}: the name of a service or of one of the broker's own users; choose another"
BAD_TOPIC = (
    "--says {topic}: a user of custom events says custom.NAME and what is below it; NAME is lower-case "
    "words joined by dots, such as custom.sentry.alert"
)

_USER = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class TopicRight:
    """Patterns on the routing keys of one topic exchange."""

    exchange: str
    write: str
    read: str
    """Of bindings, as they are written: `custom.#` is read by a pattern that has `custom.#`."""


@dataclass(frozen=True)
class User:
    """One user of the broker; `meaning` is for people."""

    name: str
    meaning: str
    configure: str
    write: str
    read: str
    topics: tuple[TopicRight, ...]
    tags: tuple[str, ...] = ()


def service_user(name: str, queues: Iterable[Queue]) -> User:
    """A service: its own queues alone, its own words, and what its queues are bound to."""
    own = rf"{_literally(name)}\..*"
    written = [_literally(names.EXCHANGE), _literally(names.DEAD), TIERS, own]
    heard = sorted({topic for queue in queues for topic in queue.topics})
    said = map(_literally, sorted({*SAYS.get(name, ()), ANYONE}))
    return User(
        name, MEANS_SERVICE,
        configure=_whole([own]),
        write=_whole(written),
        read=_whole([_literally(names.EXCHANGE), _literally(names.RETURN), own]),
        topics=(
            TopicRight(names.EXCHANGE, rf"^({'|'.join(said)})\.", _whole(map(_literally, heard))),
            TopicRight(names.RETURN, NOTHING, _whole([own])),
        ),
    )  # fmt: skip


def custom_user() -> User:
    """Whoever says custom events, whichever."""
    return _of_events(CUSTOM, rf"^{ANYONE}\.")


def added_user(name: str, says: Sequence[str]) -> User:
    """One that says custom events on the topics `says` and below, and nothing else.

    BadInput when the name or a topic cannot be.
    """
    check_name(name)
    for topic in says:
        word, _, rest = topic.partition(".")
        if word != ANYONE or not NAME.fullmatch(rest):
            raise BadInput(BAD_TOPIC.format(topic=topic))
    return _of_events(name, rf"^({'|'.join(map(_literally, says))})(\..*)?$")


def check_name(name: str) -> None:
    """BadInput when a person's user cannot be called so."""
    if not _USER.fullmatch(name):
        raise BadInput(BAD_NAME.format(name=name))
    if name in SAYS or name in RESERVED:
        raise BadInput(TAKEN_NAME.format(name=name))


def operator_user() -> User:
    """Whoever looks at messages and dead letters and has them delivered again."""
    here = _literally(names.EXCHANGE), names.tail_pattern(OPERATOR)
    return User(
        OPERATOR, MEANS_OPERATOR,
        configure=rf"^{here[1]}$",
        # the parking place is written, too: a letter that was looked at often is put there anew
        write=_whole([here[0], _literally(names.RETURN), _literally(names.DEAD), here[1]]),
        read=_whole([here[0], _literally(names.DEAD), here[1]]),
        topics=(
            TopicRight(names.EXCHANGE, EVERYTHING, EVERYTHING),
            TopicRight(names.RETURN, EVERYTHING, NOTHING),
        ),
        tags=(IMPERSONATOR,),
    )  # fmt: skip


def admin_user() -> User:
    """Whoever looks after the broker itself; no service is it."""
    rights = [TopicRight(each, EVERYTHING, EVERYTHING) for each in (names.EXCHANGE, names.RETURN)]
    return User(
        ADMIN, MEANS_ADMIN, EVERYTHING, EVERYTHING, EVERYTHING, tuple(rights), (ADMINISTRATOR,)
    )  # fmt: skip


def _of_events(name: str, says: str) -> User:
    here = _literally(names.EXCHANGE), names.tail_pattern(name)
    return User(
        name, MEANS_CUSTOM,
        configure=rf"^{here[1]}$",
        write=_whole(here),
        read=_whole(here),
        topics=(
            TopicRight(names.EXCHANGE, says, _whole(map(_literally, CAME_OF_IT))),
            TopicRight(names.RETURN, NOTHING, NOTHING),
        ),
        tags=(OF_CUSTOM_EVENTS,),
    )  # fmt: skip


def _whole(patterns: Iterable[str]) -> str:
    """A pattern of whole names; of none, it fits nothing."""
    all_of_them = "|".join(patterns)
    return f"^({all_of_them})$" if all_of_them else NOTHING


def _literally(name: str) -> str:
    """A name as a pattern. Ours hold nothing else that a pattern would read as more than itself."""
    return name.replace(".", r"\.")
