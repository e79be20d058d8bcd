"""Gate 2 as it runs: verdicts bind, checks are counted by their source, unknown is closed."""

from services.gatekeeper.tables import Entry, Pull
from services.local_forge.domain.checks import CheckChange, Conclusion
from services.local_forge.domain.pulls import NewPull
from services.local_forge.domain.reviews import NewReview
from shared.messages.content import CauseKind, Verdict
from shared.messages.gate import (
    DraftRefused,
    PullRequestClosed,
    PullRequestEvaluated,
    ReviewPosted,
    ReviewWanted,
    RevisionWanted,
)
from shared.messages.work import IssueParked
from tests.gatekeeper.acting import GREET, MENDED, Acting
from tests.gatekeeper.gates import closed_by, gate, values

ROUND_2 = MENDED.replace("B = 2", "B = 3")
ONE_MORE = "def greet():\n    return 1\n\n\nA = 1\nB = 2\nC = 3\n"
POLICY = ".gatefleet.yml"


async def report(
    act: Acting, sha: str, conclusion: Conclusion = "success", *, name: str = "ci"
) -> None:
    """The repository's own CI says something."""
    world = act.world
    if world.forge.accounts.app("ci") is None:
        world.forge.accounts.add_app("ci", name="CI")
        world.forge.roles.set(world.place, "ci[bot]", "write")
    await world.forge.checks.create(
        world.place, actor=world.forge.accounts.actor("ci[bot]"), sha=sha, name=name,
        ask=CheckChange(conclusion=conclusion),
    )  # fmt: skip


async def test_i30_the_gate_opens_when_every_input_passes_and_says_so_on_the_head(
    act: Acting,
) -> None:
    approved, pull = await act.opened()
    assert await gate(act, pull.head) == "in_progress"
    assert await closed_by(act) == ["review", "tests", "check:gatefleet/tests"]

    await act.judge(await act.ask_review(approved, pull))

    assert await closed_by(act) == []
    assert await gate(act, pull.head) == "success"
    assert [each.open for each in act.world.said(PullRequestEvaluated)][-1] is True
    shown = await act.world.reader.pull_request(pull.number)
    assert shown is not None
    assert "| ✅ | review | passed |" in shown.body
    assert shown.body.count("## Gate") == 1


async def test_i30_what_cannot_be_read_is_unknown_and_closes_an_open_gate(act: Acting) -> None:
    _, pull = await act.passed()
    act.world.forge.faults.fail(500, path="*/reviews", times=3)

    await act.world.pass_time(301)
    assert await closed_by(act) == ["people"]
    assert await gate(act, pull.head) == "in_progress"

    await act.world.pass_time(301)
    assert await gate(act, pull.head) == "success"


async def test_i16_a_verdict_is_a_comment_and_a_check(act: Acting) -> None:
    approved, pull = await act.opened()
    await act.judge(await act.ask_review(approved, pull), Verdict.CHANGES)

    (review,) = await act.world.reader.reviews(pull.number)
    assert review.state == "COMMENTED"
    (note,) = await act.world.reader.review_comments(pull.number)
    assert (note.path, note.line) == (GREET, 2)
    checks = {each.name: each.conclusion for each in await act.world.reader.checks(pull.head)}
    assert checks == {
        "gatefleet/gate": "failure", "gatefleet/review": "failure", "gatefleet/tests": "failure"
    }  # fmt: skip
    assert "POST /issues/2/comments" not in act.world.writes()


async def test_i16_a_pass_posts_no_review_at_all(act: Acting) -> None:
    _, pull = await act.passed()

    assert await act.world.reader.reviews(pull.number) == ()
    assert [each for each in act.world.writes() if "reviews" in each or "comments" in each] == [
        "POST /issues/1/comments",
        *["PATCH /issues/comments/1"] * act.world.writes().count("PATCH /issues/comments/1"),
    ]


