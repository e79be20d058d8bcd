"""The broker's users: one for each service, those for people's tools, and what each may do there.

A permission is a pattern on names of exchanges and queues, a topic permission one on routing keys. A
user without any topic permission on a topic exchange may say and hear everything there, so each has one
for each of them. Nobody's pattern but an administrator's has the default exchange: through it anybody
could write into any queue.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from shared.bus import amqp_names as names
from shared.bus.authority import ANYONE, SAYS
from shared.bus.driver import Queue
from shared.errors import BadInput
from shared.messages import CATALOGUE, authority
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

BEGINNINGS = frozenset({"amq", names.EXCHANGE, "tail"})
"""How names on the broker begin that are nobody's own: its default exchange is `amq.default` to a
permission, so a user called `amq` could write into every queue."""
DRAFTS = "draft"

NOTHING, EVERYTHING = "^$", ".*"
TIERS = r"gatefleet\.retry\.[0-9]+"
WRITTEN = (r"gatefleet\.dead", TIERS)
"""Where whoever has queues puts what is not done with: among the dead letters, or in a retry tier."""

MEANS_SERVICE = "the service"
MEANS_CUSTOM = "custom events, and what came of them"
MEANS_HEARER = "custom events, and what it hears in queues of its own"
MEANS_OPERATOR = "gatefleet tail, gatefleet dead: hears everything, says again as whoever said it"
MEANS_ADMIN = "whoever looks after the broker"

BAD_NAME = (
    "{name}: no name for a user: lower-case letters, digits and dashes, a letter first, 40 at most"
)
TAKEN_NAME = "{name}: the name of a service or of one of the broker's own users; choose another"
BEGINNING = "{name}: names on the broker that are nobody's begin so; choose another"
BAD_TOPIC = (
    "--says {topic}: a user of custom events says custom.NAME and what is below it; NAME is lower-case "
    "words joined by dots, such as custom.sentry.alert"
)
NOT_SAID = (
    "--hears {topic}: no topic; write it whole, such as gate.issue.presented.v1 or "
    "custom.sentry.alert.v1 (docs/messages.md lists them)"
)
FOR_THE_GATE = (
    "--hears {topic}: a draft is for the gatekeeper alone, until it has decided; hear what came of it, "
    "such as {instead}"
)

_OWN_EVENT = re.compile(rf"{ANYONE}\.({NAME.pattern})\.v[1-9][0-9]*")
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
    own = _own(name)
    heard = sorted({topic for queue in queues for topic in queue.topics})
    said = map(_literally, sorted({*SAYS.get(name, ()), ANYONE}))
    return User(
        name, MEANS_SERVICE,
        configure=_whole([own]),
        write=_whole([_literally(names.EXCHANGE), *WRITTEN, own]),
        read=_whole([_literally(names.EXCHANGE), _literally(names.RETURN), own]),
        topics=(
            TopicRight(names.EXCHANGE, rf"^({'|'.join(said)})\.", _whole(map(_literally, heard))),
            TopicRight(names.RETURN, NOTHING, _whole([own])),
        ),
    )  # fmt: skip


def custom_user() -> User:
    """Whoever says custom events, whichever."""
    return _of_events(CUSTOM, rf"^{ANYONE}\.")


def added_user(name: str, says: Sequence[str], hears: Sequence[str] = ()) -> User:
    """One that says custom events on the topics `says` and below, and nothing else.

    With `hears`, topics of messages, it may have queues NAME.… of its own for them, as a service has.
    BadInput when the name or a topic cannot be.
    """
    check_name(name)
    for topic in says:
        word, _, rest = topic.partition(".")
        if word != ANYONE or not NAME.fullmatch(rest):
            raise BadInput(BAD_TOPIC.format(topic=topic))
    for topic in hears:
        _check_heard(topic)
    user = _of_events(name, rf"^({'|'.join(map(_literally, says))})(\..*)?$", hears)
    return _with_queues(user) if hears else user


def check_name(name: str) -> None:
    """BadInput when a person's user cannot be called so."""
    if not _USER.fullmatch(name):
        raise BadInput(BAD_NAME.format(name=name))
    if name in SAYS or name in RESERVED:
        raise BadInput(TAKEN_NAME.format(name=name))
    if name in BEGINNINGS:
        raise BadInput(BEGINNING.format(name=name))


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


def _check_heard(topic: str) -> None:
    if topic not in CATALOGUE and not _OWN_EVENT.fullmatch(topic):
        raise BadInput(NOT_SAID.format(topic=topic))
    if authority(topic) == DRAFTS and topic not in CAME_OF_IT:
        raise BadInput(FOR_THE_GATE.format(topic=topic, instead=DraftRefused.topic))


def _of_events(name: str, says: str, hears: Sequence[str] = ()) -> User:
    here = _literally(names.EXCHANGE), names.tail_pattern(name)
    heard = dict.fromkeys((*CAME_OF_IT, *hears))
    return User(
        name, MEANS_CUSTOM,
        configure=rf"^{here[1]}$",
        write=_whole(here),
        read=_whole(here),
        topics=(
            TopicRight(names.EXCHANGE, says, _whole(map(_literally, heard))),
            TopicRight(names.RETURN, NOTHING, NOTHING),
        ),
        tags=(OF_CUSTOM_EVENTS,),
    )  # fmt: skip


def _with_queues(user: User) -> User:
    """The same with queues of its own: they are bound, retried and dead-lettered as a service's are."""
    own, tail = _own(user.name), names.tail_pattern(user.name)
    said, _ = user.topics
    return replace(
        user, meaning=MEANS_HEARER,
        configure=_whole([tail, own]),
        write=_whole([_literally(names.EXCHANGE), *WRITTEN, tail, own]),
        read=_whole([_literally(names.EXCHANGE), _literally(names.RETURN), tail, own]),
        topics=(said, TopicRight(names.RETURN, NOTHING, _whole([own]))),
    )  # fmt: skip


def _own(name: str) -> str:
    """Names of the queues of a service, as a pattern."""
    return rf"{_literally(name)}\..*"


def _whole(patterns: Iterable[str]) -> str:
    """A pattern of whole names; of none, it fits nothing."""
    all_of_them = "|".join(patterns)
    return f"^({all_of_them})$" if all_of_them else NOTHING


def _literally(name: str) -> str:
    """A name as a pattern. Ours hold nothing else that a pattern would read as more than itself."""
    return name.replace(".", r"\.")
