"""Runs, generations and branches: one draft a run, nothing of a run that is over, nobody's branch."""

import re

from services.gatekeeper.tables import Draft, Pull
from shared.messages.gate import (
    DraftRefused,
    IssueApproved,
    IssueRevoked,
    PullRequestClosed,
    PullRequestOpened,
    PullRequestTakenOver,
    PullRequestUpdated,
)
from shared.messages.ids import implementation_run
from shared.messages.work import ImplementationRequested, RunCancelled
from tests.gatekeeper.acting import GREET, MENDED, Acting
from tests.git.making import git

ROUND_2 = MENDED.replace("B = 2", "B = 3")
BRANCH = re.compile(r"gatefleet/issue-\d+/[0-9a-f]{12}")


def refusals(act: Acting) -> list[str]:
    return [reason.name for each in act.world.said(DraftRefused) for reason in each.reasons]


def pushes(act: Acting) -> list[str]:
    return [each for each in act.world.writes() if each.startswith("PUSH")]


def history(act: Acting, branch: str) -> list[str]:
    """SHAs of a branch that the base does not have, oldest first."""
    bare = act.world.forge.repositories.git(act.world.place).path
    return git(bare, "rev-list", "--first-parent", "--reverse", f"main..{branch}").split()


async def test_i13_a_generation_below_the_newest_is_refused(act: Acting) -> None:
    approved = await act.approved()
    old = await act.implement(approved)
    await act.implement(approved)

    await act.draft(old)

    assert refusals(act) == ["stale_generation"]
    assert pushes(act) == []
    assert await act.world.rows(Draft) == []


async def test_i13_an_unknown_run_is_kept_and_refused_after_the_wait(act: Acting) -> None:
    approved = await act.approved()
    request = await unsent(act, approved)

    await act.draft(request)
    assert (refusals(act), list(await act.world.waiting())) == ([], ["publish-change"])

    await act.world.pass_time(301)
    await act.world.pass_time(61)
    assert refusals(act) == ["unknown_run"]
    assert pushes(act) == []


async def test_i13_a_draft_that_came_before_its_request_is_carried_out_once_that_is_heard(
    act: Acting,
) -> None:
    approved = await act.approved()
    request = await unsent(act, approved)
    await act.draft(request)

    await act.world.say(request, "scheduler")
    await act.world.pass_time(60)

    assert len(act.world.said(PullRequestOpened)) == 1


async def test_i13_a_generation_that_was_never_dispatched_is_not_carried_out(act: Acting) -> None:
    approved = await act.approved()
    request = await act.implement(approved)

    await act.draft(request.model_copy(update={"generation": 99}))
    await act.world.pass_time(301)
    await act.world.pass_time(61)

    assert refusals(act) == ["unknown_run"]


async def test_i13_one_draft_a_run(act: Acting) -> None:
    approved = await act.approved()
    request = await act.implement(approved)
    first = await act.draft(request)
    await act.world.say(first, "dev-agent")
    again = request.model_copy(update={"generation": request.generation + 1})
    await act.world.say(again, "scheduler")

    await act.draft(again)

    assert refusals(act) == ["carried_out"]
    assert len(pushes(act)) == 1


async def test_i13_a_cancelled_runs_draft_is_refused(act: Acting) -> None:
    approved = await act.approved()
    request = await act.implement(approved)
    await act.world.say(cancelled(request), "scheduler")

    await act.draft(request)

    assert refusals(act) == ["stale_generation"]
    assert pushes(act) == []


async def test_i13_a_cancellation_that_was_heard_before_the_request_holds(act: Acting) -> None:
    approved = await act.approved()
    request = await unsent(act, approved)
    await act.world.say(cancelled(request), "scheduler")
    await act.world.say(request, "scheduler")

    await act.draft(request)

    assert refusals(act) == ["stale_generation"]
    assert pushes(act) == []


async def test_i18_a_draft_speaks_only_of_what_its_run_was_asked_for(act: Acting) -> None:
    first = await act.approved()
    second = await act.approved(title="Another thing")
    request = await act.implement(first)

    await act.draft(request, issue=second.issue, approval=second.approval)

    assert refusals(act) == ["not_asked"]
    assert pushes(act) == []


async def test_i13_revoked_before_the_draft_came_pushes_nothing(act: Acting) -> None:
    approved = await act.approved()
    request = await act.implement(approved)
    act.unlabel(approved.issue)

    await act.draft(request)

    assert refusals(act) == ["approval"]
    assert pushes(act) == []


