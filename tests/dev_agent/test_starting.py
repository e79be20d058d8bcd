"""Merges: a conflict with a moved base is solved on the head, and names the tip."""

import pytest

from services.dev_agent.starting import begins_here
from shared.messages.content import Brief, RunEnd
from shared.messages.draft import ChangeProposed
from shared.runs import Drafted, Ended
from tests.dev_agent.engines import engine
from tests.dev_agent.runs import Bench, revision


def conflicting(bench: Bench) -> tuple[str, str]:
    """A tip and a head that both changed app.py."""
    base = bench.origin.commit({b"app.py": b"x = 1\n"})
    head = bench.origin.commit({b"app.py": b"x = 2\n"}, parents=[base], branch="w")
    tip = bench.origin.commit({b"app.py": b"x = 3\n", b"new.py": b"y = 1\n"}, parents=[base])
    return tip, head


async def test_a_conflict_is_solved_on_the_head_and_names_the_tip_it_merges(bench: Bench) -> None:
    tip, head = conflicting(bench)
    solve = (
        "import sys; text = open('app.py').read(); assert '<<<<<<< ' in text and 'x = 3' in text\n"
        "open('app.py', 'w').write('x = 5\\n')"
    )
    brief = Brief(paths=("app.py",))

    end = await bench.run(revision(tip, head, engine(solve), brief, conflict=True))

    assert isinstance(end, Drafted)
    assert isinstance(end.draft, ChangeProposed)
    assert (end.draft.base, end.draft.merges) == (head, tip)
    assert await bench.files(end) == {"app.py": b"x = 5\n", "new.py": b"y = 1\n"}
    assert end.reason == f"ran python; merged the base at {tip[:12]}"


async def test_what_an_earlier_fetch_brought_is_not_fetched_again(bench: Bench) -> None:
    tip, head = conflicting(bench)
    request = revision(tip, head, engine("pass"))
    assert not await begins_here(bench.mirror, request)
    await bench.mirror.fetch()
    assert await begins_here(bench.mirror, request)

    later = bench.origin.commit({b"app.py": b"x = 9\n"}, parents=[head], branch="w")

    assert not await begins_here(bench.mirror, revision(tip, later, engine("pass")))


async def test_a_mirror_that_was_left_half_made_is_fetched(bench: Bench) -> None:
    tip, head = conflicting(bench)
    bench.mirror.git_dir.mkdir()
    (bench.mirror.git_dir / "HEAD").touch()

    assert not await begins_here(bench.mirror, revision(tip, head, engine("pass")))


@pytest.mark.parametrize("script", ["pass", "open('app.py', 'a').write('z = 1\\n')"])
async def test_a_conflict_that_is_still_marked_is_declined(bench: Bench, script: str) -> None:
    tip, head = conflicting(bench)

    end = await bench.run(revision(tip, head, engine(script), conflict=True))

    words = "the conflict is still marked in app.py; solve it by hand on the branch"
    assert end == Ended(RunEnd.DECLINED, words)


async def test_a_conflict_that_is_none_any_more_needs_no_engine(bench: Bench) -> None:
    base = bench.origin.commit({b"app.py": b"x = 1\n"})
    head = bench.origin.commit({b"app.py": b"x = 2\n"}, parents=[base], branch="w")
    tip = bench.origin.commit({b"app.py": b"x = 1\n", b"new.py": b"y\n"}, parents=[base])

    end = await bench.run(revision(tip, head, engine("raise SystemExit(1)"), conflict=True))

    assert isinstance(end, Drafted)
    assert await bench.files(end) == {"app.py": b"x = 2\n", "new.py": b"y\n"}
    merged = bench.origin.commit({b"app.py": b"x = 2\n"}, parents=[head, tip], branch="w")
    again = await bench.run(revision(tip, merged, conflict=True))
    assert isinstance(again, Ended)
    assert again.end is RunEnd.NOTHING_TO_CHANGE