async def test_i22_a_verdict_of_another_head_opens_nothing(act: Acting) -> None:
    approved, pull = await act.passed()
    await act.draft(await act.revise(approved, pull), {GREET: ROUND_2})

    now = await act.pull()
    assert now.head != pull.head
    assert {name: (await values(act))[name] for name in ("review", "tests")} == {
        "review": "unknown", "tests": "unknown"
    }  # fmt: skip
    assert await gate(act, now.head) == "in_progress"


async def test_i22_a_review_of_an_older_head_is_refused(act: Acting) -> None:
    approved, pull = await act.opened()
    request = await act.ask_review(approved, pull)
    await act.draft(await act.revise(approved, pull), {GREET: ROUND_2})

    await act.judge(request)

    assert [each.reasons[0].name for each in act.world.said(DraftRefused)] == ["stale_head"]
    assert act.world.said(ReviewPosted) == []


async def test_i22_a_verdict_of_a_head_that_was_not_asked_for_is_refused(act: Acting) -> None:
    approved, pull = await act.opened()
    request = await act.ask_review(approved, pull)

    await act.judge(request, head="0" * 40)
    await act.judge(await act.ask_review(approved, pull), policy_digest="mine")

    assert [each.reasons[0].name for each in act.world.said(DraftRefused)] == ["not_asked"] * 2


async def test_i23_a_push_that_nobody_told_of_closes_the_gate(act: Acting) -> None:
    _, pull = await act.passed()
    theirs = await act.push(pull.branch, {"note.txt": "mine\n"})

    await act.world.pass_time(301)

    assert await gate(act, theirs) == "in_progress"
    assert "review" in await closed_by(act)
    assert [each.head for each in act.world.said(ReviewWanted)] == [theirs]


NOT_SUCCESS: tuple[Conclusion, ...] = ("neutral", "skipped", "cancelled", "timed_out", "failure")


async def test_i24_only_success_of_the_named_source_on_this_head_counts(act: Acting) -> None:
    app, _ = act.world.forge.accounts.add_app("ci", name="CI")
    act.world.forge.roles.set(act.world.place, "ci[bot]", "write")
    text = f"checks:\n  required: [gatefleet/tests, {{name: ci, app: {app.id}}}]\n"
    await act.push("main", {POLICY: text})
    await act.see_repository()
    act.files[POLICY.encode()] = text.encode()
    _, pull = await act.passed()
    assert await closed_by(act) == ["check:ci"]
    fleet = act.world.forge.accounts.actor("gatefleet[bot]")
    await act.world.forge.checks.create(
        act.world.place,
        actor=fleet,
        sha=pull.head,
        name="ci",
        ask=CheckChange(conclusion="success"),
    )

    for conclusion in NOT_SUCCESS:
        act.world.clock.advance(5)
        await report(act, pull.head, conclusion)
        await act.see_pull(pull.number)
        assert (await values(act))["check:ci"] == "fail"
    (wanted,) = act.world.said(RevisionWanted)
    assert wanted.cause.kind is CauseKind.CHECK
    act.world.clock.advance(5)
    await report(act, pull.head)
    await act.see_pull(pull.number)
    assert await closed_by(act) == []


async def test_i24_our_own_checks_count_from_nobody_else(act: Acting) -> None:
    approved, pull = await act.opened()
    await report(act, pull.head, name="gatefleet/tests")
    await report(act, pull.head, name="gatefleet/review")
    await act.see_pull(pull.number)

    assert await closed_by(act) == ["review", "tests", "check:gatefleet/tests"]
    await act.judge(await act.ask_review(approved, pull))
    assert await closed_by(act) == []


async def test_i25_a_list_that_lost_an_item_is_not_known(act: Acting) -> None:
    _, pull = await act.passed()
    act.world.forge.faults.truncate(path="*/check-runs")

    await act.world.pass_time(301)

    assert "check:gatefleet/tests" in await closed_by(act)
    assert await gate(act, pull.head) != "success"