async def test_i13_revoked_while_the_change_was_looked_at_pushes_nothing(act: Acting) -> None:
    """The approval ends between the first look and the push, seen by the last look only."""
    approved = await act.approved()
    request = await act.implement(approved)
    act.world.at_fetch.append(lambda: act.unlabel(approved.issue))

    await act.draft(request)

    assert refusals(act) == ["approval"]
    assert pushes(act) == []


async def test_i17_branches_are_named_by_issue_and_approval_and_only_grow(act: Acting) -> None:
    approved, pull = await act.opened()
    first = pull.head
    await act.draft(await act.revise(approved, pull), {GREET: ROUND_2})

    pull = await act.pull()
    assert BRANCH.fullmatch(pull.branch)
    assert pull.branch == f"gatefleet/issue-{approved.issue}/{approved.approval.hex[:12]}"
    assert history(act, pull.branch) == [first, pull.head]
    assert [each.round for each in act.world.said(PullRequestUpdated)] == [2]
    assert act.world.forge.merge_calls == 0


async def test_i17_a_persons_push_takes_the_branch_over_and_nothing_is_added(act: Acting) -> None:
    approved, pull = await act.opened()
    request = await act.revise(approved, pull)
    theirs = await act.push(pull.branch, {"note.txt": "mine now\n"})
    await act.see_pull(pull.number)

    await act.draft(request, {GREET: ROUND_2})

    (taken,) = act.world.said(PullRequestTakenOver)
    assert taken.sha == theirs
    assert len(pushes(act)) == 1
    assert history(act, pull.branch)[-1] == theirs
    gate = await act.pull()
    assert gate.taken_over
    assert (gate.judged or "").startswith(theirs)
    assert {each.name: each.value for each in gate.inputs}["commits"] == "pass"


async def test_i17_a_push_that_nobody_saw_is_never_overwritten(act: Acting) -> None:
    approved, pull = await act.opened()
    request = await act.revise(approved, pull)
    theirs = await act.push(pull.branch, {"note.txt": "mine now\n"})

    await act.draft(request, {GREET: ROUND_2})

    assert refusals(act) == ["stale_head"]
    assert history(act, pull.branch)[-1] == theirs


async def test_a_new_approval_works_on_a_branch_of_its_own(act: Acting) -> None:
    approved, _ = await act.opened()
    act.unlabel(approved.issue)
    await act.see(approved.issue)
    assert [each.merged for each in act.world.said(PullRequestClosed)] == [False]
    assert len(act.world.said(IssueRevoked)) == 1
    act.label(approved.issue)
    await act.see(approved.issue)

    await act.draft(await act.implement(act.world.said(IssueApproved)[-1]))

    rows = await act.world.rows(Pull)
    assert [row.state for row in rows] == ["closed", "open"]
    assert rows[0].branch != rows[1].branch


async def test_the_branch_of_an_approval_that_ended_before_a_pull_request_is_deleted(
    act: Acting,
) -> None:
    approved = await act.approved()
    request = await act.implement(approved)
    act.world.forge.faults.fail(503, method="POST", path="*/pulls", times=9)
    await act.draft(request)
    assert len(pushes(act)) == 1

    act.unlabel(approved.issue)
    await act.see(approved.issue)
    await act.world.pass_time(60)

    bare = act.world.forge.repositories.git(act.world.place)
    assert list(await bare.branches()) == ["main"]
    assert refusals(act) == ["approval"]


async def test_a_pull_request_that_was_opened_just_before_a_crash_is_closed_with_its_approval(
    act: Acting,
) -> None:
    """Opened, not written down, and revoked before the gatekeeper is back."""
    approved = await act.approved()
    request = await act.implement(approved)
    world = act.world
    world.forge.faults.fail_after_commit(method="POST", path="*/pulls")
    world.forge.faults.fail(503, method="GET", path="*/pulls*", times=30)
    await act.draft(request)
    assert await world.rows(Pull) == []
    world.forge.faults.waiting.clear()
    await world.restart()
    act.unlabel(approved.issue)
    await act.see(approved.issue)

    await world.pass_time(60)

    pulls = await world.reader.open_pull_requests()
    assert pulls == ()
    assert world.writes().count("POST /pulls") == 0  # its answer was lost


async def unsent(act: Acting, approved: IssueApproved) -> ImplementationRequested:
    """A request that the gatekeeper has not heard."""
    return ImplementationRequested(
        **await act.request(implementation_run(approved.approval)), issue=approved.issue,
        approval=approved.approval, snapshot=approved.snapshot,
    )  # fmt: skip


def cancelled(request: ImplementationRequested) -> RunCancelled:
    return RunCancelled(
        repo=request.repo, run=request.run, generation=request.generation, issue=request.issue,
        reason="stopped",
    )  # fmt: skip
