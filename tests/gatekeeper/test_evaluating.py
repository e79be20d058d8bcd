"""Gate 2: three-valued, closed on anything not known to pass, computed anew each time."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest

from services.gatekeeper.drafting import Verdict as ChangeVerdict
from services.gatekeeper.evaluating import Evaluation, GateFacts, evaluate
from services.gatekeeper.ownership import Ours, TakenOver
from services.gatekeeper.reviewed import LaterTip, ReviewFact
from services.gatekeeper.roles import WRITERS, Fleet, Unreadable
from shared.messages.content import GateInput, Reason, TestsReport, Verdict
from shared.messages.objects import Actor, Check, Review
from shared.policy import RequiredCheck
from tests.gatekeeper.issues import AT, FLEET, FLEET_APP, READER, ROLES, STRANGER, WRITER

HEAD, TIP, OLD = "a" * 40, "b" * 40, "c" * 40
POLICY = "p" * 64
APPROVAL = UUID(int=1)
NO = Unreadable("page 2 of it: 500")

GREEN = TestsReport(ran=True, ok=True, passed=3, summary="3 passed")
PASSED = ReviewFact(Verdict.PASS, HEAD, TIP, POLICY, APPROVAL, GREEN)
ORDER = [
    "fleet", "policy", "approval", "commits", "files", "scope", "size", "protected", "conflict",
    "review", "tests", "check:gatefleet/tests", "people",
]  # fmt: skip


def reported(conclusion: str | None = "success", sha: str = HEAD) -> Check:
    return Check(
        kind="check_run", id=1, name="gatefleet/tests", sha=sha, app_id=FLEET_APP,
        status="completed" if conclusion else "queued", conclusion=conclusion, at=AT,
    )  # fmt: skip


def review(number: int, author: Actor, state: str) -> Review:
    return Review(
        id=number, pull_request=8, author=author, state=state, body="", sha=OLD,
        submitted_at=AT + timedelta(seconds=number),
    )  # fmt: skip


ALL_PASS = GateFacts(
    head=HEAD,
    policy_digest=POLICY,
    approval=APPROVAL,
    stopped=None,
    regated=None,
    ownership=Ours(),
    files=(2, 2),
    change=ChangeVerdict((), ()),
    paths_approved=None,
    later_tip=LaterTip.SAME,
    review=PASSED,
    checks=(reported(),),
    required=(RequiredCheck(name="gatefleet/tests"),),
    reviews=(),
    roles=ROLES,
    fleet=Fleet(frozenset({FLEET.id}), frozenset({FLEET_APP})),
    approve=WRITERS,
)


def row(name: str, **changes: object) -> GateInput:
    evaluation = evaluate(replace(ALL_PASS, **changes))  # type: ignore[arg-type] # a table of changes
    [found] = [found for found in evaluation.inputs if found.name == name]
    assert evaluation.open is all(found.value == "pass" for found in evaluation.inputs)
    assert found.cause
    assert "\n" not in found.cause
    return found


def values(**changes: object) -> dict[str, str]:
    """The rows that differ from `pass`."""
    evaluation = evaluate(replace(ALL_PASS, **changes))  # type: ignore[arg-type] # a table of changes
    return {found.name: found.value for found in evaluation.inputs if found.value != "pass"}


def test_i30_all_pass_opens_and_the_rows_have_a_fixed_order() -> None:
    evaluation = evaluate(ALL_PASS)

    assert [found.name for found in evaluation.inputs] == ORDER
    assert evaluation.open


def test_i30_open_is_exactly_all_pass() -> None:
    for combination in product(("pass", "fail", "unknown"), repeat=4):
        rows = [
            GateInput.model_validate({"name": "x", "value": value, "cause": "y"})
            for value in combination
        ]

        assert Evaluation(tuple(rows)).open is (set(combination) == {"pass"})
    assert not Evaluation(()).open


REJECT = ChangeVerdict((), (Reason(name="too_large", text="too large"),))
OUT = ChangeVerdict((), (Reason(name="out_of_scope", text="outside"),))
GUARDED = ChangeVerdict((), (), ("Makefile",))
RED = TestsReport(ran=True, ok=False, failed=1, summary="1 failed")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"stopped": "STOP file"}, {"fleet": "fail"}),
        ({"stopped": NO}, {"fleet": "unknown"}),
        ({"policy_digest": NO}, {"policy": "unknown", "review": "unknown", "tests": "unknown"}),
        ({"regated": Reason(name="text_changed", text="t")}, {"approval": "fail"}),
        ({"regated": Reason(name="undecided", text="503")}, {"approval": "unknown"}),
        ({"ownership": NO}, {"commits": "unknown"}),
        ({"ownership": TakenOver(OLD, "ann")}, {}),
        ({"files": NO}, {"files": "unknown"}),
        ({"files": (3001, 3000)}, {"files": "fail"}),
        ({"change": NO}, {"scope": "unknown", "size": "unknown", "protected": "unknown"}),
        ({"change": OUT}, {"scope": "fail"}),
        ({"change": REJECT}, {"size": "fail"}),
        ({"change": GUARDED}, {"protected": "fail"}),
        ({"change": GUARDED, "paths_approved": NO}, {"protected": "unknown"}),
        ({"change": GUARDED, "paths_approved": "ann"}, {}),
        ({"later_tip": NO}, {"conflict": "unknown", "review": "unknown", "tests": "unknown"}),
        ({"later_tip": LaterTip.CLEAN}, {}),
        ({"later_tip": LaterTip.TOUCHING}, {"review": "unknown", "tests": "unknown"}),
        ({"later_tip": LaterTip.CONFLICT}, {"conflict": "fail", "review": "unknown", "tests": "unknown"}),
        ({"review": None}, {"review": "unknown", "tests": "unknown"}),
        ({"review": NO}, {"review": "unknown", "tests": "unknown"}),
        ({"review": replace(PASSED, verdict=Verdict.CHANGES)}, {"review": "fail"}),
        ({"review": replace(PASSED, verdict=Verdict.FAIL)}, {"review": "fail"}),
        ({"review": replace(PASSED, head=OLD)}, {"review": "unknown", "tests": "unknown"}),
        ({"review": replace(PASSED, policy_digest="q")}, {"review": "unknown", "tests": "unknown"}),
        ({"review": replace(PASSED, approval=UUID(int=2))}, {"review": "unknown", "tests": "unknown"}),
        ({"review": replace(PASSED, tests=RED)}, {"tests": "fail"}),
        ({"review": replace(PASSED, tests=TestsReport(ran=False, ok=True))}, {"tests": "unknown"}),
        ({"checks": NO}, {"check:gatefleet/tests": "unknown"}),
        ({"checks": ()}, {"check:gatefleet/tests": "unknown"}),
        ({"checks": (reported(None),)}, {"check:gatefleet/tests": "unknown"}),
        ({"checks": (reported("skipped"),)}, {"check:gatefleet/tests": "fail"}),
        ({"checks": (reported(sha=OLD),)}, {"check:gatefleet/tests": "unknown"}),
        ({"required": ()}, {"checks": "fail"}),
        ({"reviews": NO}, {"people": "unknown"}),
    ],
)  # fmt: skip
def test_i22_to_i30_each_input_alone_closes_the_gate(
    changes: dict[str, object], expected: dict[str, str]
) -> None:
    assert values(**changes) == expected


def test_i25_an_empty_required_set_is_an_error_and_not_a_pass() -> None:
    assert row("checks", required=()).value == "fail"


def test_i28_the_row_says_the_words_that_continue_it() -> None:
    assert f"`/approve-paths {HEAD}`" in row("protected", change=GUARDED).cause


def test_flags_are_said_and_do_not_close_the_gate() -> None:
    flagged = ChangeVerdict((Reason(name="large", text="401 changed lines"),), ())

    found = row("size", change=flagged)

    assert (found.value, found.cause) == ("pass", "401 changed lines")


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("tests", [GREEN, RED])
def test_i29_a_verdict_only_subtracts(verdict: Verdict, tests: TestsReport) -> None:
    judged = evaluate(replace(ALL_PASS, review=replace(PASSED, verdict=verdict, tests=tests)))

    assert judged.open is (verdict is Verdict.PASS and tests.ok)
    closed = replace(
        ALL_PASS, checks=(reported("failure"),), review=replace(PASSED, verdict=verdict)
    )
    assert not evaluate(closed).open


def test_tests_do_not_count_where_the_policy_does_not_require_them() -> None:
    build = RequiredCheck(name="build", app="9")
    green = reported().model_copy(update={"name": "build", "app_id": 9})

    assert values(required=(build,), checks=(green,), review=replace(PASSED, tests=RED)) == {}


@pytest.mark.parametrize(
    ("reviews", "value"),
    [
        ((review(1, WRITER, "CHANGES_REQUESTED"),), "fail"),
        ((review(1, WRITER, "changes_requested"),), "fail"),
        ((review(1, WRITER, "CHANGES_REQUESTED"), review(2, WRITER, "COMMENTED")), "fail"),
        ((review(1, WRITER, "CHANGES_REQUESTED"), review(2, WRITER, "APPROVED")), "pass"),
        ((review(1, WRITER, "CHANGES_REQUESTED"), review(2, WRITER, "DISMISSED")), "pass"),
        ((review(2, WRITER, "CHANGES_REQUESTED"), review(1, WRITER, "APPROVED")), "fail"),
        ((review(1, STRANGER, "CHANGES_REQUESTED"),), "pass"),
        ((review(1, FLEET, "CHANGES_REQUESTED"),), "pass"),
    ],
)
def test_a_persons_latest_word_counts(reviews: tuple[Review, ...], value: str) -> None:
    assert row("people", reviews=reviews).value == value


def test_i02_an_objection_by_an_unreadable_role_is_unknown() -> None:
    objection = (review(1, READER, "CHANGES_REQUESTED"),)

    assert row("people", reviews=objection, roles={}).value == "unknown"
