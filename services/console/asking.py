"""What is asked of the console, answered in one transaction: over HTTP, or of its store alone."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.console.answering import (
    inbox_of,
    line_of,
    proposal_line,
    pull_line,
    repository_of,
    run_line,
)
from services.console.composing import Parts, dispatched
from services.console.keeping import Heard, events
from services.console.projecting import about
from services.console.reading import Shelf, last, of_issue, repositories
from services.console.records import (
    AnswerRecord,
    ProposalRecord,
    PullRecord,
    RunRecord,
)
from services.console.shapes import (
    Approval,
    Change,
    EventAnswer,
    Inbox,
    IssueAnswer,
    Log,
    Problem,
    Proposals,
    RepositoryAnswer,
    Status,
)
from services.console.tables import Event
from services.console.telling import Teller
from services.console.view import shown, view_of
from shared.messages import Repo

NOTHING_YET = "nothing was heard of any repository yet"
WAIT_MEND = "start the fleet with `gatefleet up`, or wait for its first look at the repository"
SEVERAL = "several repositories are known, and none is named"
SEVERAL_MEND = "add ?repository=OWNER/NAME; known: {known}"
UNKNOWN_REPOSITORY = "nothing was heard of this repository"
KNOWN_MEND = "known: {known}"
UNKNOWN_ISSUE = "the fleet knows no issue with this number"
UNKNOWN_ISSUE_MEND = (
    "look at the number; one that was just written is known after the next look at the forge"
)
FOREIGN_PULL = "it is a pull request, and not of an issue of the fleet"
FOREIGN_PULL_MEND = "it is for people alone; the fleet does nothing there"
UNKNOWN_EVENT = "no event with this id is known"
UNKNOWN_EVENT_MEND = "POST /api/events/NAME answers the id that to ask for"


class Unanswerable(Exception):
    """A question that has no answer here."""

    def __init__(self, status: int, subject: str, problem: str, mend: str) -> None:
        """`status`: as HTTP has it."""
        super().__init__(f"{subject}: {problem}; {mend}")
        self.status = status
        self.problem = Problem(subject=subject, problem=problem, mend=mend)


class Asked:
    """One repository, as it is known in this transaction."""

    def __init__(self, session: Session, repository: str | None = None) -> None:
        """Without a name: the only one there is. Unanswerable when there is none or more."""
        self._session = session
        known = repositories(session)
        names = ", ".join(each.known_as for each in known)
        if repository is not None:
            known = [each for each in known if repository in (each.known_as, each.id)]
            if not known:
                mend = KNOWN_MEND.format(known=names) if names else WAIT_MEND
                raise Unanswerable(404, repository, UNKNOWN_REPOSITORY, mend)
        if not known:
            raise Unanswerable(503, "console", NOTHING_YET, WAIT_MEND)
        if len(known) > 1:
            raise Unanswerable(400, "repository", SEVERAL, SEVERAL_MEND.format(known=names))
        self._around = known[0]
        self._shelf = Shelf(session, self._around)

    def status(self, *, everything: bool = False) -> Status:
        """Everything at one glance."""
        views = self._shelf.views(everything=everything)
        seq, as_of = last(self._session)
        return Status(
            repository=self.repository(), as_of=as_of, seq=seq,
            waiting=len(inbox_of(views, self._around)),
            issues=tuple(line_of(view) for view in views),
        )  # fmt: skip

    def repository(self) -> RepositoryAnswer:
        """The repository as a whole."""
        return repository_of(self._around, self._shelf.every(RunRecord))

    def inbox(self) -> Inbox:
        """What waits for a person."""
        views = self._shelf.views()
        return Inbox(
            repository=self._around.known_as, as_of=last(self._session)[1],
            items=inbox_of(views, self._around),
        )  # fmt: skip

    def issue(self, number: int) -> IssueAnswer:
        """One issue, by its number or that of its pull request."""
        parts = self._parts(number)
        approved = parts.issue.approved
        runs = sorted(parts.runs, key=dispatched)
        return IssueAnswer(
            repository=self._around.known_as, as_of=last(self._session)[1], asked=number,
            issue=line_of(shown(view_of(parts), self._around)),
            approval=Approval(
                approval=approved.approval, by=approved.by, at=approved.at,
                expires_at=approved.expires_at, digest=approved.digest,
            ) if approved else None,
            pull_requests=tuple(pull_line(each) for each in _by_number(parts)),
            runs=tuple(run_line(each) for each in runs),
        )  # fmt: skip

    def log(self, number: int, *, after: int = 0) -> Log:
        """The story of one issue; `after`: what was heard after that place only."""
        parts = self._parts(number)
        numbers = {parts.issue.number, *(each.number for each in parts.pulls)}
        story = of_issue(self._session, self._around.id, numbers)
        teller = Teller()
        lines = [line for heard in story if (line := teller.tell(heard)) is not None]
        return Log(
            repository=self._around.known_as, asked=number, issue=parts.issue.number,
            title=view_of(parts).title, seq=max((each.seq for each in story), default=after),
            lines=tuple(line for line in lines if line.seq > after),
        )  # fmt: skip

    def proposals(self) -> Proposals:
        """All proposals."""
        lines = [proposal_line(each) for each in self._shelf.every(ProposalRecord)]
        return Proposals(
            repository=self._around.known_as, proposals=tuple(each for each in lines if each)
        )

    def event(self, event: UUID) -> EventAnswer:
        """What came of a custom event."""
        answer = self._shelf.get(AnswerRecord, str(event))
        if answer is None:
            known = self._session.scalar(select(Event.seq).where(Event.id == event).limit(1))
            if known is None:
                raise Unanswerable(404, str(event), UNKNOWN_EVENT, UNKNOWN_EVENT_MEND)
            return EventAnswer(event=event, answered=False, answer="", run=None, proposals=())
        run = self._shelf.get(RunRecord, str(answer.run)) if answer.run else None
        made = [each for each in self._shelf.every(ProposalRecord) if each.said is not None]
        mine = [each for each in made if each.said is not None and each.said.run == answer.run]
        lines = [proposal_line(each) for each in mine]
        return EventAnswer(
            event=event, answered=answer.answer is not None, answer=answer.answer or "",
            run=run_line(run) if run is not None else None,
            proposals=tuple(each for each in lines if each),
        )  # fmt: skip

    def repo(self) -> Repo:
        """As messages name it."""
        owner, _, name = self._around.known_as.partition("/")
        return Repo(owner=owner, name=name, id=self._around.id)

    def _parts(self, number: int) -> Parts:
        parts = self._shelf.parts(number)
        if parts is not None:
            return parts
        pull = self._shelf.get(PullRecord, str(number))
        subject = f"{self._around.known_as}#{number}"
        if pull is None:
            raise Unanswerable(404, subject, UNKNOWN_ISSUE, UNKNOWN_ISSUE_MEND)
        parts = self._shelf.parts(pull.issue) if pull.issue is not None else None
        if parts is None:
            raise Unanswerable(404, subject, FOREIGN_PULL, FOREIGN_PULL_MEND)
        return parts


def changes(session: Session, teller: Teller, *, after: int, limit: int = 200) -> list[Change]:
    """What was heard after a place in the log, each with its line."""
    return [_change(heard, teller) for heard in events(session, after=after, limit=limit)]


def _change(heard: Heard, teller: Teller) -> Change:
    return Change(
        seq=heard.seq, at=heard.at, topic=heard.topic, number=about(heard.message),
        line=teller.tell(heard),
    )  # fmt: skip


def _by_number(parts: Parts) -> list[PullRecord]:
    mine = set(parts.issue.pulls.values())
    ours = [each for each in parts.pulls if each.number in mine or each.pushed is not None]
    return sorted(ours, key=lambda each: each.number)
