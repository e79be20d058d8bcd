"""What the scheduler does once at each start: take its settings, and say the queue again."""

from sqlalchemy import select

from services.scheduler.dispatching import Dispatched, dispatch
from services.scheduler.tables import Fleet, Repository
from shared.store import Handling


def begin(at: Handling, *, concurrent_runs: int) -> list[Dispatched]:
    """Whoever missed what waits, or lost it, is told again."""
    at.session.merge(Fleet(id=1, concurrent_runs=concurrent_runs))
    for repository in at.session.scalars(select(Repository)):
        repository.queue = None
    return dispatch(at)
