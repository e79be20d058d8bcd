"""Where an issue stands: one pure function from facts to what people see.

Scheduler, console and labels all ask it, so that none of them can tell another story.
"""

from shared.lifecycle.facts import Blocker, Grant, IssueFacts, PullRequest, RunKind
from shared.lifecycle.standing import explain, state
from shared.lifecycle.state import FINAL, LABELS, STATE_WORDS, STOPPED, IssueState, Standing

__all__ = [
    "FINAL",
    "LABELS",
    "STATE_WORDS",
    "STOPPED",
    "Blocker",
    "Grant",
    "IssueFacts",
    "IssueState",
    "PullRequest",
    "RunKind",
    "Standing",
    "explain",
    "state",
]
