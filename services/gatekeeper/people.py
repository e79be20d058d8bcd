"""Does a person who may write still ask for changes? The latest word of each of them counts."""

from collections.abc import Sequence

from services.gatekeeper.roles import Fleet, Roles, Unreadable, is_machine, is_writer, role_of
from shared.messages.content import GateInput
from shared.messages.objects import Review

NAME = "people"
NOBODY = "nobody asks for changes"
ASKED = "{who} asked for changes; they must approve or dismiss that review to continue"

# A mere comment takes nothing back of what the same person said before.
_WORDS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})


def objecting(reviews: Sequence[Review], fleet: Fleet) -> list[Review]:
    """The reviews of people whose latest word asks for changes, whatever their role."""
    latest: dict[int, Review] = {}
    for review in sorted(reviews, key=lambda review: (review.submitted_at, review.id)):
        if review.state.upper() in _WORDS and not is_machine(review.author, None, fleet):
            latest[review.author.id] = review
    return [each for each in latest.values() if each.state.upper() == "CHANGES_REQUESTED"]


def judge(
    reviews: Sequence[Review] | Unreadable, *, roles: Roles, fleet: Fleet, approve: frozenset[str]
) -> GateInput:
    """The row `people`."""
    if isinstance(reviews, Unreadable):
        return GateInput(name=NAME, value="unknown", cause=reviews.cause)
    unread = None
    for review in objecting(reviews, fleet):
        role = role_of(roles, review.author.id)
        if is_writer(role, approve):
            return GateInput(name=NAME, value="fail", cause=ASKED.format(who=review.author.login))
        if isinstance(role, Unreadable):
            unread = role
    if unread is not None:
        return GateInput(name=NAME, value="unknown", cause=unread.cause)
    return GateInput(name=NAME, value="pass", cause=NOBODY)
