"""kill -9 of the one-process fleet at any point, and a start: nothing lost, nothing twice (I-36, F6)."""

from pathlib import Path

import pytest

from tests.drills.chosen import CHOSEN, STORIES, services_and_kinds, story
from tests.drills.points import passed
from tests.drills.process import Nursery
from tests.drills.stage import stage
from tests.drills.truth import SAID, assert_made_once, assert_no_orphans, assert_once

pytestmark = pytest.mark.timeout(600)
BY_DAY = (1, 3)
"""The stories of every run of the tests; the others take as long again."""


async def test_an_undisturbed_story_passes_every_chosen_point_and_no_kind_of_point_that_is_not_chosen(
    lives: Nursery, isolated: bool, tmp_path: Path
) -> None:
    """The list of points cannot rot: a new service or a new kind of point must be chosen, too."""
    async with stage(tmp_path, lives, isolated=isolated) as at:
        stand = await at.until_rest()
        assert await at.end() == 0
        await assert_no_orphans(at)
        await assert_once(at, stand)
        names = {each.name for each in passed(at.record)}
    assert sorted(set(CHOSEN) - names) == []
    assert sorted(services_and_kinds(names) - services_and_kinds(CHOSEN)) == []


@pytest.mark.parametrize(
    "number",
    [pytest.param(n, marks=() if n in BY_DAY else pytest.mark.night) for n in range(STORIES)],
)
async def test_a_fleet_that_is_killed_again_and_again_still_does_everything_once(
    lives: Nursery, isolated: bool, tmp_path: Path, number: int
) -> None:
    """I-36: around receive, commit, publish, ack, pickup, outcome, sandbox, git and each write."""
    aims = story(number)
    async with stage(tmp_path, lives, aims, isolated=isolated) as at:
        stand = await at.until_rest()
        assert await at.end() == 0
        await assert_no_orphans(at)
        await assert_once(at, stand)
        assert [kill.point for kill in at.kills if kill.point not in aims] == []
        assert at.aims == {}, "these points were never reached"


PARKED_AND_TRIED_AGAIN = (
    "console retry work.run.ended.v1 before",
    "console retry work.run.ended.v1 after",
    "console park work.run.ended.v1 before",
    "console park work.run.ended.v1 after",
    "console commit deletes dead before",
    "console commit deletes dead after",
)


async def test_what_is_tried_again_or_parked_when_the_fleet_is_killed_is_so_afterwards(
    lives: Nursery, isolated: bool, tmp_path: Path
) -> None:
    """I-39: one dead letter with its reason, however often it was cut short; the rest is heard."""
    aims = dict.fromkeys(PARKED_AND_TRIED_AGAIN, 1)
    async with stage(tmp_path, lives, aims, isolated=isolated) as at:
        at.stumbles = True
        stand = await at.until_rest()
        assert await at.end() == 0
        where = await assert_made_once(at)
        assert at.aims == {}, "these points were never reached"
        assert len(stand.dead) == 1, where
        assert stand.said["work.run.ended.v1"] == SAID["work.run.ended.v1"] - 1, where
        assert (stand.left, stand.unsent) == ((), 0), where
