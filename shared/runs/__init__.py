"""An agent's part of a run: pick up, hold the lease, stop when told, always say how it ended."""

from shared.runs.accepting import accept, note_cancellation
from shared.runs.ends import Drafted, Ended
from shared.runs.job import RunJob
from shared.runs.live import LiveRun
from shared.runs.supervising import MIGRATIONS, Supervisor, gave_up

__all__ = [
    "MIGRATIONS",
    "Drafted",
    "Ended",
    "LiveRun",
    "RunJob",
    "Supervisor",
    "accept",
    "gave_up",
    "note_cancellation",
]
