"""What is said once: a command, the cause of a revision, a takeover."""

from services.gatekeeper.tables import Heard
from shared.store import Handling


def hear_once(at: Handling, repo_id: str, what: str) -> bool:
    """True the first time."""
    if at.session.get(Heard, (repo_id, what)) is not None:
        return False
    at.session.add(Heard(repo_id=repo_id, what=what, at=at.now))
    at.session.flush()
    return True
