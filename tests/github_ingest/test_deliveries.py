"""Deliveries that are proven and understood: whose they are, which were here before, what is kept."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from services.github_ingest.looks import Look
from services.github_ingest.tables import DELIVERIES
from shared.bus import Tick
from tests.github_ingest.door import BODY, Door, headers
from tests.github_ingest.world import OTHER_SECRET, SECRET, World, issues_event, signed

OURS = {"id": 12}


class Hanging(Door):
    """Its store never answers."""

    async def commit(self, name: str, tick: Tick) -> None:
        await self.clock.sleep(3600)


class Raced(Door):
    """Another instance inserts the same delivery first, so that the first try fails."""

    async def commit(self, name: str, tick: Tick) -> None:
        first = not self.looks
        await super().commit(name, tick)
        if first:
            raise OperationalError("insert", {}, Exception("duplicate key"))


@asynccontextmanager
async def closing(door: Door) -> AsyncIterator[Door]:
    try:
        yield door
    finally:
        door.close()


async def rows(here: World) -> int:
    count = await here.ingest.service.store.run(
        lambda session: session.scalar(select(func.count()).select_from(DELIVERIES))
    )
    return count or 0


async def test_two_secrets_are_accepted_while_a_rotation_lasts() -> None:
    async with closing(Door((SECRET, OTHER_SECRET))) as door:
        for number, secret in enumerate((SECRET, OTHER_SECRET), start=1):
            body = json.dumps(issues_event(number)).encode()
            proof, name = signed(body, secret).encode(), str(UUID(int=number)).encode()
            sent = headers(body, x_hub_signature_256=proof, x_github_delivery=name)
            assert (await door.post(body, sent)).json()["result"] == "accepted"


async def test_other_repositories_and_installations_are_not_served() -> None:
    async with closing(Door(installation_id=12)) as door:
        foreign = issues_event(1, repository={"id": 666}, installation=OURS)
        for body in (foreign, issues_event(2), issues_event(3, installation={"id": 13})):
            assert (await door.send("issues", body)).status_code == 403
        other = {"action": "starred", "repository": {"id": 666}, "installation": OURS}
        assert (await door.send("star", other)).status_code == 403
        assert door.rows() == 0
        assert (await door.send("issues", issues_event(4, installation=OURS))).status_code == 202


async def test_before_the_repository_is_known_deliveries_are_sent_again_later(door: Door) -> None:
    door.repository_id = None
    answer = await door.send("issues", issues_event(1))
    assert (answer.status_code, answer.headers["retry-after"], door.rows()) == (503, "30", 0)


async def test_an_accepted_delivery_is_one_row_and_one_look(door: Door) -> None:
    answer = await door.send("issues", issues_event(1), delivery=UUID(int=5))
    assert answer.status_code == 202
    assert answer.json() == {"result": "accepted", "delivery": str(UUID(int=5))}
    assert (door.rows(), door.looks) == (1, [(Look(what="issue", key="1", source="webhook"),)])


async def test_i33_known_deliveries_and_known_bodies_have_no_second_effect(door: Door) -> None:
    first, second = UUID(int=1), UUID(int=2)
    answers = [
        await door.send("issues", issues_event(1), delivery=first),
        await door.send("issues", issues_event(1), delivery=first),
        await door.send("issues", issues_event(1), delivery=second),
        await door.send("issues", issues_event(1), delivery=second),
        await door.send("issues", issues_event(2), delivery=first),
    ]
    told = [(each.status_code, each.json().get("result")) for each in answers]
    assert told == [
        (202, "accepted"),
        (202, "duplicate"),
        (202, "duplicate-body"),
        (202, "duplicate"),
        (409, None),
    ]
    assert [len(each) for each in door.looks] == [1, 0, 0, 0, 0]
    assert door.rows() == 2


async def test_i32_deliveries_at_the_same_time_are_one(here: World) -> None:
    answers = await asyncio.gather(
        *(here.send("issues", issues_event(1), delivery=UUID(int=1)) for _ in range(5))
    )
    assert sorted(each.json()["result"] for each in answers) == ["accepted", *["duplicate"] * 4]
    assert await rows(here) == 1


async def test_i37_without_a_commit_there_is_no_2xx_and_nothing_is_half_done(here: World) -> None:
    await here.ingest.service.store.run(
        lambda session: session.connection().exec_driver_sql("ALTER TABLE jobs RENAME TO away")
    )
    answer = await here.send("issues", issues_event(1))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert await rows(here) == 0  # the row went back with the job that could not be stored
    await here.ingest.service.store.run(
        lambda session: session.connection().exec_driver_sql("ALTER TABLE away RENAME TO jobs")
    )
    assert (await here.send("issues", issues_event(1))).json()["result"] == "accepted"


async def test_i37_a_store_that_hangs_is_not_waited_for() -> None:
    async with closing(Hanging()) as door:
        asking = asyncio.create_task(door.post(BODY, headers()))
        async with asyncio.timeout(20):
            while not asking.done():
                door.clock.advance(1)
                await asyncio.sleep(0)
        assert (await asking).status_code == 503


async def test_two_instances_that_insert_the_same_delivery_agree() -> None:
    async with closing(Raced()) as door:
        answer = await door.post(BODY, headers())
        assert (answer.status_code, answer.json()["result"]) == (202, "duplicate")
        assert door.rows() == 1


async def test_old_deliveries_are_forgotten_and_new_ones_kept(here: World) -> None:
    await here.send("issues", issues_event(1))
    here.clock.advance(31 * 86_400)
    await here.send("issues", issues_event(2))
    await here.restart()
    assert await rows(here) == 1
