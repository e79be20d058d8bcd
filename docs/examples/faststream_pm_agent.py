"""A pm-agent of one's own, on FastStream: proposes to mend unused imports and their order.

It has no checkout: it asks for the Python files that the request's focus or event names, else for all.
Run it in pm-agent's place: python faststream_pm_agent.py amqp://pm-agent:SECRET@localhost:5672/
A file that holds the address does as well: in a container a password belongs in no argument.
"""

import asyncio
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aio_pika import Message as AmqpMessage
from faststream import FastStream
from faststream.rabbit import Channel, RabbitBroker, RabbitExchange, RabbitQueue
from faststream.rabbit.annotations import RabbitMessage
from gatefleet_messages import Envelope, read, wire
from gatefleet_messages.content import Proposal, RunEnd, RunKind
from gatefleet_messages.draft import IssuesProposed, RunFinished, RunProgressed
from gatefleet_messages.ids import proposal_id
from gatefleet_messages.work import ProposalsRequested

ME, HOLDER, RULES = "pm-agent", "pm-agent:faststream", ("F401", "I001")
GIVEN = sys.argv[1] if len(sys.argv) > 1 else "amqp://guest:guest@localhost:5672/"
URL = GIVEN if "://" in GIVEN else Path(GIVEN).read_text(encoding="utf-8").strip()
TOPIC = ProposalsRequested.topic
LOSES_NOTHING: Any = wire.queue_arguments()  # the library's own type knows only some of them

broker = RabbitBroker(URL, default_channel=Channel(prefetch_count=10, on_return_raises=True))
exchange = RabbitExchange(wire.EXCHANGE, declare=False)
queue = RabbitQueue(
    wire.queue_name(ME, TOPIC), durable=True, routing_key=TOPIC, arguments=LOSES_NOTHING
)


@broker.subscriber(queue, exchange)
async def propose(_body: object, delivery: RabbitMessage) -> None:
    """All it says is confirmed before FastStream acknowledges; what fails is parked, not lost."""
    asked = wire.envelope(delivery.body, delivery.raw_message.info())
    request = read(asked.topic, asked.body)
    assert isinstance(request, ProposalsRequested)
    run: dict[str, Any] = {
        "repo": request.repo,
        "run": request.run,
        "generation": request.generation,
    }
    mine = {**run, "kind": RunKind.PROPOSALS, "holder": HOLDER}
    await say(asked, RunProgressed(**mine, phase="picked up", line=f"{HOLDER} has picked it up"))
    end, reason = RunEnd.NOTHING_TO_CHANGE, "nothing new to propose"
    if found := proposals(request):
        await say(asked, IssuesProposed(**run, proposals=found))
        end, reason = RunEnd.DONE, "1 to propose"
    await say(asked, RunFinished(**mine, end=end, reason=reason, drafted=bool(found)))


def proposals(request: ProposalsRequested) -> tuple[Proposal, ...]:
    """One proposal; none where it is known already, or no room is left for it."""
    words = f"{request.focus} {json.dumps(request.event)}"
    paths = tuple(sorted(set(re.findall(r"[\w/-]+\.py\b", words)))) or ("**/*.py",)
    identity, rules = proposal_id(request.repo.id, ME, str(RULES), paths), " and ".join(RULES)
    if request.quota < 1 or any(known.proposal == identity for known in request.known):
        return ()
    return (Proposal(
        proposal=identity, content=identity.hex, title=f"Put imports in order ({rules})",
        why="Unused and unsorted imports hide what a module needs.", evidence="",
        criteria=(f"`ruff check` reports no {rules} in {', '.join(paths)}",),
        size="small", priority="low", finder=HOLDER, paths=paths, rules=RULES,
    ),)  # fmt: skip


async def say(asked: Envelope, message: IssuesProposed | RunProgressed | RunFinished) -> None:
    """Asked again for a run's generation it says the same ids again, and nobody acts twice."""
    key = f"{message.run} {message.generation}"
    sealed = wire.seal(message, sender=ME, at=datetime.now(UTC), cause=asked, key=key)
    said = AmqpMessage(sealed.body, **wire.properties(sealed, user=urlsplit(URL).username))
    await broker.publish(said, exchange=exchange, routing_key=sealed.topic)


if __name__ == "__main__":
    asyncio.run(FastStream(broker).run())
