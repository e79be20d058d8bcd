"""The second approval that protected paths need: by a person, for exactly one head."""

from collections.abc import Sequence

from services.gatekeeper.roles import Fleet, Roles, Unreadable, is_machine, may_approve, role_of
from shared.messages.objects import Comment
from shared.snapshot import ApprovePaths, parse


def paths_approved_by(
    comments: Sequence[Comment], *, head: str, roles: Roles, fleet: Fleet, approve: frozenset[str]
) -> str | Unreadable | None:
    """The login whose `/approve-paths <head>` counts; None: nobody yet. A new push needs a new one.

    Edited and deleted comments, machines and older heads never count; an unreadable role leaves it
    open, unless somebody else's counts.
    """
    unread: Unreadable | None = None
    for comment in comments:
        if comment.deleted or comment.updated_at != comment.created_at:
            continue
        if parse(comment.body) != ApprovePaths(head):
            continue
        if is_machine(comment.author, comment.app_id, fleet):
            continue
        role = role_of(roles, comment.author.id)
        if may_approve(role, approve):
            return comment.author.login
        if isinstance(role, Unreadable):
            unread = role
    return unread
