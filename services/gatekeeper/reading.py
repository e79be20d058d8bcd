"""What an agent would read of an issue: which comments belong to the snapshot, and who wrote it."""

from collections.abc import Callable
from datetime import datetime

from services.gatekeeper.facts import History, IssueFacts
from services.gatekeeper.roles import is_fleet, is_machine, is_writer, role_of
from shared.messages.content import Snapshot
from shared.messages.objects import Actor, Comment
from shared.snapshot import NotACommand, digest, parse, take


def readers_of_note(facts: IssueFacts, history: History) -> frozenset[int]:
    """Users whose role decides what is in the snapshot and whether writers alone wrote it."""
    people = [facts.issue.author, *_text_editors(history)]
    people += [c.author for c in history.comments if _ordinary(c, facts)]
    people += [e.editor for e in history.edits if e.comment is not None]
    return frozenset(p.id for p in people if p is not None and not is_machine(p, None, facts.fleet))


def read_until(
    facts: IssueFacts,
    history: History,
    *,
    belongs: Callable[[Comment], bool] = lambda comment: True,
) -> Snapshot:
    """The snapshot with the comments by writers that `belongs` lets in."""
    return take(
        facts.repo,
        facts.issue,
        [
            c
            for c in history.comments
            if _ordinary(c, facts) and _by_writer(c, facts) and belongs(c)
        ],
    )


def read_again(facts: IssueFacts, history: History, *, frozen: Snapshot) -> Snapshot:
    """The text as it stands now over exactly the comments of `frozen`: its digest is D(now)."""
    ids = {comment.id for comment in frozen.comments}
    return take(
        facts.repo, facts.issue, [c for c in history.comments if c.id in ids and not c.deleted]
    )


def as_shown(facts: IssueFacts, history: History) -> Snapshot | None:
    """The snapshot with the comments there were when the text was shown; None if it never was."""
    shown = facts.presented
    if shown is None:
        return None
    return read_until(facts, history, belongs=lambda comment: comment.created_at <= shown.at)


def by_writers_alone(facts: IssueFacts, history: History, *, text: Snapshot) -> bool:
    """Did writers write and edit all of it? The fleet counts as one for its own draft, unchanged."""
    ids = {comment.id for comment in text.comments}
    written = digest(facts.repo.id, facts.issue.node_id, title=text.title, body=text.body)
    ours = written in facts.drafts
    hands = [facts.issue.author, *_text_editors(history)]
    if not all(_trusted(hand, facts) or (ours and is_fleet(hand, facts.fleet)) for hand in hands):
        return False
    return all(_trusted(e.editor, facts) for e in history.edits if e.comment in ids)


def edited_since(history: History, *, text: Snapshot, since: datetime) -> bool:
    """Was anything in the snapshot edited at `since` or later? A tie counts as later."""
    ids = {comment.id for comment in text.comments}
    renamed = (event.at for event in history.timeline if event.event == "renamed")
    edited = (e.at for e in history.edits if e.comment is None or e.comment in ids)
    touched = (
        c.updated_at for c in history.comments if c.id in ids and c.updated_at != c.created_at
    )
    return any(at >= since for times in (renamed, edited, touched) for at in times)


def _text_editors(history: History) -> list[Actor | None]:
    """Who edited the body or the title; None for an account that is gone."""
    body = [edit.editor for edit in history.edits if edit.comment is None]
    return body + [event.actor for event in history.timeline if event.event == "renamed"]


def _ordinary(comment: Comment, facts: IssueFacts) -> bool:
    """A person's words: not deleted, no machine's, no command."""
    return (
        not comment.deleted
        and not is_machine(comment.author, comment.app_id, facts.fleet)
        and isinstance(parse(comment.body), NotACommand)
    )


def _by_writer(comment: Comment, facts: IssueFacts) -> bool:
    return is_writer(role_of(facts.roles, comment.author.id), facts.policy.approve)


def _trusted(actor: Actor | None, facts: IssueFacts) -> bool:
    return (
        actor is not None
        and not is_machine(actor, None, facts.fleet)
        and is_writer(role_of(facts.roles, actor.id), facts.policy.approve)
    )
