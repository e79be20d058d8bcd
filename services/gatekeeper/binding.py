"""Which text an approval is bound to: what the approver saw, or certainly could see (I-05).

A digest names its text. A bare form or a label names none, so it counts only where the text cannot
have been another one: written by writers alone and not edited since, or shown and left in peace.
"""

from datetime import datetime

from services.gatekeeper.facts import History, IssueFacts
from services.gatekeeper.granting import Grant
from services.gatekeeper.reading import as_shown, by_writers_alone, edited_since, read_until
from shared.messages.content import Reason, Snapshot
from shared.messages.objects import Comment

MISMATCH = "the digest {given} is not the one of the text as it stands now ({now})"
NOT_SHOWN = "not only writers wrote this text, and it was not shown before it was approved"
CHANGED = "the text was edited at the time of the approval or after it"
TOO_SOON = "the text was shown too short a time before ({seconds} s are needed)"


def binds(grant: Grant, *, facts: IssueFacts, history: History) -> Snapshot | Reason:
    """The content that a grant is bound to, or why it is bound to none."""
    shown = as_shown(facts, history)
    before = read_until(facts, history, belongs=lambda comment: _precedes(comment, grant))
    if grant.digest is not None:
        for text in (shown, before):
            if text is not None and text.digest.startswith(grant.digest):
                return text
        now = (shown or before).digest[:16]
        return Reason(name="digest", text=MISMATCH.format(given=grant.digest[:16], now=now))
    at = facts.presented.at if facts.presented is not None else None
    if shown is None or at is None or shown.digest != _presented(facts):
        return _by_writers(grant, before, facts, history)
    if grant.at <= at:
        return _by_writers(grant, before, facts, history)
    by_writers = _by_writers(grant, shown, facts, history)
    if isinstance(by_writers, Snapshot):
        return by_writers
    if grant.at <= at + facts.policy.quiet:
        seconds = int(facts.policy.quiet.total_seconds())
        return Reason(name="too_soon", text=TOO_SOON.format(seconds=seconds))
    # Equal text is not enough: an edit there and back would be read between the two.
    if _edited_after(history, shown, at):
        return Reason(name="edited_after", text=CHANGED)
    return shown


def _by_writers(
    grant: Grant, text: Snapshot, facts: IssueFacts, history: History
) -> Snapshot | Reason:
    if not by_writers_alone(facts, history, text=text):
        return Reason(name="not_shown", text=NOT_SHOWN)
    if edited_since(history, text=text, since=grant.at):
        return Reason(name="edited_after", text=CHANGED)
    return text


def _edited_after(history: History, text: Snapshot, at: datetime) -> bool:
    """Strictly later than the showing: what was shown is equal to what stands there now."""
    return edited_since(history, text=text, since=at + datetime.resolution)


def _presented(facts: IssueFacts) -> str:
    return facts.presented.digest if facts.presented is not None else ""


def _precedes(comment: Comment, grant: Grant) -> bool:
    """Was it certainly written before the approval? Within one second only ids of comments tell."""
    if comment.created_at == grant.at:
        return grant.comment is not None and comment.id < grant.comment
    return comment.created_at < grant.at
