"""What a body may hold."""

import pytest

from shared.forge import bodies
from tests.forge.scripted import SHA


def test_a_key_given_twice_is_not_a_body() -> None:
    with pytest.raises(ValueError, match="twice"):
        bodies.decode(b'{"event": "COMMENT", "event": "APPROVE"}')


@pytest.mark.parametrize("event", ["APPROVE", "REQUEST_CHANGES", "comment", "", None, ["COMMENT"]])
def test_i16_a_review_is_a_comment_and_nothing_else(event: object) -> None:
    body = {"event": event, "commit_id": SHA, "body": "One finding."}

    assert not bodies.REVIEW(body)
    assert bodies.REVIEW({**body, "event": "COMMENT"})


def test_i16_a_review_without_event_would_be_a_draft_that_others_submit() -> None:
    assert not bodies.REVIEW({"commit_id": SHA, "body": "One finding."})


def test_i16_the_approval_label_is_never_put_on_in_any_spelling() -> None:
    allowed = bodies.issue(frozenset({"approved"}))
    added = bodies.new_labels(frozenset({"approved"}))

    assert allowed({"title": "t", "body": "b", "labels": ["proposed"]})
    for label in ("approved", "Approved", "APPROVED", " approved", "approved "):
        assert not allowed({"title": "t", "body": "b", "labels": [label]})
        assert not added({"labels": ["bug", label]})


def test_a_pull_request_is_closed_never_opened_again_nor_moved_to_another_base() -> None:
    assert bodies.PULL_CHANGE({"state": "closed"})
    assert not bodies.PULL_CHANGE({"state": "open"})
    assert not bodies.PULL_CHANGE({"base": "release"})
    assert not bodies.PULL_CHANGE({})


@pytest.mark.parametrize(
    "head", ["main", "gatefleet/issue-0/a", "gatefleet/issue-1/A", "eve:gatefleet/issue-1/a", ""]
)
def test_i17_a_pull_request_comes_from_a_branch_of_the_fleet(head: str) -> None:
    body = {"head": head, "base": "main", "title": "t", "body": "b"}

    assert not bodies.PULL_REQUEST(body)
    assert bodies.PULL_REQUEST({**body, "head": "gatefleet/issue-1/0123456789ab"})


@pytest.mark.parametrize("text", ["/merge", "  /approve", "", "   "])
def test_a_comment_is_never_a_command(text: str) -> None:
    assert not bodies.COMMENT({"body": text})


def test_verdicts_are_said_under_the_fleets_names_only() -> None:
    good = {"state": "success", "context": "gatefleet/gate", "description": "open"}

    assert bodies.STATUS(good)
    assert not bodies.STATUS({**good, "context": "ci"})
    assert not bodies.STATUS({**good, "target_url": "https://elsewhere.example"})
    assert not bodies.CHECK_RUN_CHANGE(
        {"status": "completed", "conclusion": "neutral", "output": {"title": "t", "summary": ""}}
    )


def test_one_reviewer_and_no_team() -> None:
    assert bodies.REVIEWERS({"reviewers": ["ada"]})
    assert not bodies.REVIEWERS({"reviewers": ["ada", "bob"]})
    assert not bodies.REVIEWERS({"reviewers": [], "team_reviewers": ["all"]})
