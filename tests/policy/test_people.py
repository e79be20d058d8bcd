"""Who may approve, how long it holds, and the order that labels give."""

from datetime import timedelta

import pytest

from shared.errors import BadInput
from shared.policy import Policy, parse


@pytest.mark.parametrize("role", ["read", "triage", "none", "Read", "TRIAGE"])
def test_i02_no_policy_lets_a_role_approve_that_cannot_write(role: str) -> None:
    with pytest.raises(BadInput, match="may not approve, because it cannot write"):
        parse(f"roles: {{approve: [maintain, {role}]}}")


def test_i02_a_custom_role_counts_only_when_it_is_listed() -> None:
    assert "release-captain" not in Policy().roles.approve
    policy = parse("roles: {approve: [maintain, release-captain]}")
    assert policy.roles.approve == ("maintain", "release-captain")


def test_i02_somebody_must_be_able_to_approve() -> None:
    with pytest.raises(BadInput, match=r"roles\.approve: is empty"):
        parse("roles: {approve: []}")


def test_i11_approvals_age_and_no_policy_makes_them_last_for_ever() -> None:
    assert Policy().approval.ttl == timedelta(days=14)
    assert parse("approval: {ttl: 2h}").approval.ttl == timedelta(hours=2)
    for ttl in ("0s", "366d", "never", "null"):
        with pytest.raises(BadInput, match=r"line 1: approval\.ttl"):
            parse(f"approval: {{ttl: {ttl}}}")


def test_i12_the_mode_of_separation_is_explicit() -> None:
    assert Policy().approval.four_eyes is False
    assert parse("approval: {four_eyes: true}").approval.four_eyes is True


@pytest.mark.parametrize(
    ("labels", "rank"),
    [
        ({"priority:critical"}, 0),
        ({"Priority:HIGH"}, 1),
        ({"priority:low"}, 3),
        ({"priority:low", "priority:high", "bug"}, 1),
        ({"bug", "high"}, 2),
        ({"priority:whatever"}, 2),
        (set(), 2),
    ],
)
def test_the_most_urgent_label_gives_the_rank_and_none_is_the_middle(
    labels: set[str], rank: int
) -> None:
    assert Policy().labels.rank(frozenset(labels)) == rank


def test_a_priority_is_named_once() -> None:
    with pytest.raises(BadInput, match="names High twice"):
        parse("labels: {priorities: [high, High]}")


@pytest.mark.parametrize("label", ["'a,b'", "''", "' a'", "x" * 51, "gatefleet:stop"])
def test_a_label_has_the_form_of_a_label(label: str) -> None:
    with pytest.raises(BadInput, match=r"labels\.approved: "):
        parse(f"labels: {{approved: {label}}}")
