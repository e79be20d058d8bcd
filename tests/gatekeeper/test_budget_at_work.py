"""What people are told: three comments for a merged issue at most, and one more for each round."""

from services.gatekeeper.tables import Pull
from tests.gatekeeper.acting import Acting
from tests.gatekeeper.story import Story

COMMENTS = ("/comments", "/reviews")
COMMENTS_PER_ISSUE = 3


def told(act: Acting) -> list[str]:
    """Every comment and review that the fleet wrote; edits in place notify nobody."""
    return [
        each for each in act.world.writes()
        if each.startswith("POST") and each.endswith(COMMENTS)
    ]  # fmt: skip


async def test_i20_a_merged_issue_costs_three_comments_at_most_and_one_a_round(act: Acting) -> None:
    story = Story(act)
    for step in story.steps():
        await step()

    (pull,) = await act.world.rows(Pull)
    assert pull.state == "merged"
    assert len(told(act)) <= COMMENTS_PER_ISSUE + (pull.round - 1)
    assert [each for each in told(act) if each.endswith("/reviews")] == ["POST /pulls/2/reviews"]


async def test_an_issue_that_nobody_touched_gets_no_comment_whatever_is_seen_of_it(
    act: Acting,
) -> None:
    number = act.issue(by=act.world.person("eve", "read")).number
    await act.see(number)
    act.comment(number, "Me too!", by=act.world.person("bob", "read"))
    await act.see(number)
    await act.world.pass_time(3600)
    await act.world.restart(forget=True)
    await act.see(number)

    assert act.world.writes() == []
