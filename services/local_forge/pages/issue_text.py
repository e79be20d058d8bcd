"""What a person had before their eyes: their click carries its digest, and counts for that only."""

import hashlib
import hmac
import json

from services.local_forge.domain.forge import Forge
from services.local_forge.problems import Conflict
from services.local_forge.tables import Issue

MOVED = "{subject}: its text changed since you read it; read it again and then decide"


def text_digest(forge: Forge, issue: Issue) -> str:
    """SHA-256, hex, of title, body and comments as they are."""
    comments = [[comment.id, comment.body] for comment in forge.comments.of(issue)]
    shown = json.dumps([issue.title, issue.body, comments])
    return hashlib.sha256(shown.encode()).hexdigest()


def require_unchanged(forge: Forge, issue: Issue, *, seen: str) -> None:
    """Conflict where the issue does not read as it did when the form was shown."""
    if not hmac.compare_digest(seen.encode(), text_digest(forge, issue).encode()):
        raise Conflict(MOVED.format(subject=issue.subject))
