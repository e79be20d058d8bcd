"""Says a message on a broker, and hears there what came of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.cli.publishing.checking import Topic
from services.cli.publishing.story import TOPICS, Story
from shared.bus.amqp_feed import Feed, Overheard
from shared.bus.amqp_visitor import Visitor, fresh, visitor
from shared.bus.authority import may_say
from shared.clock import Clock
from shared.errors import BadInput, Refused
from shared.messages import Envelope, Message, read
from shared.messages.ids import content_id

NOBODY = (
    "{topic}: not confirmed: nobody on this broker is bound to it; start who hears it "
    "(`gatefleet messages {topic}` says who), then say it again"
)
WRITING_S = 5.0
"""How long proposals of a look that is over are waited for on the forge."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wait:
    """How long to wait for what comes of it, and who hears of it as it comes."""

    seconds: float
    tell: Tell


async def publish(
    url: str, topic: Topic, message: Message, *, clock: Clock, wait: Wait | None, confirmed: Tell
) -> tuple[UUID, Story | None, float]:
    """Say it; `confirmed` hears its id as soon as it is safe. Its id, what came of it if that is
    waited for, and after how many seconds.

    Refused when it may not be said, or when nobody would hear it; TryLater when that is not known.
    """
    async with visitor(url, clock, purpose="publish") as here:
        envelope = _sealed(topic, message, clock, here.user)
        if wait is None:
            await _say(here, envelope, topic, confirmed)
            return envelope.id, None, 0.0
        async with here.feed(TOPICS, tell=wait.tell) as feed:  # it hears before anything is said
            begun = clock.monotonic()
            await _say(here, envelope, topic, confirmed)
            story = Story(topic.shown, envelope.id, str(message.repo))
            await _follow(story, feed, wait, clock)
            return envelope.id, story, clock.monotonic() - begun


def heard(each: Overheard) -> Message | None:
    """The message, if it is one of this version and its sender may say it; else it is nothing to us."""
    if not may_say(each.sender, each.topic):
        return None
    try:
        return read(each.topic, each.body)
    except BadInput:
        return None


async def _say(here: Visitor, envelope: Envelope, topic: Topic, confirmed: Tell) -> None:
    if not await here.publish(envelope):
        raise Refused(NOBODY.format(topic=topic.shown))
    confirmed(str(envelope.id))


async def _follow(story: Story, feed: Feed, wait: Wait, clock: Clock) -> None:
    end = clock.monotonic() + wait.seconds
    while not story.is_whole and (left := end - clock.monotonic()) > 0:
        was_over = story.is_over
        try:
            async with asyncio.timeout(left):
                batch = await feed.take()
        except TimeoutError:
            return
        for each in batch:
            message = heard(each)
            if message is not None:
                for line in story.hear(message):
                    wait.tell(line)
        if story.is_over and not was_over:
            end = min(end, clock.monotonic() + WRITING_S)


def _sealed(topic: Topic, message: Message, clock: Clock, user: str) -> Envelope:
    """Facts of the forge and what is said again have ids from their content, as from their services."""
    restated = message.restated or topic.name.startswith("observed.")
    identity = content_id(topic.name, message.repo.id, message) if restated else fresh()
    return Envelope(
        id=identity, topic=topic.name, body=message.model_dump_json().encode(), sender=user,
        at=clock.now(), correlation=message.correlation(),
    )  # fmt: skip
