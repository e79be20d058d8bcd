"""Which commits on our branch are provably ours; the first that is not means a person took over."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.gatekeeper.commits import APPROVAL, RUN
from shared.git.commits import Commit, Person, trailers


@dataclass(frozen=True)
class Ours:
    """Every commit of base..head is ours."""


@dataclass(frozen=True)
class TakenOver:
    """A person put this commit there; from now on the branch is theirs."""

    sha: str
    who: str


def owner_of(
    commits: Sequence[Commit],
    *,
    ledger: frozenset[str],
    fleet: Person,
    approvals: frozenset[UUID],
) -> Ours | TakenOver:
    """Judge base..head, oldest first.

    A commit is ours when its SHA is in the ledger, or (after the ledger was lost) when the fleet
    committed it with the trailers of a run and of a live approval.
    """
    for commit in commits:
        if commit.sha not in ledger and not _proven(commit, fleet, approvals):
            return TakenOver(commit.sha, commit.author.name)
    return Ours()


def _proven(commit: Commit, fleet: Person, approvals: frozenset[UUID]) -> bool:
    said = trailers(commit.message)
    by_fleet = commit.committer == fleet and commit.author == fleet
    live = said.get(APPROVAL, "") in {str(approval) for approval in approvals}
    return by_fleet and live and RUN in said
