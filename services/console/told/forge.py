"""What people did on the forge, from what was seen there. The fleet's own marks are told elsewhere."""

from services.console.told.line import Told, Words
from shared.messages import Message
from shared.messages import observed as o
from shared.messages.objects import MACHINE_KINDS, Check, Issue, PullRequest

FORGE = "forge"
WROTE = "wrote the issue: {title}"
CLOSED, REOPENED = "the issue was closed{reason}", "the issue is open again"
RETITLED = "the title is now: {title}"
COMMENTED = "commented: {text}"
EDITED, DELETED = "edited a comment: {text}", "deleted a comment"
REVIEWED = {
    "APPROVED": "approves the pull request",
    "CHANGES_REQUESTED": "asks for changes: {text}",
    "COMMENTED": "commented on the pull request: {text}",
    "DISMISSED": "a review was dismissed",
}
CHECKED = "check {name}: {conclusion}"
DRAFT, UNDRAFT = "pull request #{number} is a draft now", "pull request #{number} is ready again"
NO_TEXT = "(no text)"
_BAD = frozenset({"failure", "cancelled", "timed_out", "action_required", "error"})


def words(m: Message, told: Told) -> Words | None:
    """The line for a fact of the forge; None when it is nothing that people did, or told already."""
    if isinstance(m, o.IssueObserved):
        return _issue(m.issue, told)
    if isinstance(m, o.PullRequestObserved):
        return _pull(m.pull_request, told)
    if isinstance(m, o.CommentObserved):
        return _comment(m, told)
    if isinstance(m, o.ReviewObserved) and m.review.author.kind not in MACHINE_KINDS:
        review = m.review
        text = REVIEWED.get(review.state, REVIEWED["COMMENTED"])
        line = text.format(text=_first(review.body))
        return Words(review.author.login, line) if told.is_news(f"r{review.id}", line) else None
    return _check(m.check, told) if isinstance(m, o.CheckObserved) else None


def _issue(issue: Issue, told: Told) -> Words | None:
    is_first = told.is_news(f"i{issue.number}", "known")
    stated = told.is_news(f"state{issue.number}", issue.state)
    titled = told.is_news(f"title{issue.number}", issue.title)
    if is_first:
        by_person = issue.author.kind not in MACHINE_KINDS
        return Words(issue.author.login, WROTE.format(title=issue.title)) if by_person else None
    if stated and issue.state == "closed":
        reason = f" ({issue.state_reason.replace('_', ' ')})" if issue.state_reason else ""
        return Words(FORGE, CLOSED.format(reason=reason), "quiet")
    if stated:
        return Words(FORGE, REOPENED)
    return Words(FORGE, RETITLED.format(title=issue.title)) if titled else None


def _pull(pull: PullRequest, told: Told) -> Words | None:
    words = DRAFT if pull.draft else UNDRAFT
    is_first = f"d{pull.number}" not in told.seen
    if not told.is_news(f"d{pull.number}", words) or (is_first and not pull.draft):
        return None
    return Words(FORGE, words.format(number=pull.number), "quiet")


def _comment(m: o.CommentObserved, told: Told) -> Words | None:
    comment = m.comment
    if comment.author.kind in MACHINE_KINDS or comment.app_id is not None:
        return None
    known = f"c{comment.id}" in told.seen
    if not told.is_news(f"c{comment.id}", "" if comment.deleted else comment.body):
        return None
    if comment.deleted:
        return Words(comment.author.login, DELETED, "quiet")
    text = EDITED if known else COMMENTED
    return Words(comment.author.login, text.format(text=_first(comment.body)))


def _check(check: Check, told: Told) -> Words | None:
    """Checks of others, when they are done; the fleet's own are told of by the gates."""
    if check.conclusion is None or check.name.startswith("gatefleet/"):
        return None
    line = CHECKED.format(name=check.name, conclusion=check.conclusion.replace("_", " "))
    if not told.is_news(f"check{check.name}{check.sha}", line):
        return None
    return Words(FORGE, line, "bad" if check.conclusion in _BAD else "quiet")


def _first(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), NO_TEXT)
