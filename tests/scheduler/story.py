"""The messages of a story, with one word each: what the others say to the scheduler."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.messages import Repo
from shared.messages.content import (
    Approver,
    Cause,
    CauseKind,
    Finding,
    KnownProposal,
    Reason,
    RunEnd,
    RunKind,
    Snapshot,
    TestsReport,
    Usage,
    Verdict,
)
from shared.messages.draft import RunFinished, RunProgressed
from shared.messages.gate import (
    CommandAccepted,
    DraftRefused,
    IssueApproved,
    IssueOpened,
    IssueRevoked,
    PullRequestClosed,
    PullRequestOpened,
    PullRequestTakenOver,
    PullRequestUpdated,
    RepositoryEvaluated,
    ReviewPosted,
    ReviewWanted,
    RevisionWanted,
)
from shared.messages.ids import approval_id, implementation_run, review_run
from shared.messages.objects import Actor, Issue, Protection
from shared.messages.observed import IssueObserved, RepositoryObserved
from shared.messages.work import WorkRequest

REPO = Repo(owner="octo", name="hello", id="1")
START = datetime(2030, 1, 7, 12, 0, tzinfo=UTC)
"""A Monday noon: no slot of the default schedule is near."""
TIP = "0" * 40
POLICY_DIGEST = "p" * 64
MAINTAINER = Actor(id=5, login="maintainer", kind="User")
FINDING = Finding(path="a.py", line=3, source="lint", text="F401 unused import")
HOLDER = "dev-agent:1"
NEVER: dict[str, Any] = {"schedule": {"proposals": []}}


def observed(policy: dict[str, Any] | None = None, *, head: str = TIP) -> RepositoryObserved:
    """The repository with its policy; without one there is no schedule either."""
    return RepositoryObserved(
        repo=REPO, default_branch="main", head_sha=head, policy=NEVER | (policy or {}),
        policy_digest=POLICY_DIGEST, protection=Protection(readable=True, approvals=1),
    )  # fmt: skip


def protected(on: bool = True) -> RepositoryEvaluated:
    """The doctor's word."""
    return RepositoryEvaluated(repo=REPO, on=on)


def snapshot(number: int) -> Snapshot:
    """What an agent would read."""
    return Snapshot(title=f"issue {number}", body="", digest="d" * 64, raw_digest="r" * 64,
                    sanitiser=1)  # fmt: skip


def approval(number: int, nth: int = 1) -> UUID:
    """Of the nth approval of an issue."""
    return approval_id(REPO.id, f"I_{number}", "d" * 64, f"comment:{nth}")


def approved(
    number: int, *labels: str, nth: int = 1, after: timedelta = timedelta(0)
) -> IssueApproved:
    """Gate 1 opened."""
    at = START + after
    return IssueApproved(
        repo=REPO, issue=number, approval=approval(number, nth), digest="d" * 64,
        snapshot=snapshot(number), expires_at=at + timedelta(14), labels=labels,
        approver=Approver(id=5, login="maintainer", role="write", at=at, source=f"comment:{nth}"),
    )  # fmt: skip


def revoked(number: int, nth: int = 1) -> IssueRevoked:
    """Gate 1 closed again."""
    return IssueRevoked(
        repo=REPO, issue=number, approval=approval(number, nth),
        reason=Reason(name="edited", text="it was edited"),
    )  # fmt: skip


def implementing(number: int, nth: int = 1) -> UUID:
    """The implementation run of an approval."""
    return implementation_run(approval(number, nth))


def reviewing(number: int, head: str, *, tip: str = TIP) -> UUID:
    """The review run of a head."""
    return review_run(REPO.id, number + 100, head, tip, POLICY_DIGEST)


def progressed(request: WorkRequest, holder: str = HOLDER) -> RunProgressed:
    """An agent says that it works on it."""
    return RunProgressed(
        repo=REPO, run=request.run, generation=request.generation, kind=_kind(request),
        holder=holder, issue=getattr(request, "issue", None), phase="working", line="",
    )  # fmt: skip


def finished(
    request: WorkRequest, end: RunEnd = RunEnd.DONE, *, holder: str = HOLDER, reason: str = "why",
    until: datetime | None = None, usage: Usage | None = None,
) -> RunFinished:  # fmt: skip
    """An agent is done; `DONE` is with a draft."""
    return RunFinished(
        repo=REPO, run=request.run, generation=request.generation, kind=_kind(request),
        holder=holder, issue=getattr(request, "issue", None), end=end, reason=reason,
        drafted=end is RunEnd.DONE, until=until, usage=usage or Usage(),
    )  # fmt: skip


