"""I-17, I-47: a commit that is not provably ours means that a person took over."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from services.gatekeeper.commits import Origin, commit_message
from services.gatekeeper.ownership import Ours, TakenOver, owner_of
from shared.git.commits import Commit, Person

AT = datetime(2030, 1, 1, tzinfo=UTC)
FLEET = Person("gatefleet", "gatefleet@localhost")
ANN = Person("Ann", "ann@example.org")
LIVE, OLD = UUID(int=1), UUID(int=2)


def commit(
    sha: str, *, message: str = "", author: Person = FLEET, committer: Person = FLEET
) -> Commit:
    return Commit(sha * 40, (), "f" * 40, author, AT, committer, AT, message)


def message(approval: UUID) -> str:
    return commit_message("Mend it", Origin(UUID(int=9), approval, "d" * 64, 7))


def judged(*commits: Commit, ledger: frozenset[str] = frozenset()) -> Ours | TakenOver:
    return owner_of(commits, ledger=ledger, fleet=FLEET, approvals=frozenset({LIVE}))


def test_i47_commits_of_the_ledger_are_ours_whatever_they_say() -> None:
    assert judged(commit("a"), commit("b"), ledger=frozenset({"a" * 40, "b" * 40})) == Ours()
    assert judged() == Ours()


def test_without_the_ledger_committer_and_trailers_of_a_live_approval_prove_it() -> None:
    proven = commit("a", message=message(LIVE))

    assert judged(proven) == Ours()
    assert judged(replace(proven, committer=ANN)) == TakenOver("a" * 40, "gatefleet")
    assert judged(replace(proven, author=ANN)) == TakenOver("a" * 40, "Ann")
    assert isinstance(judged(commit("a", message=message(OLD))), TakenOver)
    assert isinstance(judged(commit("a", message=f"x\n\nGatefleet-Approval: {LIVE}\n")), TakenOver)
    assert isinstance(judged(commit("a", message=f"{message(LIVE)}\nand more text")), TakenOver)


def test_i17_a_persons_commit_between_ours_is_named() -> None:
    theirs = commit("b", author=ANN, committer=ANN, message="fix")

    found = judged(commit("a"), theirs, commit("c"), ledger=frozenset({"a" * 40, "c" * 40}))

    assert found == TakenOver("b" * 40, "Ann")
