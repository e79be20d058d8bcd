"""What a tick says of itself: what was done here, what waits, and why it is not done."""

from uuid import UUID

import pytest

from services.fleet.achieved import Achieved, Step, steps
from shared.messages import Message
from shared.messages.content import Verdict
from shared.messages.examples import example
from shared.messages.gate import (
    IssueOpened,
    PullRequestClosed,
    PullRequestOpened,
    PullRequestUpdated,
    ReviewPosted,
)
from shared.messages.work import IssueParked

OPENED, PUSHED = example(IssueOpened.topic), example(PullRequestOpened.topic)
UPDATED, REVIEWED = example(PullRequestUpdated.topic), example(ReviewPosted.topic)
CLOSED, PARKED = example(PullRequestClosed.topic), example(IssueParked.topic)


def run_of(message: Message) -> frozenset[UUID]:
    """The run that a message tells of."""
    return frozenset({getattr(message, "run")})  # noqa: B009 - of any message


@pytest.mark.parametrize(
    ("message", "kind", "line"),
    [
        (OPENED, "proposed", "proposed #7: Mend unused imports (F401) in `hello/greet.py`"),
        (PUSHED, "opened", "opened pull request #8 for #7"),
        (UPDATED, "pushed", "pushed round 2 to pull request #8 for #7"),
        (
            REVIEWED.model_copy(update={"verdict": Verdict.PASS}),
            "reviewed",
            "reviewed pull request #8: passed",
        ),
        (
            REVIEWED.model_copy(update={"verdict": Verdict.CHANGES}),
            "reviewed",
            "reviewed pull request #8: asks for changes",
        ),
    ],
)
def test_what_was_done_here_is_a_line_each(message: Message, kind: str, line: str) -> None:
    (step,) = steps([message], run_of(message))

    assert (step.kind, step.issue, step.line) == (kind, 7, line)


def test_what_was_only_learnt_again_from_the_forge_was_not_done_here() -> None:
    assert steps([OPENED, PUSHED, UPDATED, REVIEWED], frozenset()) == ()


def test_merges_and_rests_are_told_whoever_worked() -> None:
    found = steps([CLOSED, PARKED], frozenset())

    assert [step.kind for step in found] == ["merged", "rests"]
    assert found[1].line.startswith("#7 rests: ")


def test_the_last_line_says_how_it_ended_what_waits_and_how_long_it_took() -> None:
    step = Step("merged", 7, "pull request #8 for #7 is merged", 8)

    assert Achieved("octo/hello", (step,), 2, 61.4).lines() == [
        "pull request #8 for #7 is merged",
        "done; 2 things wait for you; 61 s",
    ]


def test_a_pass_that_is_not_done_says_why_last() -> None:
    found = Achieved("octo/hello", (), 0, 3.0, ("forge: away",), ("off: x",), code=1)

    assert found.lines() == ["nothing to do", "off: x", "forge: away; nothing waits for you; 3 s"]
    assert found.as_json() == {
        "repository": "octo/hello", "done": False, "reasons": ["forge: away"], "troubles": ["off: x"],
        "steps": [], "waiting": 0, "seconds": 3.0,
    }  # fmt: skip
