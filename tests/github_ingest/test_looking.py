"""Webhooks in, whole objects out, and only when they differ from what was said."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.github_ingest.here import Here
from services.github_ingest.looking import Looking
from services.github_ingest.looks import Look
from shared.jobs import JobContext
from shared.messages.observed import (
    CheckObserved,
    CommentObserved,
    IssueObserved,
    PullRequestObserved,
    PushObserved,
    RepositoryObserved,
    ReviewObserved,
)
from shared.policy import Policy, digest, parse
from shared.store import Handling
from tests.fakes.forge_state import FLEET, sha_of
from tests.github_ingest.world import World, issues_event

REPOSITORY = {"id": 4711, "default_branch": "main"}


def pull_event(number: int, action: str = "opened") -> dict[str, object]:
    return {"action": action, "pull_request": {"number": number}, "repository": REPOSITORY}


async def test_a_start_says_the_repository_and_everything_open(here: World) -> None:
    said = dict(here.said())
    assert sorted(type(each).__name__ for each in said.values()) == [
        "IssueObserved",
        "PushObserved",
        "RepositoryObserved",
    ]
    repository = here.take(RepositoryObserved)[0]
    assert (repository.head_sha, repository.policy_digest) == (sha_of("first"), digest(Policy()))
    assert (repository.labels, repository.policy_errors) == (("approved", "proposed"), ())
    [push] = here.take(PushObserved)
    assert (push.push.ref, push.push.after) == ("refs/heads/main", sha_of("first"))
    assert await here.ingest.service.idle()


async def test_a_webhook_says_what_the_forge_holds_and_not_what_it_brings(here: World) -> None:
    here.forge.open_issue("Second", body="text")
    here.forget()
    answer = await here.send("issues", issues_event(2))
    await here.settle()
    assert (answer.status_code, answer.json()["result"]) == (202, "accepted")
    [said] = here.heard
    assert isinstance(said, IssueObserved)
    assert (said.issue, said.source) == (here.forge.issues[2], "webhook")


async def test_a_webhook_with_nothing_new_says_nothing(here: World) -> None:
    here.forget()
    await here.send("issues", issues_event(1, "edited"))
    await here.settle()
    assert here.heard == []
    assert here.forge.calls == ["issue 1", "comments 1"]


async def test_comments_are_said_when_they_are_new_edited_and_deleted(here: World) -> None:
    body = {**issues_event(1, "created"), "comment": {"id": 101}}
    comment = here.forge.comment(1, "/approve")
    await here.send("issue_comment", body)
    await here.settle()
    here.clock.advance(10)
    here.forge.change_comment(comment, "/approve please")
    await here.send("issue_comment", {**body, "action": "edited"})
    await here.settle()
    here.forge.change_comment(comment, None)
    await here.send("issue_comment", {**body, "action": "deleted"})
    await here.settle()
    said = [(each.comment.body, each.comment.deleted) for each in here.take(CommentObserved)]
    assert said == [("/approve", False), ("/approve please", False), ("/approve please", True)]


async def test_a_deleted_issue_is_said_once_as_closed(here: World) -> None:
    del here.forge.issues[1]
    here.forget()
    await here.send("issues", issues_event(1, "deleted"))
    await here.settle()
    await here.send("issues", issues_event(1, "transferred"))
    await here.settle()
    [said] = here.take(IssueObserved)
    assert (said.issue.state, said.issue.state_reason) == ("closed", "deleted")


async def test_a_forge_that_shows_nothing_any_more_deletes_nothing(here: World) -> None:
    """A token that lost its sight gets a 404 for everything."""
    hidden = here.forge.issues.pop(1)
    here.forge.failing = {"repository"}
    here.forget()
    await here.send("issues", issues_event(1, "deleted"))
    await here.until_asked("repository")
    here.forge.issues[1] = hidden
    here.forge.failing.clear()
    await here.pass_time(5)
    assert here.heard == []


async def test_a_pull_request_comes_with_reviews_comments_and_the_checks_of_its_head(
    here: World,
) -> None:
    pull = here.forge.open_pull_request("gatefleet/issue-1/abc")
    here.forge.review(pull.number, "CHANGES_REQUESTED")
    here.forge.comment(pull.number, "why?")
    here.forge.check(pull.head_sha, "ci", "success")
    here.forget()
    await here.send("pull_request", pull_event(pull.number))
    await here.settle()
    assert [each.pull_request for each in here.take(PullRequestObserved)] == [here.forge.pulls[2]]
    assert [each.review.state for each in here.take(ReviewObserved)] == ["CHANGES_REQUESTED"]
    assert [each.on_pull_request for each in here.take(CommentObserved)] == [True]
    [check] = here.take(CheckObserved)
    assert (check.check.name, check.pull_requests) == ("ci", (2,))


async def test_a_check_is_said_on_a_head_we_know_and_not_on_others(here: World) -> None:
    pull = here.forge.open_pull_request("gatefleet/issue-1/abc")
    await here.send("pull_request", pull_event(pull.number))
    await here.settle()
    here.forget()
    for sha in (pull.head_sha, sha_of("elsewhere")):
        here.forge.check(sha, "ci", "failure")
        await here.send(
            "check_run",
            {"action": "completed", "check_run": {"head_sha": sha}, "repository": REPOSITORY},
        )
    await here.settle()
    assert [each.check.sha for each in here.take(CheckObserved)] == [pull.head_sha]
    assert here.forge.calls == [f"checks {pull.head_sha[:7]}"]


async def test_a_push_to_the_default_branch_says_branch_policy_and_what_may_conflict(
    here: World,
) -> None:
    ours = here.forge.open_pull_request("gatefleet/issue-1/abc", author=FLEET)
    await here.send("pull_request", pull_event(ours.number))
    await here.settle()
    here.forge.push("main", "second", policy="size:\n  flag: 10\n  reject: 20\n")
    here.forge.change_pull_request(ours.number, mergeable=False)
    here.forget()
    push = {"ref": "refs/heads/main", "commits": [], "repository": REPOSITORY}
    await here.send("push", push)
    await here.settle()
    [repository] = here.take(RepositoryObserved)
    assert repository.head_sha == sha_of("second")
    assert repository.policy_digest == digest(parse("size: {flag: 10, reject: 20}"))
    assert [each.push.after for each in here.take(PushObserved)] == [sha_of("second")]
    assert [each.pull_request.mergeable for each in here.take(PullRequestObserved)] == [False]


async def test_a_deleted_branch_is_at_no_commit(here: World) -> None:
    here.forge.push("topic", "a")
    for _ in range(2):
        push = {"ref": "refs/heads/topic", "commits": [], "repository": REPOSITORY}
        await here.send("push", {**push, "after": str(len(here.heard))})
        await here.settle()
        here.forge.heads.pop("topic", None)
    said = [each.push.after for each in here.take(PushObserved) if "topic" in each.push.ref]
    assert said == [sha_of("a"), "0" * 40]


async def test_a_broken_policy_keeps_the_last_good_one_and_says_its_errors(here: World) -> None:
    push = {"ref": "refs/heads/main", "commits": [], "repository": REPOSITORY}
    here.forge.push("main", "good", policy="size:\n  flag: 10\n  reject: 20\n")
    await here.send("push", {**push, "after": "1"})
    await here.settle()
    here.forge.push("main", "broken", policy="nonsense: 1\n")
    await here.send("push", {**push, "after": "2"})
    await here.settle()
    good, broken = here.take(RepositoryObserved)[-2:]
    assert (broken.head_sha, broken.policy_digest) == (sha_of("broken"), good.policy_digest)
    assert good.policy_errors == ()
    assert "nonsense" in broken.policy_errors[0]


async def test_a_broken_policy_without_an_earlier_one_says_so_until_it_is_mended(
    here: World,
) -> None:
    push = {"ref": "refs/heads/main", "commits": [], "repository": REPOSITORY}
    world = here
    world.forge.push("main", "a", policy="nonsense: 1\n")
    await world.stop()
    for path in world._settings.state.rglob("*.db*"):  # a lost database
        path.unlink()
    world.ingest = world._assembled()
    await world.start()
    [*_, first] = world.take(RepositoryObserved)
    assert "no earlier good policy" in first.policy_errors[-1]
    world.forge.push("main", "b", policy="{}\n")
    await world.send("push", push)
    await world.settle()
    assert world.take(RepositoryObserved)[-1].policy_errors == ()


async def test_an_answer_older_than_announced_is_read_again(here: World) -> None:
    """Replicas lag: the webhook names a time that the answer does not have yet."""
    here.forget()
    body = issues_event(1, "edited")
    body["issue"]["updated_at"] = (here.forge.now() + timedelta(seconds=3)).isoformat()
    await here.send("issues", body)
    await here.until_asked("comments 1")
    here.clock.advance(3)
    here.forge.change_issue(1, title="Newer")
    await here.pass_time(5)
    assert [(each.issue.title, each.source) for each in here.take(IssueObserved)] == [
        ("Newer", "webhook")
    ]


async def test_a_time_that_never_shows_is_not_waited_for_without_end(here: World) -> None:
    here.forge.change_issue(1, title="Newer")
    here.forget()
    body = issues_event(1, "edited")
    body["issue"]["updated_at"] = (here.forge.now() + timedelta(days=3)).isoformat()
    await here.send("issues", body)
    await here.until_asked("comments 1")
    here.clock.advance(40)
    async with asyncio.timeout(20):
        while not here.heard:
            here.clock.advance(1)
            await asyncio.sleep(0.001)
    assert [each.issue.title for each in here.take(IssueObserved)] == ["Newer"]


async def test_i34_a_look_that_began_earlier_and_ends_later_says_nothing_old(
    here: World,
) -> None:
    store, job = here.ingest.service.store, Look(what="issue", key="1", source="webhook")
    looking = Looking(here.forge, store, await known(here))
    context = JobContext(UUID(int=1), "", 1, here.clock, lambda _said: asyncio.sleep(0))
    early = await looking.look(job, context)
    here.clock.advance(2)
    here.forge.change_issue(1, title="new")
    late = await looking.look(job, context)

    def both(session: Session) -> list[Any]:
        at = Handling(session, here.clock.now(), UUID(int=2))
        return [*late(at), *early(at)]

    said = await store.run(both)
    assert isinstance(said[0], IssueObserved)
    assert (said[0].issue.title, said[1:]) == ("new", [job])


async def known(here: World) -> Here:
    """Which repository it is, as the store knows it."""
    made = Here(here.forge, here.ingest.service.store)
    await made.remember()
    assert made.id() == "4711"
    return made


async def test_i34_any_order_of_deliveries_ends_in_the_same_state(here: World) -> None:
    """What a delivery brings is never used, so the last look says what is there."""
    for title in ("a", "b", "c"):
        here.clock.advance(2)
        here.forge.change_issue(1, title=title)
    here.forget()
    for action in ("labeled", "edited", "opened"):
        await here.send("issues", issues_event(1, action))
        await here.settle()
    assert [each.issue.title for each in here.take(IssueObserved)] == ["c"]


async def test_i32_the_same_delivery_five_times_and_after_a_restart_is_one_effect(
    here: World,
) -> None:
    here.forge.change_issue(1, title="edited")
    here.forget()
    body, results = issues_event(1, "edited"), []
    for turn in range(5):
        answer = await here.send("issues", body, delivery=UUID(int=99))
        results.append(answer.json()["result"])
        await here.settle()
        if turn == 2:
            await here.restart()
    assert results == ["accepted", *["duplicate"] * 4]
    said = [identity for identity, each in here.said() if isinstance(each, IssueObserved)]
    assert len(said) == 2  # once for the delivery, once for the restart's reconcile
    assert len(set(said)) == 1
