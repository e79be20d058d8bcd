"""A base whose tests are red is said before the work, once a process, and blamed on nobody."""

import asyncio

import pytest

from services.dev_agent.base_tests import KEPT, BaseTests, Key, said_of_base
from services.dev_agent.working import work
from shared.checkers import Failure, NotRun, TestRun
from shared.messages.content import Brief
from shared.runs import Drafted
from tests.dev_agent.engines import APP, engine
from tests.dev_agent.runs import Bench, implementation, phases, revision

RED = b"def test_a():\n    assert False\n\n\ndef test_b():\n    pass\n"
TREE = {**APP, b"test_app.py": RED}
EDIT = engine("open('app.py', 'a').write('x = 1\\n')")


def key(number: int) -> Key:
    return ("1", str(number), "p")


def of_base(bench: Bench) -> list[str]:
    return [line for phase, line in bench.said if phase == "base"]


async def test_a_red_base_is_said_before_the_engine_works_and_is_no_obstacle(bench: Bench) -> None:
    base = bench.origin.commit(TREE)

    end = await bench.run(implementation(base, EDIT))

    assert isinstance(end, Drafted)
    assert of_base(bench) == [
        f"running the tests on the base, {base[:12]}",
        "1 test(s) red on the base already, not blamed on the change: test_app.py::test_a",
    ]
    order = phases(bench.said)
    assert order.index("base") < order.index("working")
    assert set(await bench.files(end)) == {"app.py", "other.py", "test_app.py"}


async def test_another_run_on_the_same_base_says_it_without_running_again(bench: Bench) -> None:
    base = bench.origin.commit(TREE)
    tools, request = bench.tools, implementation(base, EDIT)
    await work(bench.live(request), tools)
    bench.said.clear()

    await work(bench.live(request), tools)

    assert of_base(bench) == [
        "1 test(s) red on the base already, not blamed on the change: test_app.py::test_a"
    ]


async def test_a_green_base_needs_no_words(bench: Bench) -> None:
    base = bench.origin.commit({**APP, b"test_app.py": b"def test_b():\n    pass\n"})

    await bench.run(implementation(base, EDIT))

    assert of_base(bench) == [f"running the tests on the base, {base[:12]}"]


async def test_where_the_issue_names_red_tests_nothing_is_run(bench: Bench) -> None:
    base = bench.origin.commit(TREE)

    await bench.run(implementation(base, EDIT, Brief(tests=("test_app.py::test_a",))))

    assert of_base(bench) == []


async def test_a_later_round_says_nothing_of_the_base(bench: Bench) -> None:
    base = bench.origin.commit(TREE)
    head = bench.origin.commit({**TREE, b"new.py": b""}, parents=[base], branch="w")

    await bench.run(revision(base, head, EDIT))

    assert of_base(bench) == []


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (TestRun(frozenset({"a"})), ""),
        (NotRun("no_tests", "pytest found no tests"), ""),
        (
            NotRun("timed_out", "pytest was stopped after 60 s"),
            "the tests give no result on the base already: pytest was stopped after 60 s",
        ),
        (
            TestRun(frozenset(), failed={f"t::{n}": Failure("boom") for n in "edcba"}),
            "5 test(s) red on the base already, not blamed on the change: t::a, t::b, t::c and 2 more",
        ),
        (
            TestRun(frozenset(), errors={"bad\nname.py": Failure("boom")}),
            "1 test(s) red on the base already, not blamed on the change: bad\\nname.py",
        ),
    ],
)
def test_what_is_said_of_a_base(run: TestRun | NotRun, said: str) -> None:
    assert said_of_base(run) == said


async def test_two_runs_at_once_test_a_base_once() -> None:
    bases, go, count = BaseTests(), asyncio.Event(), [0]

    async def run() -> TestRun:
        count[0] += 1
        await go.wait()
        return TestRun(frozenset({"a"}))

    both = [asyncio.ensure_future(bases.of(key(1), run)) for _ in range(2)]
    go.set()

    assert await asyncio.gather(*both) == [TestRun(frozenset({"a"}))] * 2
    assert count == [1]


async def test_a_run_that_was_cancelled_leaves_the_base_to_the_next() -> None:
    bases, started = BaseTests(), asyncio.Event()

    async def hang() -> TestRun:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def run() -> TestRun:
        return TestRun(frozenset())

    first = asyncio.ensure_future(bases.of(key(1), hang))
    await started.wait()
    second = asyncio.ensure_future(bases.of(key(1), run))
    first.cancel()

    assert await second == TestRun(frozenset())


async def test_a_set_up_that_failed_is_tried_again_and_old_bases_are_forgotten() -> None:
    bases, count = BaseTests(), [0]

    async def failed() -> NotRun:
        count[0] += 1
        return NotRun("failed", "setup: no")

    async def run() -> TestRun:
        count[0] += 1
        return TestRun(frozenset())

    for _ in range(2):
        await bases.of(key(0), failed)
    assert count == [2]
    for number in (*range(1, KEPT + 2), 2, 1):
        await bases.of(key(number), run)
    assert count == [2 + KEPT + 1 + 1]  # base 2 is still known, base 1 was the oldest
