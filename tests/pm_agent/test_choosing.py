"""Never the same twice, the most useful first, within the quota."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.pm_agent.choosing import choose
from services.pm_agent.grouping import Candidate
from shared.messages.content import KnownProposal, Proposal
from shared.messages.ids import returned_id
from tests.pm_agent.findings import grouped, lint, red


def titles(proposals: tuple[Proposal, ...]) -> list[tuple[str, ...]]:
    return [one.paths for one in proposals]


def known(one: Candidate, *, open: bool, content: str = "") -> KnownProposal:
    return KnownProposal(
        proposal=one.proposal.proposal,
        issue=1,
        content=content or one.proposal.content,
        open=open,
    )


MANY = grouped(
    *(
        lint(f"{name}/x.py", rule)
        for name, rule in zip("abcd", ["I001"] * 2 + ["F401"] * 2, strict=True)
    )
)


def test_the_most_useful_come_first_and_no_more_than_the_quota() -> None:
    assert titles(choose(MANY, (), quota=3)) == [("c/x.py",), ("d/x.py",), ("a/x.py",)]
    assert choose(MANY, (), quota=0) == ()


def test_those_that_wait_for_people_already_take_from_the_quota() -> None:
    assert len(choose(MANY, (), quota=3, open_now=2)) == 1
    assert choose(MANY, (), quota=3, open_now=7) == ()


def test_what_can_be_done_comes_before_what_cannot() -> None:
    both = grouped(lint("a.py", "E501", fix="none"), lint("b.py", "UP032"))
    assert titles(choose(both, (), quota=2)) == [("b.py",), ("a.py",)]


def test_a_known_one_is_not_proposed_again_open_or_declined() -> None:
    for open in (True, False):
        again = choose(MANY, [known(one, open=open) for one in MANY], quota=9)
        assert again == ()
    declined = [known(one, open=False, content="older") for one in MANY]
    assert choose(MANY, declined, quota=9) == ()


def merged(one: Candidate, *, issue: int, id: UUID | None = None) -> KnownProposal:
    return KnownProposal(
        proposal=id or one.proposal.proposal, issue=issue, content="c", open=False, merged=True
    )


def test_what_comes_back_after_a_merge_is_proposed_again_each_time_under_its_own_id() -> None:
    one = MANY[0]
    states = [merged(one, issue=7)]
    (again,) = choose([one], states, quota=3)
    assert again.proposal == returned_id(one.proposal.proposal, 7) != one.proposal.proposal
    assert again.title == one.proposal.title
    stands = KnownProposal(proposal=again.proposal, issue=9, content=again.content, open=True)
    assert choose([one], [*states, stands], quota=3) == ()
    declined = stands.model_copy(update={"open": False})
    assert choose([one], [*states, declined], quota=3) == ()
    twice = merged(one, issue=9, id=again.proposal)
    (third,) = choose([one], [*states, twice], quota=3)
    assert third.proposal == returned_id(again.proposal, 9)


def test_an_open_one_that_changed_is_an_update_beside_the_quota() -> None:
    changed = [known(one, open=True, content="older") for one in MANY[:1]]
    chosen = choose(MANY, changed, quota=1)
    assert sorted(titles(chosen)) == [("a/x.py",), ("c/x.py",)]


def test_an_issue_that_grew_by_a_rule_updates_the_open_one() -> None:
    (small,) = grouped(lint("a.py", "F401"))
    (grown,) = grouped(lint("a.py", "F401"), lint("a.py", "F841"))
    (update,) = choose([grown], [known(small, open=True)], quota=0)
    assert (update.proposal, update.rules) == (small.proposal.proposal, ("F401", "F841"))
    (new,) = choose([grown], [known(small, open=False)], quota=1)
    assert new == grown.proposal


def test_words_of_the_focus_come_first() -> None:
    assert titles(choose(MANY, (), quota=1, focus="imports in b/")) == [("b/x.py",)]
    assert titles(choose(MANY, (), quota=1, focus="I001")) == [("a/x.py",)]
    assert titles(choose(MANY, (), quota=1, focus="nothing of this")) == [("c/x.py",)]


def test_what_a_failing_tests_issue_mends_is_not_proposed_beside_it() -> None:
    candidates = grouped(red("t.py::t", "pkg/a.py"), lint("pkg/a.py", "F632"))
    test, alone = sorted(candidates, key=lambda one: one.proposal.finder, reverse=True)
    assert choose(candidates, (), quota=9) == (test.proposal,)
    assert choose(candidates, [known(test, open=True)], quota=9) == ()
    assert choose(candidates, [known(test, open=False)], quota=9) == (alone.proposal,)


@given(
    st.lists(st.sampled_from(MANY), unique_by=lambda one: one.proposal.proposal),
    st.lists(st.sampled_from([known(one, open=open) for one in MANY for open in (True, False)])),
    st.integers(0, 5),
    st.randoms(),
)
def test_choosing_is_deterministic_bounded_and_never_repeats(
    candidates: list[Candidate], old: list[KnownProposal], quota: int, dice: st.DataObject
) -> None:
    chosen = choose(candidates, old, quota=quota)
    dice.shuffle(candidates)  # type: ignore[attr-defined]  # a random.Random, by its strategy
    assert choose(candidates, old, quota=quota) == chosen
    assert len(chosen) <= quota
    assert {one.proposal for one in chosen}.isdisjoint(one.proposal for one in old)
    after = [known(one, open=True) for one in candidates if one.proposal in chosen]
    assert choose(candidates, [*old, *after], quota=quota) == choose(
        [one for one in candidates if one.proposal not in chosen], old, quota=quota
    )
