"""Short notices for people: each says what happened and the words that continue it."""

from collections.abc import Sequence

from shared.messages.content import CauseKind, Reason
from shared.snapshot import neutralise, one_line

REVOKED = "The approval ended: {why}."
LABEL_REMOVED = "The label `{label}` was removed, because it did not count: {why}."
REVISION = "Round {round} of at most {rounds} starts: {cause}."
ROUNDS_USED = (
    "All {rounds} rounds are used up. Comment `/gatefleet retry` to allow one more, "
    "change the branch yourself, or close the pull request."
)
TAKEN_OVER = (
    "{who} pushed `{sha}`, so this branch is theirs now: the fleet adds no commit here. "
    "It goes on reviewing what is pushed."
)
REFUSED = "The agent's draft was refused:"
NOT_A_COMMAND = (
    "That comment is close to a command but none: a command is the whole comment, such as "
    "`/approve`, `/approve <digest>`, `/unapprove` or `/gatefleet pause`."
)
INCIDENT = "The fleet's own account merged this. That must never happen: everything is stopped."

CAUSES = {
    CauseKind.REVIEW: "the review asked for changes",
    CauseKind.CHECK: "a required check failed",
    CauseKind.CONFLICT: "the base moved and conflicts with the change",
    CauseKind.PERSON: "{who} asked for changes",
}


def revoked(reason: Reason) -> str:
    """The approval is over, why, and what continues."""
    return REVOKED.format(why=_line(reason.text))


def label_removed(label: str, reason: Reason) -> str:
    """Why the fleet took the label away."""
    return LABEL_REMOVED.format(label=label.replace("`", "'"), why=_line(reason.text))


def revision(cause: CauseKind, *, round: int, rounds: int, who: str = "") -> str:
    """A further round starts, and what asked for it."""
    words = CAUSES[cause].format(who=one_line(who, 60) or "a person")
    return REVISION.format(round=round, rounds=rounds, cause=words)


def rounds_used(rounds: int) -> str:
    """No round is left; what a person can do."""
    return ROUNDS_USED.format(rounds=rounds)


def taken_over(sha: str, who: str) -> str:
    """A person's commit stands on our branch."""
    return TAKEN_OVER.format(who=one_line(who, 60), sha=sha[:12])


def refused(reasons: Sequence[Reason]) -> str:
    """Why a draft was not carried out, every reason."""
    return "\n".join([REFUSED, "", *(f"- {_line(reason.text)}" for reason in reasons)])


def _line(text: str) -> str:
    return neutralise(" ".join(text.split()))
