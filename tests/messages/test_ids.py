"""Ids are computed: the same for the same inputs for ever, and for no other inputs."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages import ids
from shared.messages.examples import REPO, example
from shared.messages.observed import IssueObserved

APPROVAL = ids.approval_id("1", "node", "digest", "comment:7")

PINNED = {
    "approval": (APPROVAL, "94f8d2ce-99b3-5b62-ac68-0f903b7d433c"),
    "implementation": (ids.implementation_run(APPROVAL), "56c9743c-4cdb-586b-8c0d-b9501b0341ec"),
    "retried": (
        ids.implementation_run(APPROVAL, "comment:9"),
        "72ad6543-d3ad-532c-ade2-727e9c4c2a88",
    ),
    "revision": (
        ids.revision_run(APPROVAL, "head", "review:1"),
        "a0468e42-1ea3-54d3-9cab-7e3d23af02e9",
    ),
    "review": (
        ids.review_run("1", 8, "head", "tip", "policy"),
        "ae767e6d-ecbd-5ec1-9353-622fadda23fd",
    ),
    "proposals": (
        ids.proposals_run("1", "2026-03-02T06:00:00+00:00"),
        "c63bd06a-ed0a-5ac4-b01c-f09df5991546",
    ),
    "proposal": (
        ids.proposal_id("1", "lint", "F401", ["b.py", "a.py"]),
        "40f0f364-13f8-55fb-ab36-d525d1cf485d",
    ),
    "said": (
        ids.said_id(UUID(int=1), "gate.fleet.stopped.v1", 0),
        "0e241acc-be14-51a3-abc7-3c5a5aa02835",
    ),
    "content": (
        ids.content_id("gate.fleet.stopped.v1", "1", example("gate.fleet.stopped.v1")),
        "f6b45ab1-3f7c-5a61-bf3b-bcd5f46d250d",
    ),
}

TEXT = st.text(max_size=6)


@pytest.mark.parametrize("name", sorted(PINNED))
def test_ids_are_what_they_always_were(name: str) -> None:
    computed, pinned = PINNED[name]
    assert str(computed) == pinned, "a rebuilt database would not find what it made before"


def test_no_two_kinds_of_id_meet() -> None:
    assert len({computed for computed, _ in PINNED.values()}) == len(PINNED)


@pytest.mark.parametrize(
    "make",
    [
        lambda a, b: ids.approval_id("1", "n", a, b),
        lambda a, b: ids.approval_id(a, b, "d", "s"),
        lambda a, b: ids.revision_run(APPROVAL, a, b),
        lambda a, b: ids.review_run("1", 8, "head", a, b),
        lambda a, b: ids.proposals_run(a, b),
        lambda a, b: ids.proposal_id("1", a, b, []),
        lambda a, b: ids.proposal_id("1", "lint", a, [b]),
    ],
)
@given(first=st.tuples(TEXT, TEXT), second=st.tuples(TEXT, TEXT))
def test_text_cannot_be_moved_from_one_field_to_its_neighbour(
    make: Callable[[str, str], UUID], first: tuple[str, str], second: tuple[str, str]
) -> None:
    assert (make(*first) == make(*second)) == (first == second)
    joined = "".join(first)
    moved = (joined[:1], joined[1:])
    assert (make(*first) == make(*moved)) == (first == moved)


@given(st.lists(TEXT, max_size=4))
def test_the_order_of_paths_does_not_matter(paths: list[str]) -> None:
    assert ids.proposal_id("1", "t", "r", paths) == ids.proposal_id("1", "t", "r", paths[::-1])


def test_one_path_is_not_two() -> None:
    one = ids.proposal_id("1", "t", "r", ["a,b"])
    assert one != ids.proposal_id("1", "t", "r", ["a", "b"])


def test_what_was_observed_is_the_same_whoever_saw_it() -> None:
    seen = example("observed.issue.v1")
    assert isinstance(seen, IssueObserved)
    polled = seen.model_copy(update={"source": "poll"})
    changed = seen.model_copy(update={"issue": seen.issue.model_copy(update={"title": "other"})})

    def of(message: IssueObserved) -> UUID:
        return ids.content_id(message.topic, REPO.id, message)

    assert of(seen) == of(polled)
    assert of(seen) != of(changed)