async def test_a_person_who_asks_for_changes_is_heard_once_and_closes_the_gate(
    act: Acting,
) -> None:
    _, pull = await act.passed()
    world = act.world
    for login, role in (("ann", "write"), ("eve", "read")):
        issue = world.forge.issues.get(world.place, pull.number)
        who = world.person(login, role)  # type: ignore[arg-type] # both are roles
        ask = NewReview("REQUEST_CHANGES", body=f"{login} wants a name.")
        await world.forge.reviews.create(issue, actor=who, ask=ask)
    await act.see_pull(pull.number)
    await act.see_pull(pull.number)

    (wanted,) = world.said(RevisionWanted)
    assert (wanted.cause.kind, wanted.cause.actor) == (CauseKind.PERSON, "ann")
    assert [each.text for each in wanted.cause.findings] == ["ann wants a name."]
    assert await closed_by(act) == ["people"]
    world.clock.advance(1)
    issue = world.forge.issues.get(world.place, pull.number)
    await world.forge.reviews.create(
        issue, actor=world.person("ann"), ask=NewReview("APPROVE", body="fine")
    )
    await act.see_pull(pull.number)
    assert await closed_by(act) == []


async def test_a6_somebody_elses_pull_request_passes_at_once(act: Acting) -> None:
    head = await act.push("topic", {"note.txt": "by hand\n"})
    world = act.world
    answer = await world.forge.pulls.create(
        world.place, actor=world.person(), ask=new_pull("topic")
    )
    await act.see_pull(answer.number)
    await act.see_pull(answer.number)

    assert await gate(act, head) == "success"
    assert world.writes() == ["POST /check-runs"]
    assert await world.rows(Pull) == []


async def test_i30_a_pull_request_that_looks_like_ours_never_passes_as_somebody_elses(
    act: Acting,
) -> None:
    branch = "gatefleet/issue-1/0123456789ab"
    head = await act.push(branch, {"note.txt": "not by the fleet\n"})
    world = act.world
    answer = await world.forge.pulls.create(world.place, actor=world.person(), ask=new_pull(branch))
    await act.see_pull(answer.number)

    assert await gate(act, head) == "in_progress"


async def test_a_merge_by_a_person_ends_the_approval_once_and_is_no_revocation(
    act: Acting,
) -> None:
    approved, pull = await act.passed()
    sha = await act.merge(pull.number)
    for _ in range(2):
        await act.see(approved.issue)
        await act.see_pull(pull.number)
        await act.see_repository()

    (closed,) = act.world.said(PullRequestClosed)
    assert (closed.merged, closed.merge_sha, closed.by and closed.by.login) == (True, sha, "you")
    assert "gate.issue.revoked.v1" not in act.world.topics()
    ends = [row for row in await act.world.rows(Entry) if row.kind == "end"]
    assert len(ends) == 1
    assert act.world.forge.merge_calls == 0


async def test_the_next_pull_requests_gate_stays_open_over_a_merge(act: Acting) -> None:
    await act.passed()
    first = await act.pull()
    del act.files[GREET.encode()]
    act.files[GREET.encode()] = b"def greet():\n    return 1\n\n\nA = 1\nB = 2\n"
    other = await act.approved(title="Say it in the readme")
    await act.draft(await act.implement(other), {"README.md": "# Hello, all\n"})
    second = await act.pull()
    await act.judge(await act.ask_review(other, second))
    assert await closed_by(act) == []

    await act.merge(first.number)
    await act.see_pull(first.number)
    await act.see_repository()

    assert (await act.pull()).number == second.number
    assert await closed_by(act) == []
    assert await gate(act, second.head) == "success"


def new_pull(branch: str) -> NewPull:
    return NewPull("By hand", branch, "main")


async def test_what_waits_for_a_person_alone_asks_the_approver_once_a_head(act: Acting) -> None:
    approved, pull = await act.opened()
    await act.judge(await act.ask_review(approved, pull), Verdict.FAIL)
    await act.world.say(IssueParked(
        repo=act.world.repo, issue=approved.issue, why="it cannot be mended", next="look at it"
    ), "scheduler")  # fmt: skip
    await act.world.settle()
    await act.see(approved.issue)
    await act.see_pull(pull.number)

    assert act.world.writes().count("POST /pulls/2/requested_reviewers") == 1
    issue = act.world.forge.issues.get(act.world.place, approved.issue)
    assert "gatefleet:needs-you" in [label.name for label in issue.labels]
