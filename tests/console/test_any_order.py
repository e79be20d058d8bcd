"""Any order and repeats of a story's messages give the same view: nothing rests on who spoke first."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.console.tables import View
from services.console.view import IssueView, Views
from shared.lifecycle import Grant, IssueState
from tests.console.stories import Word, kept, to_merged

STORY = to_merged()
PREFIXES = st.integers(min_value=1, max_value=len(STORY))


@st.composite
def told(draw: st.DrawFn) -> tuple[Sequence[Word], Sequence[Word]]:
    """A story up to some message; and the same in any order, some of it said more than once."""
    part = STORY[: draw(PREFIXES)]
    repeats = draw(st.lists(st.sampled_from(part), max_size=10))
    return part, draw(st.permutations([*part, *repeats]))


def views(words: Sequence[Word]) -> dict[int, IssueView]:
    found = Views()
    for word in words:
        found.take(word.message, word.at, word.id)
    return {number: found.shown(number) for number in found.issues}


def rows(words: Sequence[Word]) -> set[tuple[Any, ...]]:
    columns = (View.repository, View.kind, View.key, View.issue, View.live, View.body)
    with kept(*words) as session:
        return {tuple(row) for row in session.execute(select(*columns))}


@given(told())
@settings(max_examples=150, deadline=None)
def test_any_order_with_repeats_gives_the_same_views(
    stories: tuple[Sequence[Word], Sequence[Word]],
) -> None:
    in_order, shuffled = stories
    assert views(shuffled) == views(in_order)


@given(told())
@settings(max_examples=25, deadline=None)
def test_and_so_it_does_in_the_store(stories: tuple[Sequence[Word], Sequence[Word]]) -> None:
    in_order, shuffled = stories
    assert {row[:3] for row in rows(shuffled)} == {row[:3] for row in rows(in_order)}
    assert _said(rows(shuffled)) == _said(rows(in_order))


def test_the_story_really_is_one_with_turns() -> None:
    """Else the properties above would hold for nothing."""
    passed = {
        view.standing.state
        for end in range(len(STORY))
        if (view := views(STORY[: end + 1]).get(7)) is not None
    }
    assert passed >= {
        IssueState.PROPOSED, IssueState.APPROVED, IssueState.QUEUED, IssueState.WORKING,
        IssueState.IN_REVIEW, IssueState.PARKED, IssueState.NEEDS_PERSON, IssueState.READY,
        IssueState.MERGED,
    }  # fmt: skip
    view = views(STORY)[7]
    assert (view.facts.approval, view.facts.round, view.review_rounds) == (Grant.LIVE, 2, 2)
    assert (view.spent.runs, view.spent.seconds, view.spent.money_micros) == (4, 10.0, 10_000)


def _said(found: set[tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
    """Bodies as objects: in what order a record's mapping was filled says nothing."""
    import json

    return {row[:5]: json.loads(row[5]) for row in found}