def _kind(request: WorkRequest) -> RunKind:
    return RunKind({"proposals": "proposals"}.get(word := request.topic.split(".")[1], word))


def refused(request: WorkRequest, name: str = "out_of_scope") -> DraftRefused:
    """The gatekeeper did not carry it out."""
    return DraftRefused(
        repo=REPO, run=request.run, generation=request.generation, kind=_kind(request),
        issue=getattr(request, "issue", None), reasons=(Reason(name=name, text=f"it is {name}"),),
    )  # fmt: skip


def opened(number: int, head: str = "a" * 40, *, nth: int = 1) -> PullRequestOpened:
    """The first change was published."""
    return PullRequestOpened(
        repo=REPO, issue=number, pull_request=number + 100, approval=approval(number, nth),
        run=implementing(number, nth), branch="b", head=head, base=TIP, round=1, files=1, lines=1,
    )  # fmt: skip


def updated(request: WorkRequest, head: str, *, nth: int = 1) -> PullRequestUpdated:
    """A revision was published."""
    number: int = getattr(request, "issue")  # noqa: B009 - a request of any kind
    return PullRequestUpdated(
        repo=REPO, issue=number, pull_request=number + 100, approval=approval(number, nth),
        run=request.run, branch="b", head=head, base=TIP, round=getattr(request, "round"),  # noqa: B009
        files=1, lines=1,
    )  # fmt: skip


def reviewed(
    number: int, head: str = "a" * 40, verdict: Verdict = Verdict.PASS, *, tip: str = TIP
) -> ReviewPosted:
    """QA's verdict was posted."""
    return ReviewPosted(
        repo=REPO, issue=number, pull_request=number + 100, run=reviewing(number, head, tip=tip),
        verdict=verdict, findings=() if verdict is Verdict.PASS else (FINDING,), head=head, tip=tip,
        tests=TestsReport(ran=True, ok=True), policy_digest=POLICY_DIGEST,
    )  # fmt: skip


def revision_wanted(
    number: int, head: str = "a" * 40, *, kind: CauseKind = CauseKind.CHECK, id: str = "build@a"
) -> RevisionWanted:
    """Something that QA did not find must be mended."""
    return RevisionWanted(
        repo=REPO, issue=number, pull_request=number + 100, approval=approval(number), head=head,
        cause=Cause(kind=kind, id=id, log="1 failed"),
    )  # fmt: skip


def review_wanted(number: int, head: str = "a" * 40, *, tip: str) -> ReviewWanted:
    """The verdict does not hold any more."""
    return ReviewWanted(
        repo=REPO, issue=number, pull_request=number + 100, approval=approval(number), head=head,
        tip=tip, why="the base moved",
    )  # fmt: skip


def taken_over(number: int) -> PullRequestTakenOver:
    """A person pushed to the branch."""
    return PullRequestTakenOver(
        repo=REPO, issue=number, pull_request=number + 100, sha="e" * 40, who="maintainer"
    )


def closed(number: int, *, merged: bool = True, nth: int = 1) -> PullRequestClosed:
    """Merged, or not."""
    return PullRequestClosed(
        repo=REPO, issue=number, pull_request=number + 100, approval=approval(number, nth),
        merged=merged,
    )  # fmt: skip


def command(number: int, words: str, *, id: str = "comment:50") -> CommandAccepted:
    """A person's command: its word, and what follows it."""
    word, _, arguments = words.partition(" ")
    return CommandAccepted(
        repo=REPO, issue=number, command=word, arguments=arguments, actor=MAINTAINER, id=id
    )  # fmt: skip


def seen(
    number: int, *labels: str, state: str = "open", after: timedelta = timedelta(0)
) -> IssueObserved:
    """The issue as it stands."""
    return IssueObserved(
        repo=REPO, source="poll",
        issue=Issue(
            number=number, node_id=f"I_{number}", title="t", body="", state=state,
            author=MAINTAINER, labels=labels, created_at=START, updated_at=START + after,
        ),
    )  # fmt: skip


def proposed(number: int, content: str = "c") -> IssueOpened:
    """A proposal was written to the forge."""
    return IssueOpened(
        repo=REPO, issue=number, proposal=UUID(int=number), content=content, run=UUID(int=0),
        title="t", digest="d" * 64,
    )  # fmt: skip


def known(number: int, *, open: bool, content: str = "c") -> KnownProposal:
    """The same, as pm-agent is told."""
    return KnownProposal(proposal=UUID(int=number), issue=number, content=content, open=open)
