"""Every message that people should know of has a line, and only those."""

from services.demo.telling import tell
from shared.messages.examples import example, examples
from shared.messages.observed import RepositoryObserved
from shared.messages.work import IssueParked

TOLD = {
    "gate.fleet.resumed.v1", "gate.fleet.stopped.v1", "gate.issue.approved.v1",
    "gate.issue.opened.v1", "gate.issue.revoked.v1", "gate.pull_request.closed.v1",
    "gate.pull_request.opened.v1", "gate.pull_request.taken_over.v1",
    "gate.pull_request.updated.v1", "gate.repository.evaluated.v1", "gate.review.posted.v1",
    "gate.draft.refused.v1", "work.implementation.requested.v1", "work.issue.parked.v1",
    "work.proposals.requested.v1", "work.review.requested.v1", "work.revision.requested.v1",
}  # fmt: skip
SOMETIMES = {"gate.pull_request.evaluated.v1", "work.run.cancelled.v1", "observed.repository.v1"}
"""Told only where they say something new."""


def test_what_people_should_know_of_is_told_in_one_line() -> None:
    told = {topic: tell(message) for topic, message in examples().items()}
    assert {topic for topic, line in told.items() if line is not None} - SOMETIMES == TOLD
    assert all(line.text and "{" not in line.text for line in told.values() if line is not None)


def test_a_rest_says_until_when_and_what_continues_it() -> None:
    parked = example("work.issue.parked.v1")
    assert isinstance(parked, IssueParked)
    person = tell(parked.model_copy(update={"until": None, "why": "it broke", "next": "mend it"}))
    assert person is not None
    assert (person.issue, person.text) == (parked.issue, "rests: it broke; mend it")


def test_a_broken_newer_policy_is_told_and_a_good_one_is_not() -> None:
    observed = example("observed.repository.v1")
    assert isinstance(observed, RepositoryObserved)
    assert tell(observed.model_copy(update={"policy_errors": ()})) is None
    line = tell(observed.model_copy(update={"policy_errors": ("line 3: size: what",)}))
    assert line is not None
    assert line.text.endswith("line 3: size: what")
