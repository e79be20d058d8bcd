"""What dev-agent does with a message: a request becomes a job, a cancellation is remembered."""

from dataclasses import dataclass

from shared.messages.content import RunKind
from shared.messages.draft import RunFinished, RunProgressed
from shared.messages.work import ImplementationRequested, RevisionRequested, RunCancelled
from shared.runs import RunJob, accept, note_cancellation
from shared.store import Handling


@dataclass(frozen=True)
class Handlers:
    """The handlers of one instance: `holder` is who takes the lease."""

    holder: str

    def implement(
        self, request: ImplementationRequested, at: Handling
    ) -> list[RunJob | RunProgressed | RunFinished]:
        """Take an approved issue."""
        return accept(request, at, kind=RunKind.IMPLEMENTATION, holder=self.holder)

    def revise(
        self, request: RevisionRequested, at: Handling
    ) -> list[RunJob | RunProgressed | RunFinished]:
        """Take one more round on a pull request of ours."""
        return accept(request, at, kind=RunKind.REVISION, holder=self.holder)

    def stop(self, message: RunCancelled, at: Handling) -> list[RunFinished]:
        """Remember what must stop; the job looks."""
        return note_cancellation(message, at, holder=self.holder)
