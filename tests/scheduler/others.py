"""What the others know when the scheduler forgets: the gatekeeper says again what holds, with the
runs it knows of; agents go on saying what they hold."""

from collections import deque
from collections.abc import Iterable
from uuid import UUID

from shared.errors import TryLater
from shared.messages import Message
from shared.messages.content import KnownRun, RunKind, SoFar
from shared.messages.draft import RunFinished, RunProgressed
from shared.messages.gate import (
    ChangePushed,
    DraftRefused,
    FleetResumed,
    FleetStopped,
    IssueApproved,
    IssueRevoked,
    PullRequestClosed,
    PullRequestTakenOver,
    RepositoryEvaluated,
    ReviewPosted,
    ReviewWanted,
    RevisionWanted,
)
from shared.messages.observed import IssueObserved, RepositoryObserved
from shared.messages.work import IssueParked, RunCancelled, RunEnded, WorkRequest
from tests.scheduler.desk import Desk

ENDS = (IssueRevoked, PullRequestClosed)
OF_A_HEAD = (ReviewPosted, RevisionWanted, ReviewWanted)
HOLDS = (
    RepositoryObserved, RepositoryEvaluated, FleetStopped, FleetResumed, IssueObserved,
    IssueApproved, ChangePushed, PullRequestTakenOver, *ENDS, *OF_A_HEAD,
)  # fmt: skip


class Others:
    """Gatekeeper, ingest and agents around one scheduler. `requests`: all that was asked for."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.requests: list[WorkRequest] = []
        self.said: dict[str, Message] = {}
        self.runs: dict[UUID, KnownRun] = {}
        self.approval_of: dict[UUID, UUID] = {}
        self.rest: IssueParked | None = None
        self.spent_micros = 0
        self.holding: dict[UUID, RunProgressed] = {}

    def say(self, *messages: Message) -> None:
        """To the scheduler, as the bus does it: what comes too early comes again."""
        waiting = deque(messages)
        put_off = 0
        while waiting:
            message = waiting.popleft()
            self._keep(message)
            try:
                answers = self.desk.hear(message)
            except TryLater:
                waiting.append(message)
                put_off += 1
                assert put_off <= len(waiting), f"never heard: {list(waiting)}"
            else:
                put_off = 0
                self.hear(answers)

    def hear(self, answers: Iterable[Message]) -> None:
        """What the scheduler says."""
        for answer in answers:
            match answer:
                case WorkRequest():
                    self._asked(answer)
                case RunCancelled(run=run, holder=None) | RunEnded(run=run):
                    if run in self.runs:
                        self.runs[run] = self.runs[run].model_copy(update={"live": False})
                    if isinstance(answer, RunEnded):
                        self.spent_micros += answer.usage.money_micros
                case IssueParked():
                    self.rest = answer
            if isinstance(answer, RunCancelled):
                self.holding.pop(answer.run, None)

    def last(self, kind: RunKind) -> WorkRequest:
        """The last request of a kind."""
        return [each for each in self.requests if self.runs[each.run].kind is kind][-1]

    def again(self) -> list[Message]:
        """All that is said again after the scheduler has forgotten everything."""
        return [*map(self._with_work, self.said.values()), *self.holding.values()]

    def _asked(self, request: WorkRequest) -> None:
        self.requests.append(request)
        word = request.topic.split(".")[1]
        self.runs[request.run] = KnownRun(
            run=request.run, kind=RunKind(word), generation=request.generation, live=True,
            round=getattr(request, "round", 1), head=getattr(request, "head", None),
            tip=getattr(request, "tip", None),
        )  # fmt: skip
        if (approval := getattr(request, "approval", None)) is not None:
            self.approval_of[request.run] = approval
            self.rest = None

    def _keep(self, message: Message) -> None:
        if isinstance(message, RunProgressed):
            self.holding[message.run] = message
        elif isinstance(message, RunFinished):
            self.holding.pop(message.run, None)
        elif isinstance(message, ChangePushed | ReviewPosted):
            self._ended(message.run, carried_out=True)
        elif isinstance(message, DraftRefused):
            self._ended(message.run, carried_out=False)
        if isinstance(message, ENDS):
            self.said = {
                key: each for key, each in self.said.items()
                if getattr(each, "issue", None) != message.issue
            }  # fmt: skip
        if isinstance(message, ChangePushed):
            self.said = {
                key: each for key, each in self.said.items() if not isinstance(each, OF_A_HEAD)
            }
        if isinstance(message, HOLDS):
            issue = getattr(message, "issue", "")
            number = getattr(issue, "number", issue)
            kind = "pushed" if isinstance(message, ChangePushed) else message.topic
            kind = "stop" if isinstance(message, FleetStopped | FleetResumed) else kind
            self.said[f"{message.repo.id} {kind} {number}"] = message

    def _ended(self, run: UUID, *, carried_out: bool) -> None:
        if run in self.runs:
            ended = {"live": False, "carried_out": carried_out}
            self.runs[run] = self.runs[run].model_copy(update=ended)

    def _with_work(self, message: Message) -> Message:
        if isinstance(message, RepositoryEvaluated):
            stops = [each for each in self.said.values() if isinstance(each, FleetStopped)]
            return message.model_copy(update={"stopped": stops[0].why if stops else None})
        if not isinstance(message, IssueApproved):
            return message
        known = tuple(
            run for run in self.runs.values()
            if self.approval_of.get(run.run) == message.approval
        )  # fmt: skip
        pushed = [each for each in self.said.values() if isinstance(each, ChangePushed)]
        mine = [each for each in pushed if each.approval == message.approval]
        so_far = SoFar(
            runs=len(known), spent_micros=self.spent_micros, known=known,
            pull_request=mine[0].pull_request if mine else None,
            taken_over=any(isinstance(each, PullRequestTakenOver) for each in self.said.values()),
            rest=self.rest.why if self.rest else "", rest_until=self.rest and self.rest.until,
            rest_words=self.rest.next if self.rest else "",
        )  # fmt: skip
        return message.model_copy(update={"so_far": so_far})
