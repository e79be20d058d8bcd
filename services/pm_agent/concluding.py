"""How a run of pm-agent ends: with proposals, or with the reason why there are none."""

from collections.abc import Sequence

from shared.messages.content import KnownProposal, Proposal, RunEnd
from shared.messages.draft import IssuesProposed
from shared.messages.work import ProposalsRequested
from shared.policy import load
from shared.runs import Drafted, Ended

NOTHING_FOUND = "nothing was found that could be proposed"
NOTHING_NEW = "nothing new: what was found ({found}) is known already, or no room is left for it"
NO_ROOM = "as many proposals as the policy allows wait for people; decide on one of them first"
NONE_WANTED = (
    "the policy asks for no proposals (proposals.quota: 0 in .gatefleet.yml); raise it to have some"
)
PROPOSED = "{count} to propose"
UPDATED = "{count} to bring up to date"


def no_room(request: ProposalsRequested) -> bool:
    """Whether nothing could come of looking: no new one may be made, and none is open to update."""
    return request.quota <= 0 and not any(one.open for one in request.known)


def why_no_room(request: ProposalsRequested) -> str:
    """Which of the two it is: the policy wants none, or people have enough to decide on."""
    return NONE_WANTED if load(request.policy).proposals.quota == 0 else NO_ROOM


def conclude(
    request: ProposalsRequested,
    proposals: Sequence[Proposal],
    *,
    found: int,
    lines: Sequence[str],
) -> Drafted | Ended:
    """`found`: how many candidates there were; `lines`: what kept finders from looking."""
    if proposals:
        draft = IssuesProposed(
            repo=request.repo,
            run=request.run,
            generation=request.generation,
            proposals=tuple(proposals),
        )
        return Drafted(draft, summary(proposals, request.known))
    reason = NOTHING_NEW.format(found=found) if found else NOTHING_FOUND
    # Without these a linter that cannot start would look like a repository without faults.
    return Ended(RunEnd.NOTHING_TO_CHANGE, "; ".join((reason, *lines)))


def summary(proposals: Sequence[Proposal], known: Sequence[KnownProposal]) -> str:
    """`2 to propose, 1 to bring up to date`."""
    ids = {one.proposal for one in known}
    old = sum(one.proposal in ids for one in proposals)
    new = len(proposals) - old
    parts = [PROPOSED.format(count=new)] if new else []
    return ", ".join([*parts, UPDATED.format(count=old)] if old else parts)
