"""Which body is which event's, and what each asks to be looked at."""

from typing import Any

import pytest

from services.github_ingest.looks import Look
from services.github_ingest.shapes import EVENTS, Misshapen, understand

SHA = "a" * 40
HERE = {"repository": {"id": 4711, "default_branch": "main"}, "sender": {"id": 7}}
ISSUE = {"number": 3, "updated_at": "2030-01-01T00:00:00Z", "title": "x", "new_field": {}}
LABEL = {"id": 1, "name": "approved"}

BODIES: dict[str, dict[str, Any]] = {
    "ping": {"zen": "Say why.", "hook_id": 1, "hook": {}},
    "issues": {"action": "labeled", "issue": ISSUE, "label": LABEL},
    "issue_comment": {"action": "created", "issue": ISSUE, "comment": {"id": 9}},
    "pull_request": {"action": "synchronize", "number": 3, "pull_request": ISSUE, "before": SHA},
    "pull_request_review": {"action": "submitted", "pull_request": ISSUE, "review": {"id": 9}},
    "check_run": {"action": "completed", "check_run": {"head_sha": SHA}},
    "check_suite": {"action": "completed", "check_suite": {"head_sha": SHA}},
    "status": {"sha": SHA, "context": "ci", "state": "success", "commit": {}, "branches": []},
    "push": {"ref": "refs/heads/topic/a", "before": SHA, "after": SHA, "commits": [], "pusher": {}},
    "label": {"action": "edited", "label": LABEL, "changes": {}},
    "repository": {"action": "edited", "changes": {}},
    "branch_protection_rule": {"action": "created", "rule": {"id": 1}},
    "repository_ruleset": {"action": "edited", "repository_ruleset": {"id": 1}},
}


def looks(event: str, **changed: Any) -> list[tuple[str, str]]:
    found = understand(event, {**HERE, **BODIES[event], **changed}).looks
    return [(each.what, each.key) for each in found]


def test_every_event_has_an_example_here() -> None:
    assert BODIES.keys() == EVENTS.keys()


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        ("ping", []),
        ("issues", [("issue", "3")]),
        ("issue_comment", [("issue", "3")]),
        ("pull_request", [("pull_request", "3")]),
        ("pull_request_review", [("pull_request", "3")]),
        ("check_run", [("commit", SHA)]),
        ("check_suite", [("commit", SHA)]),
        ("status", [("commit", SHA)]),
        ("push", [("branch", "topic/a")]),
        ("label", [("repository", "")]),
        ("repository", [("repository", "")]),
        ("branch_protection_rule", [("repository", "")]),
        ("repository_ruleset", [("repository", "")]),
    ],
)
def test_what_an_event_asks_for(event: str, wanted: list[tuple[str, str]]) -> None:
    assert looks(event) == wanted


def test_the_time_that_the_forge_names_comes_along() -> None:
    [look] = understand("issues", {**HERE, **BODIES["issues"]}).looks
    assert look == Look.model_validate(
        {"what": "issue", "key": "3", "source": "webhook", "least": "2030-01-01T00:00:00Z"}
    )


def test_a_comment_on_a_pull_request_is_one() -> None:
    assert looks("issue_comment", issue={**ISSUE, "pull_request": {"url": "x"}}) == [
        ("pull_request", "3")
    ]


@pytest.mark.parametrize(
    ("ref", "wanted"),
    [
        ("refs/heads/main", [("branch", "main"), ("repository", "")]),
        ("refs/tags/v1", []),
        ("refs/heads/" + "x" * 251, [("repository", "")]),
    ],
)
def test_a_push_asks_by_branch(ref: str, wanted: list[tuple[str, str]]) -> None:
    assert looks("push", ref=ref) == wanted


@pytest.mark.parametrize("event", BODIES)
def test_i33_a_body_under_another_events_name_is_refused(event: str) -> None:
    for other in BODIES.keys() - {event}:
        with pytest.raises(Misshapen):
            understand(other, {**HERE, **BODIES[event]})


def test_an_event_nobody_knows_asks_for_nothing_and_tells_whose_it_is() -> None:
    body = {"action": "on-demand-test", "installation": {"id": 12}, **HERE}
    found = understand("repository_dispatch", body)
    assert (found.repository_id, found.installation_id, found.looks) == (4711, 12, ())
