"""I-42: what is forged with real credentials has no effect, by whichever way it comes."""

import asyncio
from collections.abc import Callable, Sequence

from shared.bus import Service
from shared.bus import amqp_names as names
from shared.bus.authority import may_say
from shared.messages import CATALOGUE, Message, authority, wire
from shared.store import Handling
from tests.bus.identities import OPERATOR, SERVICES, USERS
from tests.bus.intruder import TAKEN, Intruder, forged, intruders
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import World, running, until

NAMELESS = "dev-agent"
"""Who says things without a name, too."""


async def test_i42_a_forged_message_of_any_type_has_no_effect_by_any_way(
    identified: World, rabbit: Rabbit
) -> None:
    """By a retry tier or the way back, with every header that ours would have, by whoever may write
    there, in their own name and in none."""
    heard: list[str] = []
    hearers = {name: identified.service(name) for name in ("console", "gatekeeper")}
    kinds = [kind for kind in CATALOGUE.values() if authority(kind.topic) != "custom"]
    for kind in kinds:
        hearers[_hearer(kind.topic)].hears(_noting(kind, heard))
    async with running(*hearers.values()), intruders(rabbit.url, *USERS) as them:
        counts = await asyncio.gather(*(_forge_all(one, kinds) for one in them))
        taken = sum(counts)
        await until(lambda: _dead(*hearers.values()) == taken)
        await identified.settle(*hearers.values())
        reasons = [each.reason for each in await rabbit.parked()]
    assert heard == []
    assert sorted({reason.split(" may not say ")[0] for reason in reasons}) == sorted(
        {*SERVICES, OPERATOR, "nobody"}
    )
    assert len(reasons) == taken > 6 * len(kinds)


def _hearer(topic: str) -> str:
    """Whose queue of that topic is forged into."""
    return "gatekeeper" if topic == "draft.change.proposed.v1" else "console"


def _noting(kind: type[Message], heard: list[str]) -> Callable[[Message, Handling], None]:
    def note(message: Message, at: Handling) -> None:
        heard.append(f"{type(message).__name__} from {at.sender}")

    note.__annotations__["message"] = kind
    return note


async def _forge_all(one: Intruder, kinds: Sequence[type[Message]]) -> int:
    return sum([await _forges(one, kind.topic) for kind in kinds])


async def _forges(one: Intruder, topic: str) -> int:
    """Put forged messages of a topic where its hearer reads; how many the broker took."""
    hearer = _hearer(topic)
    queue, tier = f"{hearer}.{topic}", names.tier_name(names.TIERS_MS[0])
    claims: dict[str, str | int] = {names.H_ATTEMPT: 2}
    claims[wire.H_SENDER] = next(name for name in SERVICES if may_say(name, topic))
    said = 0
    for exchange in (tier, names.RETURN):
        for user_id in (one.user, ""):
            if user_id and (may_say(user_id, topic) or user_id == hearer):
                continue  # it is no forgery; or it would only fool itself
            envelope = forged(topic)
            said += (
                await one.says(
                    envelope, key=queue, exchange=exchange, user_id=user_id, headers=claims
                )
                == TAKEN
            )
    return said


def _dead(*services: Service) -> int:
    return sum(each.counts.dead for service in services for each in service.deliveries)
