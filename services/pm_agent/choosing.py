"""Which candidates are proposed now: never the same twice, the most useful first, within the quota."""

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

from services.pm_agent.grouping import Candidate
from shared.messages.content import KnownProposal, Proposal
from shared.messages.ids import returned_id

_PRIORITIES = {"high": 0, "medium": 1, "low": 2}
_SIZES = {"small": 0, "medium": 1, "large": 2}


def choose(
    candidates: Iterable[Candidate],
    known: Sequence[KnownProposal],
    *,
    quota: int,
    focus: str = "",
    open_now: int = 0,
) -> tuple[Proposal, ...]:
    """New proposals and updates of open ones, in the order in which people should read them.

    A known one is never proposed again: not if people declined it, and not if it is open and
    unchanged. One whose change was merged is, when it is found after that: it has come back. An
    open one whose content changed comes again under its own id, as an update, which does not count.
    At most `quota - open_now` are new: `open_now` are those that wait for people already. Words of
    `focus` that a candidate names (finder, rule, path) put it first. What an issue that is open or
    chosen will mend anyway is left out. Order: focus, priority, whether an engine can do it, size,
    paths.
    """
    states = {one.proposal: one for one in known}
    room = max(0, quota - open_now)
    chosen: list[Proposal] = []
    standing: list[Proposal] = []
    for candidate in sorted(candidates, key=lambda one: _order(one, focus)):
        proposal, state = _as_known(candidate, states)
        if state is not None and state.open:
            standing.append(proposal)
            if state.content != proposal.content:
                chosen.append(proposal)
        elif state is None and room > 0 and not _covered(proposal, standing):
            room -= 1
            standing.append(proposal)
            chosen.append(proposal)
    return tuple(chosen)


def _as_known(
    candidate: Candidate, states: dict[UUID, KnownProposal]
) -> tuple[Proposal, KnownProposal | None]:
    """The proposal under the id by which it is known, and what is known of it. What came back after
    it was mended is a new one, with an id of its own for each time."""
    proposal = candidate.proposal
    state = states.get(proposal.proposal)
    while state is not None and state.merged:
        came_back = returned_id(proposal.proposal, state.issue)
        proposal = proposal.model_copy(update={"proposal": came_back})
        state = states.get(came_back)
    if state is not None:
        return proposal, state
    for smaller in candidate.also:
        if smaller in states and states[smaller].open:
            return proposal.model_copy(update={"proposal": smaller}), states[smaller]
    return proposal, None


def _covered(proposal: Proposal, standing: Sequence[Proposal]) -> bool:
    """Whether what stands already asks for everything that this one asks for."""
    if not proposal.paths or not proposal.rules or proposal.tests:
        return False
    return any(
        set(proposal.paths) <= set(other.paths) and set(proposal.rules) <= set(other.rules)
        for other in standing
    )


def _order(candidate: Candidate, focus: str) -> tuple[object, ...]:
    proposal = candidate.proposal
    return (
        not _in_focus(proposal, focus),
        _PRIORITIES[proposal.priority],
        not candidate.doable,  # among equals, what approving can lead to comes first
        _SIZES[proposal.size],
        proposal.paths,
        proposal.finder,
        str(proposal.proposal),
    )


def _in_focus(proposal: Proposal, focus: str) -> bool:
    words = [word.strip("`*/.,;:").casefold() for word in re.split(r"[\s,;]+", focus)]
    names = {name.casefold() for name in (proposal.finder, *proposal.rules, *proposal.paths)}
    return any(
        word and any(name == word or name.startswith(f"{word}/") for name in names)
        for word in words
    )
