"""From messages to the lines that a person reads while the loop runs. Pure."""

from dataclasses import dataclass
from typing import Literal

from shared.messages import Message
from shared.messages import gate as g
from shared.messages import observed as o
from shared.messages import work as w
from shared.messages.content import Verdict

Tone = Literal["step", "good", "bad", "ask", "quiet"]

WAITS = "proposed: {title}"
APPROVED = "approved by {who} for the text {digest}"
REVOKED = "the approval ended: {why}"
WORKS = "dev-agent is asked to implement it"
REVISES = "round {round}: dev-agent is asked to mend what the review found"
REVIEWS = "qa-agent is asked to review {head}"
OPENED = "pull request #{number}: {files} file(s), {lines} line(s)"
UPDATED = "pull request #{number}: round {round} pushed"
PASSED = "review passed: {tests}"
CHANGES = "review asks for changes: {first}"
GATE_OPEN = "gate 2 is open: a person may merge pull request #{number}"
MERGED = "pull request #{number} merged by {who}: {sha}"
CLOSED = "pull request #{number} closed unmerged"
PARKED = "rests: {why}; {next}"
PARKED_UNTIL = "rests until {until:%Y-%m-%d %H:%M} UTC: {why}; {next}"
CANCELLED = "the agent is told to stop: {why}"
REFUSED = "a draft was refused: {why}"
TAKEN = "{who} took the pull request over"
OFF = "the fleet stays off: {why}"
ON = "the repository is protected: the fleet may work"
LOOKS = "pm-agent is asked what could be better"
STOPPED = "stopped: {why}"
RESUMED = "goes on: {why}"
POLICY = "the last good policy holds, because of the newest: {errors}"
TESTS_NONE = "no tests ran"


@dataclass(frozen=True)
class Line:
    """One line of progress; `issue` 0 is about the whole repository."""

    issue: int
    text: str
    tone: Tone = "step"


def tell(message: Message) -> Line | None:
    """The line for a message; None for one that people need not see."""
    text = _text(message)
    if text is None:
        return None
    issue = getattr(message, "issue", None)
    words, tone = text
    return Line(issue if isinstance(issue, int) else 0, words, tone)


def _text(m: Message) -> tuple[str, Tone] | None:
    return _of_repository(m) or _of_gate1(m) or _of_work(m) or _of_pull(m)


def _of_repository(m: Message) -> tuple[str, Tone] | None:
    if isinstance(m, g.RepositoryEvaluated):
        if m.on:
            return ON, "quiet"
        return OFF.format(why="; ".join(each.text for each in m.findings)), "bad"
    if isinstance(m, g.FleetStopped):
        return STOPPED.format(why=m.why), "bad"
    if isinstance(m, g.FleetResumed):
        return RESUMED.format(why=m.why), "good"
    if isinstance(m, o.RepositoryObserved) and m.policy_errors:
        return POLICY.format(errors="; ".join(m.policy_errors)), "bad"
    return (LOOKS, "step") if isinstance(m, w.ProposalsRequested) else None


def _of_gate1(m: Message) -> tuple[str, Tone] | None:
    if isinstance(m, g.IssueOpened):
        return WAITS.format(title=m.title), "ask"
    if isinstance(m, g.IssueApproved):
        return APPROVED.format(who=m.approver.login, digest=m.digest[:12]), "good"
    if isinstance(m, g.IssueRevoked):
        return REVOKED.format(why=m.reason.text), "bad"
    return None


def _of_work(m: Message) -> tuple[str, Tone] | None:
    if isinstance(m, w.ImplementationRequested):
        return WORKS, "step"
    if isinstance(m, w.RevisionRequested):
        return REVISES.format(round=m.round), "step"
    if isinstance(m, w.ReviewRequested):
        return REVIEWS.format(head=m.head[:12]), "step"
    if isinstance(m, w.IssueParked):
        words = PARKED if m.until is None else PARKED_UNTIL
        return words.format(why=m.why, next=m.next, until=m.until), "bad"
    if isinstance(m, w.RunCancelled) and m.issue is not None and m.holder is None:
        return CANCELLED.format(why=m.reason), "quiet"
    if isinstance(m, g.DraftRefused):
        return REFUSED.format(why="; ".join(each.text for each in m.reasons)), "bad"
    return None


def _of_pull(m: Message) -> tuple[str, Tone] | None:
    if isinstance(m, g.PullRequestOpened):
        return OPENED.format(number=m.pull_request, files=m.files, lines=m.lines), "step"
    if isinstance(m, g.PullRequestUpdated):
        return UPDATED.format(number=m.pull_request, round=m.round), "step"
    if isinstance(m, g.ReviewPosted):
        if m.verdict is Verdict.PASS:
            return PASSED.format(tests=m.tests.summary or TESTS_NONE), "good"
        first = m.findings[0].text if m.findings else m.tests.summary
        return CHANGES.format(first=first), "bad"
    if isinstance(m, g.PullRequestEvaluated) and m.open:
        return GATE_OPEN.format(number=m.pull_request), "ask"
    if isinstance(m, g.PullRequestTakenOver):
        return TAKEN.format(who=m.who), "quiet"
    if isinstance(m, g.PullRequestClosed):
        if not m.merged:
            return CLOSED.format(number=m.pull_request), "bad"
        who = m.by.login if m.by else "somebody"
        return MERGED.format(number=m.pull_request, who=who, sha=(m.merge_sha or "")[:12]), "good"
    return None


def quoted(title: str) -> str:
    """A title as it stands in a sentence."""
    return f"\u201c{title}\u201d"
