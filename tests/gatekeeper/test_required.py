"""I-24: CI truth, by source and head and latest result."""

from datetime import timedelta

import pytest

from services.gatekeeper.required import Sources, judge_check
from services.gatekeeper.roles import Fleet
from shared.messages.objects import Actor, Check
from shared.policy import RequiredCheck
from tests.gatekeeper.issues import AT, FLEET, FLEET_APP, WRITER

HEAD, OTHER = "a" * 40, "b" * 40
SOURCES = Sources(Fleet(frozenset({FLEET.id}), frozenset({FLEET_APP})))
BUILD = RequiredCheck(name="build", app="15368")
ACTIONS = Actor(id=50, login="github-actions[bot]", kind="Bot")


def check(
    conclusion: str | None = "success",
    *,
    name: str = "build",
    app: int | None = 15368,
    sha: str = HEAD,
    when: float = 0,
    creator: Actor | None = None,
) -> Check:
    return Check(
        kind="check_run", id=int(when) + 1, name=name, sha=sha, app_id=app, creator=creator,
        status="completed" if conclusion else "in_progress", conclusion=conclusion,
        at=AT + timedelta(seconds=when),
    )  # fmt: skip


def value(*checks: Check, wanted: RequiredCheck = BUILD, sources: Sources = SOURCES) -> str:
    return judge_check(wanted, checks, head=HEAD, sources=sources).value


@pytest.mark.parametrize(
    "conclusion",
    ["failure", "neutral", "skipped", "cancelled", "stale", "timed_out", "action_required",
     "startup_failure", ""],
)  # fmt: skip
def test_i24_no_conclusion_but_success_passes(conclusion: str) -> None:
    assert value(check(conclusion)) in ("fail", "unknown")
    assert value(check("success")) == "pass"


def test_i24_missing_and_running_are_unknown() -> None:
    assert value() == "unknown"
    assert value(check(None)) == "unknown"


def test_i24_only_this_head_this_name_and_this_app_count() -> None:
    assert value(check(sha=OTHER)) == "unknown"
    assert value(check(name="Build")) == "unknown"
    assert value(check(app=1)) == "unknown"
    assert value(check(app=None, creator=WRITER)) == "unknown"


def test_i24_the_latest_result_counts() -> None:
    assert value(check("success", when=1), check("failure", when=2)) == "fail"
    assert value(check("failure", when=1), check("success", when=2)) == "pass"
    assert value(check("success", when=1), check(None, when=2)) == "unknown"


def test_i24_an_app_may_be_named_by_its_slug() -> None:
    wanted = RequiredCheck(name="build", app="github-actions")
    person = Actor(id=60, login="github-actions", kind="User")

    assert value(check(creator=ACTIONS), wanted=wanted) == "pass"
    assert value(check(creator=person), wanted=wanted) == "unknown"
    assert value(check(), wanted=wanted) == "unknown"


def test_i24_without_an_app_every_source_of_that_name_must_pass() -> None:
    wanted = RequiredCheck(name="build")
    by_a_writer = check("success", app=None, creator=WRITER, when=9)

    assert value(check("failure", when=1), by_a_writer, wanted=wanted) == "fail"
    assert value(check("success", when=1), by_a_writer, wanted=wanted) == "pass"


def test_i24_our_own_checks_count_only_from_the_fleet() -> None:
    wanted = RequiredCheck(name="gatefleet/tests")
    ours = check(name="gatefleet/tests", app=FLEET_APP)
    by_status = check(name="gatefleet/tests", app=None, creator=FLEET)
    forged = check(name="gatefleet/tests", app=None, creator=WRITER)
    by_other_app = check("failure", name="gatefleet/tests", app=7, creator=FLEET)

    assert value(ours, wanted=wanted) == value(by_status, wanted=wanted) == "pass"
    assert value(forged, wanted=wanted) == "unknown"
    assert value(ours, by_other_app, wanted=wanted) == "pass"


def test_i24_the_policy_may_accept_more_conclusions() -> None:
    sources = Sources(SOURCES.fleet, frozenset({"success", "neutral"}))

    assert value(check("neutral"), sources=sources) == "pass"
    assert value(check("skipped"), sources=sources) == "fail"


@pytest.mark.parametrize(("slug", "expected"), [
    ("github-actions", "pass"), ("github-actions[bot]", "unknown"), ("other", "unknown"),
    ("", "unknown"), (None, "unknown"),
])  # fmt: skip
def test_i25_an_app_that_is_named_by_its_slug_counts_by_its_check_runs(
    slug: str | None, expected: str
) -> None:
    wanted = RequiredCheck(name="build", app="github-actions")
    posted = check().model_copy(update={"app_slug": slug})
    assert value(posted, wanted=wanted) == expected
