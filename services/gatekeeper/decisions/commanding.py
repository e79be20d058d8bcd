"""Commands that people write as comments: heard once, from whoever may."""

from collections.abc import Callable
from dataclasses import dataclass

from services.gatekeeper.desk import Desk
from services.gatekeeper.facts import History, IssueFacts
from services.gatekeeper.granting import untouched
from services.gatekeeper.hearing import hear_once
from services.gatekeeper.roles import (
    Unreadable,
    first_unreadable,
    is_machine,
    is_writer,
    role_of,
)
from shared.messages.gate import CommandAccepted
from shared.messages.objects import Comment
from shared.snapshot import Gatefleet, parse
from shared.store import Handling


@dataclass(frozen=True)
class Commands:
    """What to say of commands, and why some could not be judged yet."""

    say: Callable[[Handling], list[CommandAccepted]]
    unread: Unreadable | None = None


async def accepted_commands(desk: Desk, facts: IssueFacts) -> Commands:
    """Commands of writers on the issue; said once each, in the transaction that records them."""
    if not isinstance(facts.history, History):
        return Commands(lambda at: [])
    asked = [
        (comment, command)
        for comment in facts.history.comments
        if isinstance(command := parse(comment.body), Gatefleet) and _stands(comment, facts)
    ]
    roles = await desk.roles([comment.author for comment, _ in asked])
    allowed = [
        (comment, command)
        for comment, command in asked
        if is_writer(role_of(roles, comment.author.id), facts.policy.approve)
    ]

    def say(at: Handling) -> list[CommandAccepted]:
        return [
            CommandAccepted(
                repo=facts.repo, issue=facts.issue.number,
                command=command.command, arguments=command.arguments,
                actor=comment.author, id=f"comment:{comment.id}",
            )
            for comment, command in allowed
            if hear_once(at, facts.repo.id, f"command:comment:{comment.id}")
        ]  # fmt: skip

    unread = first_unreadable(roles, frozenset(comment.author.id for comment, _ in asked))
    return Commands(say, unread)


def _stands(comment: Comment, facts: IssueFacts) -> bool:
    assert isinstance(facts.history, History)
    return (
        not comment.deleted
        and not is_machine(comment.author, comment.app_id, facts.fleet)
        and untouched(comment, facts.history)
    )
