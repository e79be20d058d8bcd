"""One real-looking example of every message: for documents, golden files and tests.

The story is that of `octo/hello#7`: a linter's finding that is proposed, approved, mended,
reviewed and merged. Everything is fixed, so that the examples are the same everywhere.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.errors import BadInput
from shared.messages import draft, gate, ids, observed, work
from shared.messages.base import Message, Repo
from shared.messages.content import (
    Approver,
    Cause,
    CauseKind,
    DoctorFinding,
    Finding,
    GateInput,
    KnownProposal,
    Proposal,
    Reason,
    RunEnd,
    RunKind,
    RunLimits,
    Snapshot,
    SnapshotComment,
    TestsReport,
    Usage,
    Verdict,
    Waiting,
)
from shared.messages.custom import CustomEvent, topic_of
from shared.messages.objects import (
    Actor,
    Check,
    Comment,
    Issue,
    Protection,
    PullRequest,
    Push,
    Review,
)

NO_EXAMPLE = "{topic}: has no example; add one to shared/messages/examples.py"

REPO = Repo(owner="octo", name="hello", id="1296269")
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER = AT + timedelta(minutes=12)
BASE, HEAD, MERGED = "6dcb09b5" * 5, "9f2c4e71" * 5, "c0ffee42" * 5
POLICY_DIGEST, CONTENT, DIGEST, RAW_DIGEST = "a1" * 32, "b2" * 32, "c3" * 32, "d4" * 32
POLICY: dict[str, Any] = {"proposals": {"quota": 3}, "review": {"rounds": 3}}

MAINTAINER = Actor(id=583231, login="maintainer", kind="User")
FLEET = Actor(id=200001, login="gatefleet[bot]", kind="Bot")
TITLE = "Mend unused imports (F401) in `hello/greet.py`"
BODY = "`ruff check` reports 1 thing in `hello/greet.py`."
PATH = "hello/greet.py"
BRANCH = "gatefleet/issue-7/5d0c7a52b1f3"

APPROVAL = ids.approval_id(REPO.id, "I_kwDOABPHjc4B", DIGEST, "comment:901")
PROPOSAL = ids.proposal_id(REPO.id, "lint", "F401", [PATH])
LOOK = ids.proposals_run(REPO.id, AT.isoformat())
IMPLEMENT = ids.implementation_run(APPROVAL)
REVISE = ids.revision_run(APPROVAL, HEAD, "review:1")
REVIEW = ids.review_run(REPO.id, 8, HEAD, BASE, POLICY_DIGEST)
GENERATION = 1_772_443_800_000
HOLDER = "dev-agent:1"

_WHO = {"login": MAINTAINER.login, "id": MAINTAINER.id, "role": "maintain", "at": AT}
APPROVER = Approver(**_WHO, source="comment:901")
FINDING = Finding(path=PATH, line=3, source="lint", text="F401 `os` imported but unused")
TESTS = TestsReport(ran=True, ok=True, passed=12, seconds=1.5, summary="12 passed in 1.5 s")
USAGE = Usage(seconds=4.0)
CAUSE = Cause(kind=CauseKind.REVIEW, id="review:1", actor="qa-agent", findings=(FINDING,))
SNAPSHOT = Snapshot(
    title=TITLE,
    body=BODY,
    comments=(SnapshotComment(id=900, author_id=583231, author="maintainer", body="Yes."),),
    digest=DIGEST,
    raw_digest=RAW_DIGEST,
    sanitiser=1,
    removed=("1 HTML comment",),
)
PROPOSED = Proposal(
    proposal=PROPOSAL,
    content=CONTENT,
    title=TITLE,
    why=BODY,
    criteria=("`ruff check` reports no F401 in `hello/greet.py`.",),
    evidence="hello/greet.py:3: F401 `os` imported but unused",
    size="small",
    priority="medium",
    finder="lint",
    paths=(PATH,),
    rules=("F401",),
)
ISSUE = Issue(
    number=7, node_id="I_kwDOABPHjc4B", title=TITLE, body=BODY, state="open", author=FLEET,
    labels=("proposed",), created_at=AT, updated_at=AT,
)  # fmt: skip
PULL_REQUEST = PullRequest(
    number=8, node_id="PR_kwDOABPHjc4C", title=TITLE, body="Closes #7", state="open", author=FLEET,
    head_ref=BRANCH, head_sha=HEAD, head_repo="octo/hello", base_ref="main", base_sha=BASE,
    mergeable=True, changed_files=1, created_at=LATER, updated_at=LATER,
)  # fmt: skip

_REQUEST: dict[str, Any] = {
    "repo": REPO, "generation": GENERATION, "lease_s": 120.0, "policy": POLICY,
    "limits": RunLimits(timeout_s=2700.0, bundle_bytes=1_048_576), "policy_digest": POLICY_DIGEST,
    "default_branch": "main", "base_sha": BASE,
}  # fmt: skip
_APPROVED: dict[str, Any] = {"issue": 7, "approval": APPROVAL, "snapshot": SNAPSHOT}
_RUN: dict[str, Any] = {"repo": REPO, "run": IMPLEMENT, "generation": GENERATION}
_PULL: dict[str, Any] = {"repo": REPO, "issue": 7, "pull_request": 8}
_PUSHED: dict[str, Any] = {
    "approval": APPROVAL, "branch": BRANCH, "head": HEAD, "base": BASE, "files": 1, "lines": 1
}  # fmt: skip
_JUDGED: dict[str, Any] = {
    "issue": 7, "pull_request": 8, "head": HEAD, "tip": BASE, "policy_digest": POLICY_DIGEST,
    "verdict": Verdict.CHANGES, "findings": (FINDING,), "tests": TESTS,
}  # fmt: skip

_EXAMPLES: tuple[Message, ...] = (
    observed.RepositoryObserved(
        repo=REPO, default_branch="main", head_sha=BASE, policy=POLICY, labels=("proposed",),
        policy_digest=POLICY_DIGEST, protection=Protection(readable=True, approvals=1),
    ),
    observed.IssueObserved(repo=REPO, issue=ISSUE, source="webhook"),
    observed.CommentObserved(
        repo=REPO, on_pull_request=False, source="webhook",
        comment=Comment(id=901, number=7, author=MAINTAINER, body="/approve", created_at=AT,
                        updated_at=AT),
    ),
    observed.PullRequestObserved(repo=REPO, pull_request=PULL_REQUEST, source="poll"),
    observed.ReviewObserved(
        repo=REPO, source="webhook",
        review=Review(id=31, pull_request=8, author=MAINTAINER, state="APPROVED", body="",
                      sha=HEAD, submitted_at=LATER),
    ),
    observed.CheckObserved(
        repo=REPO, pull_requests=(8,), source="webhook",
        check=Check(kind="check_run", id=44, name="build", sha=HEAD, app_id=15368,
                    status="completed", conclusion="success", at=LATER),
    ),
    observed.PushObserved(
        repo=REPO, push=Push(ref="refs/heads/main", after=BASE), source="webhook"
    ),
    gate.RepositoryEvaluated(
        repo=REPO, on=True,
        findings=(DoctorFinding(id="protection.none", text="`main` is not protected",
                                accepted=True),),
    ),
    gate.IssueOpened(
        repo=REPO, issue=7, proposal=PROPOSAL, content=CONTENT, run=LOOK, title=TITLE,
        digest=DIGEST,
    ),
    gate.IssuePresented(
        repo=REPO, issue=7, digest=DIGEST, removed=("1 HTML comment",), characters=96
    ),
    gate.IssueApproved(
        repo=REPO, **_APPROVED, digest=DIGEST, approver=APPROVER, expires_at=AT + timedelta(14),
        labels=("approved", "priority:high"),
    ),
    gate.IssueRevoked(
        repo=REPO, issue=7, approval=APPROVAL,
        reason=Reason(name="edited", text="its body was edited after the approval"),
    ),
    gate.CommandAccepted(
        repo=REPO, issue=7, command="retry", actor=MAINTAINER, id="comment:907"
    ),
    gate.CommandAnswered(
        repo=REPO, issue=7, command="pause", taken=False, actor=MAINTAINER, id="comment:908",
        answer="not taken: nobody has approved this issue", next="comment `/approve` on the issue",
    ),
    gate.DraftRefused(
        **_RUN, kind=RunKind.IMPLEMENTATION, issue=7,
        reasons=(Reason(name="scope", text=f"{BRANCH} changes a path outside of the scope"),),
    ),
    gate.PullRequestOpened(**_PULL, **_PUSHED, run=IMPLEMENT, round=1),
    gate.PullRequestUpdated(**_PULL, **_PUSHED, run=REVISE, round=2),
    gate.ReviewPosted(repo=REPO, run=REVIEW, **_JUDGED),
    gate.RevisionWanted(
        **_PULL, approval=APPROVAL, head=HEAD,
        cause=Cause(kind=CauseKind.CHECK, id="check:44", log="1 failed, 11 passed"),
    ),
    gate.ReviewWanted(
        **_PULL, approval=APPROVAL, head=HEAD, tip=MERGED, why="`main` moved and touches the change"
    ),
    gate.PullRequestEvaluated(
        **_PULL, head=HEAD, tip=BASE, open=False,
        inputs=(GateInput(name="review", value="fail", cause="qa-agent asks for changes"),),
    ),
    gate.PullRequestTakenOver(**_PULL, sha=MERGED, who="maintainer"),
    gate.PullRequestClosed(
        **_PULL, approval=APPROVAL, merged=True, by=MAINTAINER, merge_sha=MERGED
    ),
    gate.FleetStopped(repo=REPO, why="issue #9 carries the label gatefleet:stop"),
    gate.FleetResumed(repo=REPO, why="no open issue carries the label gatefleet:stop"),
    work.ProposalsRequested(
        **_REQUEST, run=LOOK, quota=3, focus="error messages",
        known=(KnownProposal(proposal=PROPOSAL, issue=7, content=CONTENT, open=True),),
    ),
    work.ImplementationRequested(**_REQUEST, **_APPROVED, run=IMPLEMENT),
    work.RevisionRequested(
        **_REQUEST, **_APPROVED, run=REVISE, pull_request=8, head=HEAD, round=2, cause=CAUSE
    ),
    work.ReviewRequested(
        **_REQUEST, **_APPROVED, run=REVIEW, pull_request=8, head=HEAD, tip=BASE, round=1
    ),
    work.RunCancelled(**_RUN, issue=7, reason="the approval was revoked"),
    work.RunEnded(
        **_RUN, kind=RunKind.IMPLEMENTATION, issue=7, end=RunEnd.DONE, usage=USAGE,
        reason="ran ruff check; ruff format", carried_out=True,
    ),
    work.IssueParked(
        repo=REPO, issue=7, why="three rounds did not satisfy the review",
        next="comment `/gatefleet retry`",
    ),
    work.QueueChanged(
        repo=REPO, at=LATER,
        waiting=(
            Waiting(issue=7, kind=RunKind.REVISION, place=1),
            Waiting(issue=9, kind=RunKind.IMPLEMENTATION, place=2, next="comment `/gatefleet retry`",
                    why="20 runs in 24 hours", until=LATER + timedelta(hours=8)),
        ),
    ),
    work.EventAnswered(
        repo=REPO, event=LOOK, name="sentry.alert", run=LOOK, answer="pm-agent was asked to look"
    ),
    draft.IssuesProposed(
        repo=REPO, run=LOOK, generation=GENERATION, proposals=(PROPOSED,)
    ),
    draft.ChangeProposed(
        **_RUN, issue=7, approval=APPROVAL, base=BASE, bundle=b"# v2 git bundle\n", at=LATER,
        summary="1 file changed, 0 lines added, 1 removed",
    ),
    draft.ReviewProposed(repo=REPO, run=REVIEW, generation=GENERATION, **_JUDGED),
    draft.RunProgressed(
        **_RUN, kind=RunKind.IMPLEMENTATION, holder=HOLDER, issue=7, phase="working",
        line="running ruff check (1 of 2)", usage=USAGE,
    ),
    draft.RunFinished(
        **_RUN, kind=RunKind.IMPLEMENTATION, holder=HOLDER, issue=7, end=RunEnd.DONE,
        reason="ran ruff check; ruff format", drafted=True, usage=USAGE,
    ),
    CustomEvent(
        repo=REPO, name="sentry.alert", data={"title": "KeyError in greet", "level": "error"}
    ),
)  # fmt: skip


def examples() -> Mapping[str, Message]:
    """One example of every message, by the topic it is said on: `custom.sentry.alert.v1` for
    `custom.#`."""
    return {topic_of(m) if isinstance(m, CustomEvent) else m.topic: m for m in _EXAMPLES}


def example(topic: str) -> Message:
    """The example of a concrete topic or of a catalogue's pattern. BadInput when there is none."""
    for said_on, message in examples().items():
        if topic in (said_on, message.topic):
            return message
    raise BadInput(NO_EXAMPLE.format(topic=topic))
