"""What people are shown before they approve: exactly what an agent would read, and its price."""

from shared.messages.content import Snapshot
from shared.snapshot import fenced

# A forge takes comments up to 65,536 characters; the rest is for what stands around this text.
SHOWN_CHARACTERS = 56_000
DIGITS = 16

READS = "An agent would read exactly this and nothing else:"
REMOVED = "Removed before: {removed}."
NOTHING_REMOVED = "Nothing was removed from it."
RESERVES = "Approving reserves {money} of the budget."
RESERVES_NOTHING = "Approving reserves no money."
DIGEST = "Digest `{digest}` ({characters:,} characters)."
ASK = "To have exactly this text worked on, comment:"
CUT = "… cut here for the forge's limit: `gatefleet approve {issue}` shows all of it"
COMMENT = "--- comment {id} by {author} ---"


def as_read(snapshot: Snapshot) -> str:
    """The snapshot as one text: title, body, and each comment under its author."""
    parts = [snapshot.title, snapshot.body]
    for comment in snapshot.comments:
        parts += [COMMENT.format(id=comment.id, author=comment.author), comment.body]
    return "\n\n".join(parts)


def approve_line(digest: str) -> str:
    """The comment that approves this text."""
    return f"/approve {digest[:DIGITS]}"


def money(micros: int) -> str:
    """Millionths of a US dollar as people read them."""
    return f"${micros / 1_000_000:,.2f}"


def presentation(snapshot: Snapshot, *, issue: int, reserve_micros: int = 0, why: str = "") -> str:
    """The section of the issue's comment that shows the text and asks for its approval."""
    text = as_read(snapshot)
    shown = text[:SHOWN_CHARACTERS]
    removed = (
        REMOVED.format(removed=", ".join(snapshot.removed)) if snapshot.removed else NOTHING_REMOVED
    )
    reserves = RESERVES.format(money=money(reserve_micros)) if reserve_micros else RESERVES_NOTHING
    digest = DIGEST.format(digest=snapshot.digest, characters=len(text))
    parts = [why[:1].upper() + why[1:] + "." if why else "", READS, fenced(shown, "text")]
    if len(shown) < len(text):
        parts.append(CUT.format(issue=issue))
    parts += [f"{removed} {reserves} {digest}", ASK, fenced(approve_line(snapshot.digest))]
    return "\n\n".join(part for part in parts if part)
