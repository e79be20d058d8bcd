"""What is said of an object: nothing older, a content that comes back, and no repeat of it."""

from uuid import UUID

from shared.messages.ids import content_id
from shared.messages.observed import IssueObserved, PushObserved
from tests.github_ingest.world import World, issues_event

REPOSITORY = {"id": 4711, "default_branch": "main"}


async def move(here: World, name: str) -> None:
    """The branch is at another commit, and the forge says so."""
    here.forge.push("topic", name)
    body = {"ref": "refs/heads/topic", "commits": [], "repository": REPOSITORY}
    await here.send("push", {**body, "turn": str(len(here.heard))})
    await here.settle()


def heard(here: World) -> list[tuple[UUID, PushObserved]]:
    """What was said of the branch, with its ids."""
    return [
        (identity, each)
        for identity, each in here.said()
        if isinstance(each, PushObserved) and each.push.ref == "refs/heads/topic"
    ]


async def test_a_content_that_comes_back_is_another_message_each_time(here: World) -> None:
    for name in ("a", "b", "a", "b", "a"):
        await move(here, name)

    said = heard(here)

    assert [each.again for _, each in said] == [0, 0, 1, 1, 2]
    assert len({identity for identity, _ in said}) == 5
    assert len({each.push.after for _, each in said}) == 2


async def test_returns_are_counted_across_a_restart(here: World) -> None:
    for name in ("a", "b"):
        await move(here, name)
    await here.restart()
    here.forget()

    await move(here, "a")

    assert [each.again for _, each in heard(here)] == [1]


async def test_a_reconcile_repeats_what_came_back_under_the_same_id(here: World) -> None:
    for title in ("Other", "Greet people"):  # the same second: only the content tells them apart
        here.forge.issues[1] = here.forge.issues[1].model_copy(update={"title": title})
        body = {"action": "edited", "issue": {"number": 1, "title": title}}
        await here.send("issues", {**body, "repository": REPOSITORY})
        await here.settle()
    first, _, third = [each for each in here.said() if isinstance(each[1], IssueObserved)]
    here.forget()

    await here.restart()

    [repeated] = [each for each in here.said() if isinstance(each[1], IssueObserved)]
    assert isinstance(third[1], IssueObserved)
    assert isinstance(repeated[1], IssueObserved)
    assert (third[1].again, repeated[1].again) == (1, 1)
    assert repeated[0] == third[0] != first[0]


async def test_i34_an_older_answer_changes_nothing(here: World) -> None:
    old = here.forge.issues[1]
    here.clock.advance(60)
    here.forge.change_issue(1, title="new")
    await here.send("issues", issues_event(1, "edited"))
    await here.settle()
    here.forge.issues[1] = old
    here.forget()
    await here.send("issues", issues_event(1, "labeled"))
    await here.settle()
    assert here.heard == []


def test_what_never_came_back_has_the_id_that_it_had_before_returns_were_counted() -> None:
    body = PushObserved.model_validate({
        "repo": {"owner": "octo", "name": "hello", "id": "1"},
        "push": {"ref": "refs/heads/main", "after": "a" * 40}, "source": "poll",
    })  # fmt: skip
    back = body.model_copy(update={"again": 1})

    found = [str(content_id(each.topic, "1", each)) for each in (body, back)]

    assert found[0] == "0ecdf419-59d8-5f5e-b692-490e04547d7c"
    assert found[1] != found[0]
