"""What our commits and branches say of themselves: the same words for the same work, always."""

import re
from dataclasses import dataclass
from uuid import UUID

from shared.snapshot import sanitise

RUN = "Gatefleet-Run"
APPROVAL = "Gatefleet-Approval"
DIGEST = "Gatefleet-Digest"
ISSUE = "Gatefleet-Issue"

SUBJECT_CHARACTERS = 72
FALLBACK = "Change for issue {issue}"
MERGE = "Merge the moved base into the work on issue {issue}"
ROUND = "{subject} (round {round})"

# A CI obeys `[skip ci]` and its like: without brackets and rows of stars there is none.
_PLAIN = str.maketrans("[]", "()")
_STARS = re.compile(r"\*{2,}")
_REFERENCE = re.compile(r"#(?=\d)|\bGH-(?=\d)", re.IGNORECASE)
_ADDRESS = re.compile(r"\S*://\S*")
_TRAILER_LIKE = re.compile(r"^([A-Za-z][A-Za-z0-9-]*):(?=\s)")
_SHOWN = "&lt;"


@dataclass(frozen=True)
class Origin:
    """Where a commit comes from: what its trailers say."""

    run: UUID
    approval: UUID
    digest: str
    issue: int


def subject(title: str, *, issue: int, most: int = SUBJECT_CHARACTERS) -> str:
    """One line of at most `most` characters from an issue's title, with nothing in it that acts."""
    line = sanitise(title, "title").text.replace(_SHOWN, "<")
    line = _ADDRESS.sub("", _STARS.sub("", line.translate(_PLAIN)))
    line = _REFERENCE.sub("no. ", line).replace("@", "(at)")
    line = _TRAILER_LIKE.sub(r"\1 -", " ".join(line.split()).lstrip("!/#+-* ")).strip()
    return _short(line, most) or FALLBACK.format(issue=issue)


def _short(line: str, most: int) -> str:
    """Cut between words, and not inside of a code span: half a path misleads."""
    if len(line) <= most:
        return line
    whole = line[:most].rpartition(" ")[0]
    if whole.count("`") % 2:
        whole = whole.rpartition("`")[0]
    return (whole.rstrip() or line[: most - 1].rstrip()) + "…"


def commit_message(title: str, origin: Origin, *, round: int = 1, merge: bool = False) -> str:
    """The whole message of a commit of ours; `round` from 2 on is named, a merge names itself."""
    first = MERGE.format(issue=origin.issue) if merge else subject(title, issue=origin.issue)
    if round > 1 and not merge:
        room = SUBJECT_CHARACTERS - len(ROUND.format(subject="", round=round))
        first = ROUND.format(subject=subject(title, issue=origin.issue, most=room), round=round)
    trailers = (
        f"{RUN}: {origin.run}",
        f"{APPROVAL}: {origin.approval}",
        f"{DIGEST}: {origin.digest}",
        f"{ISSUE}: {origin.issue}",
    )
    return f"{first}\n\n" + "\n".join(trailers) + "\n"


def branch_name(issue: int, approval: UUID) -> str:
    """`gatefleet/issue-N/<12 hex>`: one branch for all runs under one approval."""
    return f"gatefleet/issue-{issue}/{approval.hex[:12]}"
