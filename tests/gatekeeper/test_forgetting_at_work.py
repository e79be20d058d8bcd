"""The gatekeeper's database is deleted between any two steps of an issue's life, and it starts again.

The others go on with what they know. In the end the same stands on the forge as in a life without
that: one branch, one pull request, the same commits, each verdict once, and nobody was told twice.
"""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from services.gatekeeper import ledger
from services.gatekeeper.tables import Pull
from shared.messages.gate import DraftRefused, PullRequestEvaluated
from tests.gatekeeper.acting import Acting
from tests.gatekeeper.desks import world
from tests.gatekeeper.story import Story


async def start_anew(act: Acting) -> None:
    """The database is gone, the gatekeeper starts; the ingest tells of everything that is open."""
    act.world.clock.advance(1)
    await act.world.restart(forget=True)
    await act.world.settle()
    await act.see_repository()
    for issue in await act.world.reader.open_issues():
        await act.see(issue.number)
    for pull in await act.world.reader.open_pull_requests():
        await act.see_pull(pull.number)


async def live(folder: Path, *, lost_after: int | None) -> tuple[Story, Counter[str]]:
    """The whole life; what the fleet made on the forge, and how often."""
    folder.mkdir(parents=True)
    async with world(folder) as made:
        story = Story(Acting(made))
        await story.act.see_repository()
        for place, step in enumerate(story.steps()):
            await step()
            if place == lost_after:
                await start_anew(story.act)
        made.clock.advance(61)
        await made.settle()
        await assert_it_ended_well(story)
        return story, Counter(each for each in made.writes() if not each.startswith("PATCH"))


async def assert_it_ended_well(story: Story) -> None:
    act = story.act
    pull = max(await act.world.rows(Pull), key=lambda row: row.number)
    assert (pull.state, pull.number) == ("merged", 2)
    assert act.world.said(DraftRefused) == []
    assert await act.world.service.store.run(ledger.broken_at) is None
    assert act.world.forge.merge_calls == 0
    assert [each.open for each in act.world.said(PullRequestEvaluated)].count(True) >= 1
    assert len(await act.world.reader.comments(story.number)) == 1
    assert await act.world.waiting() == {}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """What the fleet makes in a life in which nothing is lost."""
    folder = tmp_path_factory.mktemp("undisturbed") / "world"
    return asyncio.run(live(folder, lost_after=None))[1]


@pytest.mark.parametrize("step", range(11), ids=[
    "proposed", "approved", "dispatched", "published", "review asked", "changes wanted",
    "revision asked", "published again", "review asked again", "ready", "merged",
])  # fmt: skip
async def test_with_the_database_deleted_after_any_step_nothing_is_made_twice(
    step: int, undisturbed: Counter[str], tmp_path: Path
) -> None:
    _, made = await live(tmp_path / "world", lost_after=step)
    assert made - undisturbed == Counter()
    assert undisturbed - made == Counter()
