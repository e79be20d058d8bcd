"""What pm-agent reacts to."""

from dataclasses import dataclass

from shared.messages.content import RunKind
from shared.messages.draft import RunFinished, RunProgressed
from shared.messages.work import ProposalsRequested, RunCancelled
from shared.runs import RunJob, accept, note_cancellation
from shared.store import Handling


@dataclass(frozen=True)
class Handlers:
    """The reactions of one instance; `holder` is the name under which it holds leases."""

    holder: str

    def propose(
        self, request: ProposalsRequested, at: Handling
    ) -> list[RunJob | RunProgressed | RunFinished]:
        """Take the run: a job is committed, and the lease starts."""
        return accept(request, at, kind=RunKind.PROPOSALS, holder=self.holder)

    def stop(self, message: RunCancelled, at: Handling) -> list[RunFinished]:
        """Stop a run of ours. Bound to every instance: only the holder knows that it holds it."""
        return note_cancellation(message, at, holder=self.holder)
