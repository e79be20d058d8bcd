"""The job that an accepted request becomes."""

from typing import ClassVar
from uuid import UUID

from shared.errors import BadInput
from shared.jobs import Job
from shared.messages import read
from shared.messages.content import RunKind
from shared.messages.work import WorkRequest


class RunJob(Job):
    """One generation of a run. The request travels whole: nothing else needs to be looked up."""

    kind: ClassVar[str] = "run"
    lane: ClassVar[str] = "run"

    run: UUID
    generation: int
    work: RunKind
    issue: int | None
    topic: str
    body: str
    story: str

    def name(self) -> str:
        """One job a generation."""
        return f"run:{self.run}:{self.generation}"

    def correlation(self) -> str:
        """The issue's story."""
        return self.story

    def request(self) -> WorkRequest:
        """The request as it was said."""
        message = read(self.topic, self.body.encode())
        if not isinstance(message, WorkRequest):
            raise BadInput(f"{self.topic}: not a request for work")
        return message
