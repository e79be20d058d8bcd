"""What the gatekeeper decided and carried out."""

from services.console.told.line import AGENTS, GATEKEEPER, Told, Words, money
from shared.messages import Message
from shared.messages import gate as g
from shared.messages.content import Verdict

OPENED = "wrote the proposal to the forge: {title}"
PRESENTED = "shows what an agent would read: {characters} characters, digest {digest}{money}"
RESERVES = "; approving reserves {money}"
APPROVED = "approves the text {digest} (as {role})"
REVOKED = "the approval ended: {why}"
AND_THEN = "; next: {next}"
COMMAND = "says /gatefleet {command}"
REFUSED = "did not carry out {agent}'s draft: {why}"
PULL_OPENED = "opened pull request #{number}: {files} file(s), {lines} line(s)"
PULL_UPDATED = "pushed round {round} to pull request #{number}: {files} file(s), {lines} line(s)"
PASSED = "review passed: {tests}"
CHANGES = "review asks for changes: {first}{more}"
MORE = " (and {count} more)"
WANTED = {
    "check": "a check asks for a revision: {text}",
    "conflict": "the change conflicts with the default branch",
    "person": "{actor} asks for changes: {text}",
    "review": "the review asks for a revision",
}
REVIEW_WANTED = "asks for a new review: {why}"
GATE_OPEN = "gate 2 is open: a person may merge pull request #{number}"
GATE_WAITS = "gate 2 waits for {inputs}"
TAKEN = "took pull request #{number} over with a commit of their own"
MERGED = "merged pull request #{number}{sha}"
CLOSED = "closed pull request #{number} unmerged"
ON = "the repository is protected: the fleet may work"
OFF = "the fleet stays off: {why}"
STOPPED, RESUMED = "stopped: {why}", "goes on: {why}"
NO_TESTS, SOMEBODY = "no tests ran", "somebody"
_DIGEST, _SHA = 16, 12


def words(m: Message, told: Told) -> Words | None:
    """The line for a word of the gatekeeper; None when it is none, or no news."""
    return _gate1(m) or _of_all(m) or _drafts(m, told) or _gate2(m, told)


def _gate1(m: Message) -> Words | None:
    if isinstance(m, g.IssueOpened):
        return Words(GATEKEEPER, OPENED.format(title=m.title), "ask")
    if isinstance(m, g.IssuePresented):
        reserves = RESERVES.format(money=money(m.reserve_micros)) if m.reserve_micros else ""
        line = PRESENTED.format(characters=m.characters, digest=m.digest[:_DIGEST], money=reserves)
        return Words(GATEKEEPER, line, "ask")
    if isinstance(m, g.IssueApproved):
        who = m.approver
        line = APPROVED.format(digest=m.digest[:_DIGEST], role=who.role)
        return Words(who.login, line, "good")
    if isinstance(m, g.IssueRevoked):
        return Words(GATEKEEPER, REVOKED.format(why=m.reason.text), "bad")
    if isinstance(m, g.CommandAccepted):
        line = COMMAND.format(command=f"{m.command} {m.arguments}".strip())
        return Words(m.actor.login, line)
    if isinstance(m, g.CommandAnswered):
        after = AND_THEN.format(next=m.next) if m.next else ""
        return Words(GATEKEEPER, f"{m.answer}{after}", "quiet" if m.taken else "bad")
    return None


def _of_all(m: Message) -> Words | None:
    if isinstance(m, g.RepositoryEvaluated):
        worse = "; ".join(each.text for each in m.findings if not each.accepted)
        return Words(GATEKEEPER, ON, "quiet") if m.on else Words(
            GATEKEEPER, OFF.format(why=worse), "bad"
        )  # fmt: skip
    if isinstance(m, g.FleetStopped):
        return Words(GATEKEEPER, STOPPED.format(why=m.why), "bad")
    return Words(GATEKEEPER, RESUMED.format(why=m.why)) if isinstance(m, g.FleetResumed) else None


def _drafts(m: Message, told: Told) -> Words | None:
    if isinstance(m, g.DraftRefused):
        why = "; ".join(each.text for each in m.reasons)
        return Words(GATEKEEPER, REFUSED.format(agent=AGENTS[m.kind], why=why), "bad")
    if isinstance(m, g.PullRequestOpened | g.PullRequestUpdated):
        if not told.is_news(f"head{m.pull_request}", m.head):
            return None  # adopted after a restart: it was pushed before
        line = PULL_OPENED if isinstance(m, g.PullRequestOpened) else PULL_UPDATED
        return Words(GATEKEEPER, line.format(
            number=m.pull_request, files=m.files, lines=m.lines, round=m.round
        ))  # fmt: skip
    if isinstance(m, g.ReviewPosted):
        if m.verdict is Verdict.PASS:
            return Words("qa-agent", PASSED.format(tests=m.tests.summary or NO_TESTS), "good")
        first = m.findings[0].text if m.findings else m.tests.summary
        more = MORE.format(count=len(m.findings) - 1) if len(m.findings) > 1 else ""
        return Words("qa-agent", CHANGES.format(first=first, more=more), "bad")
    return None


def _gate2(m: Message, told: Told) -> Words | None:
    if isinstance(m, g.RevisionWanted):
        cause = m.cause
        text = cause.findings[0].text if cause.findings else cause.log.strip().partition("\n")[0]
        line = WANTED[cause.kind.value].format(actor=cause.actor or SOMEBODY, text=text)
        return Words(GATEKEEPER, line, "bad")
    if isinstance(m, g.ReviewWanted):
        return Words(GATEKEEPER, REVIEW_WANTED.format(why=m.why))
    if isinstance(m, g.PullRequestEvaluated):
        waits = ", ".join(each.name for each in m.inputs if each.value != "pass")
        line = (GATE_OPEN if m.open else GATE_WAITS).format(number=m.pull_request, inputs=waits)
        is_news = told.is_news(f"gate{m.pull_request}", line)
        return Words(GATEKEEPER, line, "ask" if m.open else "quiet") if is_news else None
    if isinstance(m, g.PullRequestTakenOver):
        return Words(m.who or SOMEBODY, TAKEN.format(number=m.pull_request))
    if isinstance(m, g.PullRequestClosed):
        who = m.by.login if m.by else SOMEBODY
        sha = f" as {m.merge_sha[:_SHA]}" if m.merge_sha else ""
        if m.merged:
            return Words(who, MERGED.format(number=m.pull_request, sha=sha), "good")
        return Words(who, CLOSED.format(number=m.pull_request), "bad")
    return None
