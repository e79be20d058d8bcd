"""Gate 1 after the grant: what keeps a record, what ends it, and what may happen under it."""

from dataclasses import replace
from itertools import permutations

import pytest

from services.gatekeeper.approving import decide, re_gate
from services.gatekeeper.facts import ApprovalPolicy, IssueFacts
from services.gatekeeper.roles import Role, Unreadable
from services.gatekeeper.standing import Keep, Revoke, Undecided
from shared.messages.objects import Actor, Comment
from tests.gatekeeper.issues import (
    FLEET,
    MAINTAINER,
    STRANGER,
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

BY_COMMENT = granted(
    facts(comments=(comment(1, MAINTAINER, "see docs", 5), comment(2, WRITER, "/approve", 10)))
)
BY_LABEL = granted(facts(of=issue(labels=("approved",)), timeline=(labeled(WRITER, 10),)))


def ended(given: IssueFacts) -> str:
    decision = decide(given)
    assert isinstance(decision, Revoke), decision
    assert given.record is not None
    regated = re_gate(given.record, given)
    assert regated is not None
    assert regated == decision.reason
    return decision.reason.name


def stands(given: IssueFacts) -> bool:
    assert given.record is not None
    return decide(given) == Keep() and re_gate(given.record, given) is None


def comments_with(given: IssueFacts, changed: Comment | None) -> IssueFacts:
    """The same history with comment 2 as `changed`, or without it."""
    assert not isinstance(given.history, Unreadable)
    kept = [c for c in given.history.comments if c.id != 2]
    return replace(
        given,
        history=replace(given.history, comments=(*kept, *([changed] if changed else []))),
    )


def test_an_unchanged_issue_keeps_its_approval_and_effects_may_happen() -> None:
    assert stands(BY_COMMENT)
    assert stands(BY_LABEL)


@pytest.mark.parametrize("editor", [STRANGER, WRITER, MAINTAINER, FLEET])
def test_i04_i06_any_change_of_the_text_by_anyone_revokes(editor: Actor) -> None:
    for before in (BY_COMMENT, BY_LABEL):
        given = with_history(before, edits=(body_edit(editor, 50),))
        assert ended(with_issue(given, body="It is broken!")) == "text_changed"
        assert ended(with_issue(given, title="Mend that")) == "text_changed"


def test_i04_a_changed_or_deleted_comment_of_the_snapshot_revokes() -> None:
    assert not isinstance(BY_COMMENT.history, Unreadable)
    first, approving = BY_COMMENT.history.comments
    for changed in (
        (first.model_copy(update={"body": "see evil", "updated_at": at(50)}), approving),
        (first.model_copy(update={"deleted": True}), approving),
        (approving,),
    ):
        given = replace(BY_COMMENT, history=replace(BY_COMMENT.history, comments=changed))

        assert ended(given) == "text_changed"


def test_i04_the_revocation_says_both_digests_and_holds_the_text_to_show() -> None:
    given = with_issue(BY_COMMENT, body="It is broken!")

    decision = decide(given)

    assert isinstance(decision, Revoke)
    assert decision.snapshot is not None
    assert given.record is not None
    assert given.record.digest[:16] in decision.reason.text
    assert decision.snapshot.digest[:16] in decision.reason.text


def test_i04_hidden_changes_and_later_comments_change_nothing() -> None:
    assert stands(with_issue(BY_COMMENT, body="It is broken.<!-- and do evil -->"))
    assert stands(with_history(BY_COMMENT, comments=(comment(9, MAINTAINER, "and this", 50),)))
    assert stands(with_issue(BY_COMMENT, labels=("bug", "gatefleet:working")))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (event("closed", STRANGER, 20), "closed"),
        (event("closed", STRANGER, 10), "closed"),
        (event("locked", STRANGER, 20), "locked"),
        (event("transferred", STRANGER, 20), "transferred"),
    ],
)
def test_i08_what_happened_meanwhile_revokes_even_if_it_was_undone(
    change: object, name: str
) -> None:
    given = with_history(BY_COMMENT, timeline=(change, event("reopened", WRITER, 30)))  # type: ignore[arg-type] # a table

    assert ended(given) == name


def test_i08_closing_locking_and_unapproving_revoke_whoever_did_it() -> None:
    assert ended(with_issue(BY_COMMENT, state="closed")) == "closed"
    assert ended(with_issue(BY_COMMENT, locked=True)) == "locked"
    for who in (STRANGER, WRITER, FLEET):
        assert (
            ended(with_history(BY_COMMENT, comments=(comment(3, who, "/unapprove", 20),)))
            == "unapproved"
        )
    edited_into = comment(3, STRANGER, "/unapprove", 1, edited=40)
    assert ended(with_history(BY_COMMENT, comments=(edited_into,))) == "unapproved"


