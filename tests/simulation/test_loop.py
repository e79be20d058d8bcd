"""The simulation's event loop: virtual time, decided by its seed, and deaf to the dead."""

import asyncio
from contextvars import Context
from pathlib import Path
from random import Random
from typing import Any

import pytest

from shared.git.repository import init_bare
from shared.git.runner import Git
from tests.simulation.loop import LIFE, STUCK, Life, SimulatedLoop
from tests.simulation.processes import Processes


def loop_of(seed: str) -> SimulatedLoop:
    return SimulatedLoop(Random(seed), Processes())


def order_under(seed: str) -> list[int]:
    """The order in which twenty tasks of equal right come to their ends."""
    loop = loop_of(seed)
    ended: list[int] = []

    async def one(number: int) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        ended.append(number)

    async def all_of_them() -> None:
        await asyncio.gather(*(one(number) for number in range(20)))

    loop.run_until_complete(all_of_them())
    return ended


def test_an_hour_passes_at_once_and_is_an_hour() -> None:
    loop = loop_of("any")

    loop.run_until_complete(asyncio.sleep(3600))

    assert 3600 <= loop.time() < 3601


def test_a_seed_decides_the_interleaving() -> None:
    assert order_under("a") == order_under("a")
    assert len({tuple(order_under(seed)) for seed in "abcdef"}) > 1


def test_what_waits_for_nothing_is_a_mistake_and_not_a_hang() -> None:
    loop = loop_of("any")

    with pytest.raises(RuntimeError, match=STUCK):
        loop.run_until_complete(loop.create_future())


def test_a_thread_runs_at_a_turn_of_the_loop() -> None:
    loop = loop_of("any")

    assert loop.run_until_complete(asyncio.to_thread(lambda: 6 * 7)) == 42


def test_a_timeout_ends_what_takes_longer() -> None:
    async def late() -> None:
        async with asyncio.timeout(5):
            await asyncio.sleep(6)

    with pytest.raises(TimeoutError):
        loop_of("any").run_until_complete(late())


def test_git_answers_as_it_does_elsewhere(tmp_path: Path) -> None:
    async def stored() -> bytes:
        folder = await init_bare(tmp_path / "one.git")
        sha = await Git(folder).run("hash-object", "-w", "--stdin", input=b"hello\n")
        return await Git(folder).run("cat-file", "blob", sha.decode().strip())

    assert loop_of("any").run_until_complete(stored()) == b"hello\n"


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_life_that_is_killed_at_a_transaction_hears_nothing_of_it(where: str) -> None:
    loop, life = loop_of("any"), Life("service")
    done: list[str] = []

    def kill(at: str, _life: Life) -> None:
        if at == where:
            life.end()

    async def work() -> None:
        await asyncio.to_thread(done.append, "committed")
        done.append("heard of it")

    async def world() -> None:
        context = Context()
        context.run(LIFE.set, life)
        task: asyncio.Task[Any] = loop.create_task(work(), context=context)
        await asyncio.gather(task, return_exceptions=True)

    loop.point = kill
    loop.run_until_complete(world())

    assert done == {"before": [], "after": ["committed"]}[where]
