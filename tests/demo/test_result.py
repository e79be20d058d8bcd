"""What came of it: code, line, list of what is left, and the JSON object."""

from dataclasses import replace

from services.console.view import IssueView, Views
from services.demo.result import Result
from services.demo.story import Story
from shared.lifecycle import RunKind
from shared.messages import content
from shared.messages.examples import example
from tests.demo.views import HEAD, MERGE, approved, facts, merged, proposed, ready


def result(*views: IssueView, held: frozenset[str] = frozenset(), **of_story: str) -> Result:
    story = Story(Views(issues={view.number: view for view in views}), looked=True)
    for name, value in of_story.items():
        setattr(story, name, value)
    return Result("local/x", story, {"b": 2, "a": 1}, 12.345, "command", held)


def test_it_is_done_only_if_the_merge_is_in_the_history() -> None:
    done = result(merged(1), proposed(2), held=frozenset({MERGE}))
    assert (done.code, done.line()) == (0, "1 of 2 issue(s) went from proposed to merged in 12 s")
    lost = result(merged(1))
    assert lost.code == 1
    assert lost.line() == (
        f"the forge says merged, but {MERGE} is not in the history of the default branch"
    )


def test_an_issue_that_was_never_proposed_does_not_count() -> None:
    assert result(facts(merged(1), by_fleet=False), held=frozenset({MERGE})).code == 1


def test_a_loop_that_was_stopped_is_not_done_whatever_was_merged() -> None:
    running = facts(approved(2, phase="running ruff"), run=RunKind.IMPLEMENTATION)
    late = replace(result(merged(1), running, held=frozenset({MERGE})), out_of_time_s=60.0)
    assert late.code == 1
    assert late.line() == (
        "the loop still moved after 60 s and was stopped where it stood: #2 working: running ruff"
    )


def test_each_reason_for_nothing_has_its_own_line() -> None:
    assert result().line() == ("nothing was proposed for local/x: the tools found nothing to mend")
    assert result(saw="no ruff").line() == "nothing was proposed for local/x: no ruff"
    assert result(off="no protection").line() == (
        "nothing was done, the fleet stays off in local/x: no protection"
    )
    assert result(proposed(1)).line() == "nothing was approved, so nothing was done"
    noted = result(proposed(1, doable=False, note="nobody can")).line()
    assert noted == "nothing was approved, so nothing was done (#1: nobody can)"
    parked = facts(approved(1), needs_person="it\nbroke", needs_person_words="mend it")
    assert result(parked).line() == "nothing was merged: #1 needs a person: it broke; mend it"
    stopped = result(approved(1))
    stopped.story.views.stopped = "STOP is there"
    assert stopped.line() == "nothing was merged, the fleet is stopped: STOP is there"


def test_what_is_left_says_why_and_what_continues_it() -> None:
    left = result(
        merged(1), ready(2), proposed(3, note="nobody can"), held=frozenset({MERGE})
    ).left()
    assert [(line.issue, line.text) for line in left] == [
        (2, "ready to merge: every input of gate 2 passes on its pull request #102; "
            "merge the pull request #102"),
        (3, "proposed: nobody can"),
    ]  # fmt: skip


def test_the_object_has_exactly_these_fields() -> None:
    assert result(merged(1), held=frozenset({MERGE})).as_json() == {
        "issues": [
            {
                "number": 1, "title": "Mend 1", "approved_by": "you", "digest": "d" * 64,
                "pull_request": 101, "review_rounds": 1, "head_sha": HEAD, "merged_sha": MERGE,
            }
        ],
        "messages": {"a": 1, "b": 2}, "bus": "memory", "engine": "command", "model": None,
        "seconds": 12.35,
    }  # fmt: skip


def test_a_story_begins_with_the_end_of_the_first_look() -> None:
    story = Story()
    story.take(example("observed.repository.v1"))
    assert not story.begun
    ended = example("work.run.ended.v1")
    for kind, begun in (("implementation", False), ("proposals", True)):
        story.take(ended.model_copy(update={"kind": content.RunKind(kind), "reason": "no ruff"}))
        assert story.begun is begun


def test_a_fleet_that_is_off_or_stopped_has_begun_too() -> None:
    finding = content.DoctorFinding(id="protection.none", text="main is not protected")
    off, stopped = Story(), Story()
    off.take(
        example("gate.repository.evaluated.v1").model_copy(
            update={"on": False, "findings": (finding,)}
        )
    )
    stopped.take(example("gate.fleet.stopped.v1"))
    assert (off.begun, off.off) == (True, "main is not protected")
    assert stopped.begun