def test_i08_revoking_needs_no_role_to_be_readable() -> None:
    blind = replace(BY_COMMENT, roles={})

    assert ended(with_issue(blind, state="closed")) == "closed"
    assert ended(with_issue(blind, body="x")) == "text_changed"
    assert (
        ended(with_history(blind, comments=(comment(3, STRANGER, "/unapprove", 20),)))
        == "unapproved"
    )


def test_i08_a_missing_label_revokes_only_approvals_given_by_label() -> None:
    gone = with_issue(BY_LABEL, labels=())

    assert ended(gone) == "unlabeled"
    assert ended(with_history(BY_LABEL, timeline=(unlabeled(STRANGER, 20),))) == "unlabeled"
    assert ended(with_history(BY_LABEL, timeline=(unlabeled(STRANGER, 10),))) == "unlabeled"
    assert stands(with_history(BY_COMMENT, timeline=(unlabeled(STRANGER, 20),)))


def test_i08_the_close_by_our_own_merge_is_no_revocation_and_allows_no_effect() -> None:
    merged = event("closed", WRITER, 50, closed_by="12")
    given = with_issue(with_history(BY_COMMENT, timeline=(merged,)), state="closed")
    ours = replace(given, own_closers=frozenset({"12"}))

    assert decide(ours) == Keep()
    assert ours.record is not None
    regated = re_gate(ours.record, ours)
    assert regated is not None
    assert regated.name == "closed"
    assert ended(given) == "closed"


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        (None, "approval_deleted"),
        (
            comment(2, WRITER, "/approve", 10).model_copy(update={"deleted": True}),
            "approval_deleted",
        ),
        (comment(2, WRITER, "/approve", 10, edited=12), "approval_edited"),
        (comment(2, WRITER, "never mind", 10), "approval_edited"),
    ],
)
def test_i10_an_edited_or_deleted_approving_comment_revokes(
    changed: Comment | None, name: str
) -> None:
    assert ended(comments_with(BY_COMMENT, changed)) == name


def test_i10_a_recorded_edit_of_the_approving_comment_revokes() -> None:
    edit = body_edit(WRITER, 10).model_copy(update={"comment": 2})

    assert ended(with_history(BY_COMMENT, edits=(edit,))) == "approval_edited"


def test_i11_an_approval_ages() -> None:
    day = 24 * 3600

    assert stands(replace(BY_COMMENT, now=at(10 + 14 * day - 1)))
    assert ended(replace(BY_COMMENT, now=at(10 + 14 * day))) == "expired"


@pytest.mark.parametrize("role", ["none", "read", "triage", "captain"])
def test_i11_a_role_that_was_lost_ends_the_approval(role: str) -> None:
    given = replace(BY_COMMENT, roles={**BY_COMMENT.roles, WRITER.id: Role(role)})

    assert ended(given) == "role"


def test_i03_an_approver_who_became_a_fleet_identity_ends_the_approval() -> None:
    fleet = replace(BY_COMMENT.fleet, user_ids=frozenset({FLEET.id, WRITER.id}))

    assert ended(replace(BY_COMMENT, fleet=fleet)) == "role"


def test_i11_a_role_that_cannot_be_read_stops_effects_and_keeps_the_record() -> None:
    given = replace(BY_COMMENT, roles={WRITER.id: Unreadable("503")})

    assert decide(given) == Undecided("503")
    assert given.record is not None
    regated = re_gate(given.record, given)
    assert regated is not None
    assert (regated.name, "503" in regated.text) == ("undecided", True)


def test_i13_unreadable_history_stops_effects() -> None:
    given = replace(BY_COMMENT, history=Unreadable("timeline: timeout"))

    assert decide(given) == Undecided("timeline: timeout")
    assert given.record is not None
    assert re_gate(given.record, given) is not None


def test_a_label_event_that_a_listing_lacks_is_neither_allowed_nor_revoked() -> None:
    assert not isinstance(BY_LABEL.history, Unreadable)
    given = replace(BY_LABEL, history=replace(BY_LABEL.history, timeline=()))

    assert isinstance(decide(given), Undecided)


def test_i12_four_eyes_switched_on_later_ends_an_authors_own_approval() -> None:
    assert ended(replace(BY_COMMENT, policy=ApprovalPolicy(four_eyes=True))) == "four_eyes"


def test_i34_the_order_in_which_a_history_is_listed_changes_nothing() -> None:
    base = facts(of=issue(labels=("approved",)))
    events = (
        labeled(WRITER, 10),
        unlabeled(WRITER, 20),
        labeled(MAINTAINER, 30),
        event("reopened", WRITER, 6),
    )
    decisions = {repr(decide(with_history(base, timeline=order))) for order in permutations(events)}

    assert len(decisions) == 1
