"""Says what waits for an agent, whenever that changed."""

from collections.abc import Sequence

from services.scheduler.ranking import Decision
from services.scheduler.tables import Repository
from shared.messages.content import Waiting
from shared.messages.work import QueueChanged
from shared.store import Handling


def tell(at: Handling, repository: Repository, decisions: Sequence[Decision]) -> list[QueueChanged]:
    """The queue, if it is another than the one that was said last."""
    waiting = tuple(
        Waiting(
            issue=each.candidate.issue, kind=each.candidate.kind, place=place,
            why=each.held.why if each.held else "", next=each.held.words if each.held else "",
            until=each.held.until if each.held else None,
        )
        for place, each in enumerate(decisions, start=1)
    )  # fmt: skip
    if repository.queue == waiting:
        return []
    repository.queue = waiting
    return [QueueChanged(repo=repository.repo, waiting=waiting, at=at.now)]
