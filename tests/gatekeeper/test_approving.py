"""Gate 1, rule by rule, on the pure decision."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.gatekeeper.approving import (
    Approve,
    Nothing,
    RemoveLabel,
    decide,
    who_matters,
)
from services.gatekeeper.facts import ApprovalPolicy, IssueFacts
from services.gatekeeper.roles import Role, Unreadable
from services.gatekeeper.standing import Undecided
from shared.messages.objects import Actor, Comment
from tests.gatekeeper.deciding import names
from tests.gatekeeper.issues import (
    FLEET,
    MAINTAINER,
    READER,
    STRANGER,
    TRIAGER,
    WRITER,
    at,
    body_edit,
    comment,
    event,
    facts,
    granted,
    issue,
    labeled,
    unlabeled,
    with_history,
    with_issue,
)

APPROVED = issue(labels=("approved",))
MOVED = event("transferred", WRITER, 9)
STRANGE_LABEL = issue(author=STRANGER, labels=("approved",))


def test_an_untouched_issue_needs_no_role_and_no_reply() -> None:
    given = facts(comments=(comment(1, STRANGER, "me too", 5),))

    assert decide(given) == Nothing()
    assert who_matters(given) == frozenset()


def test_i01_a_writers_label_approves_and_binds_to_what_was_there() -> None:
    given = facts(
        of=APPROVED,
        comments=(
            comment(1, MAINTAINER, "also the docs", 5),
            comment(2, STRANGER, "and my pony", 6),
        ),
        timeline=(labeled(WRITER, 10),),
    )

    decision = decide(given)

    assert isinstance(decision, Approve)
    assert (decision.source, decision.approver.role) == ("label:e10labeled", "write")
    assert [c.body for c in decision.snapshot.comments] == ["also the docs"]
    assert decision.expires_at == at(10) + timedelta(days=14)
    assert decide(given) == decision


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (facts(of=APPROVED), "no_event"),
        (facts(of=APPROVED, timeline=(event("labeled", WRITER, 9, label="bug"),)), "no_event"),
        (facts(of=APPROVED, timeline=(labeled(None, 9),)), "no_event"),
        (facts(of=APPROVED, timeline=(labeled(WRITER, 0),)), "form"),
        (facts(of=STRANGE_LABEL, timeline=(labeled(STRANGER, 0),)), "form"),
        (facts(of=APPROVED, timeline=(labeled(WRITER, 5), MOVED)), "transferred"),
        (facts(of=APPROVED, timeline=(labeled(TRIAGER, 9),)), "role"),
        (facts(of=APPROVED, timeline=(labeled(FLEET, 9),)), "machine"),
        (facts(of=APPROVED, timeline=(labeled(WRITER, 9, app=12),)), "machine"),
    ],
)  # fmt: skip
def test_i01_a_label_alone_never_approves_and_is_taken_away_with_its_reason(
    given: IssueFacts, reason: str
) -> None:
    assert names(decide(given)) == [reason]
    assert isinstance(decide(given), RemoveLabel)


@pytest.mark.parametrize("role", ["write", "maintain", "admin", "captain"])
def test_i02_a_live_role_that_may_approves(role: str) -> None:
    given = facts(comments=(comment(1, READER, "/approve", 9),))
    policy = ApprovalPolicy(approve=frozenset({"write", "maintain", "admin", "captain"}))

    decision = decide(replace(given, roles={**given.roles, READER.id: Role(role)}, policy=policy))

    assert isinstance(decision, Approve)
    assert decision.approver.role == role


@pytest.mark.parametrize("role", ["", "none", "read", "triage", "unknown", "WRITE", "captain"])
def test_i02_no_other_role_approves_whatever_the_policy_lists(role: str) -> None:
    given = facts(comments=(comment(1, READER, "/approve", 9),))
    policy = ApprovalPolicy(approve=frozenset({"write", "", "none", "read", "triage"}))

    decision = decide(replace(given, roles={**given.roles, READER.id: Role(role)}, policy=policy))

    assert names(decision) == ["role"]


def test_i02_a_role_that_cannot_be_read_decides_nothing() -> None:
    given = facts(of=APPROVED, timeline=(labeled(WRITER, 9),))
    failing = replace(given, roles={WRITER.id: Unreadable("503 from the forge")})

    assert decide(failing) == Undecided("503 from the forge")
    assert decide(replace(given, roles={})) == Undecided("the role of user 4 was not read")


def test_i02_an_unreadable_commenter_decides_nothing_because_the_text_is_unknown() -> None:
    given = facts(comments=(comment(1, READER, "hm", 3), comment(2, WRITER, "/approve", 9)))

    decision = decide(replace(given, roles={**given.roles, READER.id: Unreadable("timeout")}))

    assert decision == Undecided("timeout")


def test_unreadable_history_decides_nothing() -> None:
    assert decide(replace(facts(of=APPROVED), history=Unreadable("page 2: 500"))) == Undecided(
        "page 2: 500"
    )


def test_i03_no_machine_approves_not_even_as_a_user_with_the_role() -> None:
    bot_account = Actor(id=WRITER.id, login="writer", kind="Bot")
    look_alike = Actor(id=WRITER.id, login="gatefleet[bot]", kind="User")
    fleet_as_user = Actor(id=FLEET.id, login="writer", kind="User")
    for who, app in (
        (bot_account, None),
        (look_alike, None),
        (fleet_as_user, None),
        (WRITER, 12),
        (WRITER, 500),
    ):
        given = facts(comments=(comment(1, who, "/approve", 9, app=app),))

        assert names(decide(given)) == ["machine"]


def test_i03_a_person_whose_login_is_the_apps_slug_is_judged_by_id() -> None:
    slug = Actor(id=WRITER.id, login="gatefleet", kind="User")

    assert isinstance(decide(facts(comments=(comment(1, slug, "/approve", 9),))), Approve)


def test_i03_an_allow_listed_app_may_carry_a_persons_approval_but_never_the_fleets_own() -> None:
    given = facts(comments=(comment(1, WRITER, "/approve", 9, app=12),))
    allowed = replace(given, fleet=replace(given.fleet, allowed_app_ids=frozenset({12, 500})))

    assert isinstance(decide(allowed), Approve)
    through_ours = facts(comments=(comment(1, WRITER, "/approve", 9, app=500),))
    assert names(decide(replace(through_ours, fleet=allowed.fleet))) == ["machine"]


@pytest.mark.parametrize(
    "said",
    [
        comment(1, WRITER, "/approve", 10, edited=11),
        comment(1, WRITER, "/approve", 10).model_copy(update={"deleted": True}),
        comment(1, WRITER, "> /approve", 10),
        comment(1, WRITER, "```\n/approve\n```", 10),
        comment(1, WRITER, "<!-- /approve -->", 10),
        comment(1, WRITER, "/approve please", 10),
    ],
)
def test_i09_i10_no_other_form_and_no_edited_comment_grants(said: Comment) -> None:
    assert isinstance(decide(facts(comments=(said,))), Nothing)


def test_i10_a_comment_with_a_recorded_edit_never_grants_whatever_its_times_say() -> None:
    given = facts(comments=(comment(1, WRITER, "/approve", 10),))

    edited = with_history(given, edits=(body_edit(WRITER, 10).model_copy(update={"comment": 1}),))

    assert names(decide(edited)) == ["edited"]


@pytest.mark.parametrize("seconds", [0, 1])
@pytest.mark.parametrize(
    "ending", ["closed", "locked", "transferred", "converted_to_discussion", "deleted"]
)
def test_i08_a_revocation_at_the_same_time_or_later_wins(ending: str, seconds: float) -> None:
    given = facts(comments=(comment(1, WRITER, "/approve", 10),))

    assert isinstance(decide(given), Approve)
    assert names(
        decide(with_history(given, timeline=(event(ending, STRANGER, 10 + seconds),)))
    ) == [ending]


def test_i08_unapprove_by_anyone_wins_and_a_later_approval_counts_again() -> None:
    given = facts(
        comments=(comment(1, WRITER, "/approve", 10), comment(2, STRANGER, "/unapprove", 10))
    )

    assert names(decide(given)) == ["unapproved"]
    again = with_history(given, comments=(comment(3, WRITER, "/approve", 11),))
    assert isinstance(decide(again), Approve)


def test_i08_unlabelling_takes_back_labels_and_not_comments() -> None:
    removed = facts(timeline=(labeled(WRITER, 10), unlabeled(STRANGER, 20)))
    put_back = facts(
        of=APPROVED, timeline=(labeled(WRITER, 10), unlabeled(WRITER, 20), labeled(WRITER, 30))
    )
    tied = facts(of=APPROVED, timeline=(labeled(WRITER, 10), unlabeled(WRITER, 10)))

    assert decide(removed) == Nothing()
    decision = decide(put_back)
    assert isinstance(decision, Approve)
    assert decision.source == "label:e30labeled"
    assert names(decide(tied)) == ["unlabeled"]
    said = with_history(removed, comments=(comment(1, WRITER, "/approve", 15),))
    assert isinstance(decide(said), Approve)


def test_i08_a_closed_or_locked_issue_cannot_be_approved() -> None:
    given = facts(comments=(comment(1, WRITER, "/approve", 10),))

    assert names(decide(with_issue(given, state="closed"))) == ["not_open"]
    assert names(decide(with_issue(given, locked=True))) == ["not_open"]


def test_i11_an_old_request_approves_nothing() -> None:
    given = facts(comments=(comment(1, WRITER, "/approve", 10),))
    day = 24 * 3600

    assert isinstance(decide(replace(given, now=at(10 + 14 * day - 1))), Approve)
    assert names(decide(replace(given, now=at(10 + 14 * day)))) == ["expired"]


def test_an_approval_that_ended_is_never_granted_again_by_the_same_words() -> None:
    given = facts(comments=(comment(1, WRITER, "/approve", 10),))

    assert names(decide(replace(given, ended=frozenset({"comment:1"})))) == ["ended"]


def test_i12_four_eyes_means_that_nobody_approves_their_own_issue() -> None:
    given = facts(comments=(comment(1, WRITER, "/approve", 10),))
    strict = replace(given, policy=ApprovalPolicy(four_eyes=True))

    assert names(decide(strict)) == ["four_eyes"]
    other = with_history(strict, comments=(comment(2, MAINTAINER, "/approve", 11),))
    decision = decide(other)
    assert isinstance(decision, Approve)
    assert decision.approver.login == "maintainer"


def test_a_record_makes_the_decision_about_the_record() -> None:
    given = granted(facts(comments=(comment(1, WRITER, "/approve", 10),)))

    assert who_matters(given) == frozenset({WRITER.id})
