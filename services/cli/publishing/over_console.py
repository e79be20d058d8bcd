"""Says a custom event through the console of a fleet, and asks there what came of it."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

from services.cli.console_client import ConsoleClient
from services.cli.publishing.over_bus import WRITING_S, Tell, Wait
from services.cli.publishing.story import Story
from services.console.shapes import EventAnswer
from shared.clock import Clock
from shared.messages.custom import CustomEvent

LOOK_S = 0.2


async def publish(
    client: ConsoleClient, event: CustomEvent, *, clock: Clock, wait: Wait | None, confirmed: Tell
) -> tuple[UUID, Story | None, float]:
    """Say it, and wait for what comes of it; as on a broker. TryLater when the console is away."""
    begun = clock.monotonic()
    identity = await asyncio.to_thread(client.say, event.name, event.data)
    confirmed(str(identity))
    if wait is None:
        return identity, None, 0.0
    story = Story(f"custom.{event.name}", identity, str(event.repo))
    end = begun + wait.seconds
    while not story.is_whole and clock.monotonic() < end:
        was_over = story.is_over
        found = await asyncio.to_thread(client.event, identity)
        if found is not None and found.answered:
            for line in _news(story, found):
                wait.tell(line)
        if story.is_over and not was_over:
            end = min(end, clock.monotonic() + WRITING_S)
        if not story.is_whole:
            await clock.sleep(LOOK_S)
    return identity, story, clock.monotonic() - begun


def _news(story: Story, found: EventAnswer) -> Iterator[str]:
    """What the console's answer tells that was not known."""
    run = found.run
    story.run = run.run if run is not None else None
    yield from story.answered(found.answer)
    if found.proposals or (run is not None and run.end is not None):
        yield from story.proposes(len(found.proposals))
    for each in found.proposals:
        if each.issue is not None:
            yield from story.opens(each.issue, each.title)
    if run is not None and not run.lives and run.end is not None:
        story.end, story.reason = run.end, run.reason
        if run.refused and run.refused not in story.refused:
            story.refused.append(run.refused)
