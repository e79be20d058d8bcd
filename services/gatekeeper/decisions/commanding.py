"""Commands that people write as comments: judged once each, recorded, said and answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.gatekeeper import ledger
from services.gatekeeper.desk import Desk
from services.gatekeeper.facts import History, IssueFacts
from services.gatekeeper.granting import untouched
from services.gatekeeper.hearing import hear_once
from services.gatekeeper.jobs import DeclineIssue, ShowIssue
from services.gatekeeper.obeying import STEERS, Asked, Judged, Subject, judge
from services.gatekeeper.roles import Role, Roles, Unreadable, is_machine, role_of
from services.gatekeeper.rows import issue_row
from services.gatekeeper.shown import standing_facts
from services.gatekeeper.tables import Approval, Heard, Pull, Repository, Run
from services.gatekeeper.words.answers import Counted, answer_notice
from shared.lifecycle import explain
from shared.messages.gate import CommandAccepted, CommandAnswered
from shared.snapshot import Gatefleet, NotACommand, neutralise, parse
from shared.store import Handling

Said: TypeAlias = CommandAccepted | CommandAnswered | DeclineIssue | ShowIssue


@dataclass(frozen=True)
class Commands:
    """What to say of commands, and why some could not be judged yet."""

    say: Callable[[Handling], Sequence[Said]]
    unread: Unreadable | None = None


async def accepted_commands(desk: Desk, facts: IssueFacts) -> Commands:
    """Commands of people on the issue; judged in the transaction that records them."""
    asked = await desk.store.run(lambda session: _unheard(session, facts))
    roles = await desk.roles([each.comment.author for each in asked])

    def say(at: Handling) -> list[Said]:
        _note_state(at, facts)
        said: list[Said] = []
        for each in asked:
            said += _heard(at, each, roles, facts)
        return said

    found = [role_of(roles, each.comment.author.id) for each in asked]
    return Commands(say, next((each for each in found if isinstance(each, Unreadable)), None))


def _unheard(session: Session, facts: IssueFacts) -> list[Asked]:
    """What nobody has judged yet, oldest first. Machines never command (I-03)."""
    if not isinstance(facts.history, History):
        return []
    found: list[Asked] = []
    for comment in facts.history.comments:
        command = parse(comment.body)
        wants = isinstance(command, Gatefleet) or (
            isinstance(command, NotACommand) and command.looks_like
        )
        if comment.deleted or not wants or is_machine(comment.author, comment.app_id, facts.fleet):
            continue
        assert isinstance(command, Gatefleet | NotACommand)
        asked = Asked(comment, command, edited=not untouched(comment, facts.history))
        keys = {_key(asked), _obeyed(asked)}
        if all(session.get(Heard, (facts.repo.id, key)) is None for key in keys):
            found.append(asked)
    return found


def _obeyed(asked: Asked) -> str:
    return f"command:comment:{asked.comment.id}"


def _key(asked: Asked) -> str:
    """What was edited, and what was only close to a command, may be written anew under the same id."""
    if asked.word and not asked.edited:
        return _obeyed(asked)
    return f"attempt:comment:{asked.comment.id}:{asked.comment.updated_at.isoformat()}"


def _heard(at: Handling, asked: Asked, roles: Roles, facts: IssueFacts) -> list[Said]:
    role = role_of(roles, asked.comment.author.id)
    if isinstance(role, Unreadable) or not hear_once(at, facts.repo.id, _key(asked)):
        return []
    subject = _subject(at, facts)
    judged = judge(asked, role, facts.policy.approve, subject)
    _record(at, asked, role, judged, facts)
    if judged is None:
        return []
    said: list[Said] = [_answered(asked, judged, facts)]
    if judged.taken:
        said += _carry_out(at, asked, subject, facts)
    if judged.shown:
        what = asked.comment.body.strip().partition("\n")[0]
        issue_row(at.session, facts.repo.id, facts.issue.number).notice = answer_notice(
            what=what, who=asked.comment.author.login, taken=judged.taken,
            answer=judged.answer, next_words=judged.next,
        )  # fmt: skip
        said.append(ShowIssue(repo=facts.repo, issue=facts.issue.number))
    return said


def _answered(asked: Asked, judged: Judged, facts: IssueFacts) -> CommandAnswered:
    return CommandAnswered(
        repo=facts.repo, issue=facts.issue.number, command=asked.word, taken=judged.taken,
        answer=judged.answer, next=judged.next, actor=asked.comment.author,
        id=f"comment:{asked.comment.id}",
    )  # fmt: skip


def _carry_out(at: Handling, asked: Asked, of: Subject, facts: IssueFacts) -> list[Said]:
    """Say it to those who do it, and let the picture follow."""
    assert isinstance(asked.command, Gatefleet)
    repo, number, word = facts.repo, facts.issue.number, asked.command.command
    if word == "why" or word == "status" or word == "help":
        return []
    row = issue_row(at.session, repo.id, number)
    if word == "resume" or word == "retry":
        row.rest, row.rest_words, row.rest_until = None, "", None
    said: list[Said] = [CommandAccepted(
        repo=repo, issue=number, command=word, arguments=asked.arguments,
        actor=asked.comment.author, id=f"comment:{asked.comment.id}",
        approval=of.approval if word in STEERS else None,
    )]  # fmt: skip
    if word == "decline":
        row.declined = neutralise(asked.arguments)
        said.append(DeclineIssue(repo=repo, issue=number, comment=asked.comment.id))
    return said


def _note_state(at: Handling, facts: IssueFacts) -> None:
    """Open or closed as it was just read; a reopening takes a decline back."""
    row = issue_row(at.session, facts.repo.id, facts.issue.number)
    is_closed = facts.issue.state == "closed"
    if row.closed and not is_closed:
        row.declined = None
    row.closed = is_closed


def _subject(at: Handling, facts: IssueFacts) -> Subject:
    number, repo_id = facts.issue.number, facts.repo.id
    record = ledger.live(at.session, repo_id, number)
    history = facts.history
    events = history.timeline if isinstance(history, History) else ()
    return Subject(
        now=at.now, open=facts.issue.state == "open",
        standing=explain(standing_facts(at.session, facts.repo, number)),
        counted=_counted(at.session, repo_id),
        approval=record.approval if record is not None else None,
        approved_at=record.approver.at if record is not None else None,
        reopened_at=max((each.at for each in events if each.event == "reopened"), default=None),
    )  # fmt: skip


def _counted(session: Session, repo_id: str) -> Counted:
    repository = session.get(Repository, repo_id)

    def count(of: type[Approval] | type[Run] | type[Pull], *where: object) -> int:
        query = select(func.count()).select_from(of).where(of.repo_id == repo_id, *where)  # type: ignore[arg-type]  # conditions
        return session.scalar(query) or 0

    return Counted(
        approved=count(Approval, Approval.ended.is_(None)), running=count(Run, Run.live.is_(True)),
        open=count(Pull, Pull.state == "open"),
        stopped=repository.stopped if repository is not None else None,
    )  # fmt: skip


def _record(
    at: Handling, asked: Asked, role: Role, judged: Judged | None, facts: IssueFacts
) -> None:
    """Who asked what, as which role, and what came of it: also of those who may not (I-43)."""
    ledger.write(
        at.session, "command",
        {
            "comment": asked.comment.id, "command": asked.word, "arguments": asked.arguments,
            "actor": asked.comment.author.id, "role": role.name, "edited": asked.edited,
            "taken": judged is not None and judged.taken,
            "answer": judged.answer if judged is not None else "history",
        },
        repo_id=facts.repo.id, issue=facts.issue.number, at=at.now,
    )  # fmt: skip
