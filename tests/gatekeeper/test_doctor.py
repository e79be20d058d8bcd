"""I-15: the repository must be protected, or the fleet stays off."""

from itertools import combinations

import pytest

from services.gatekeeper.doctor import FINDINGS, Examined, examine, on
from shared.messages.objects import Protection

GOOD = Protection(
    readable=True,
    pull_request_required=True,
    approvals=1,
    dismiss_stale=True,
    last_push_approval=True,
    deletion_blocked=True,
    force_push_blocked=True,
    fleet_can_bypass=False,
)
MAIN = Examined("main")
WEAKENED: dict[str, dict[str, bool | int]] = {
    "protection.pull_request": {"pull_request_required": False},
    "protection.approvals": {"approvals": 0},
    "protection.stale": {"dismiss_stale": False},
    "protection.last_push": {"last_push_approval": False},
    "protection.deletion": {"deletion_blocked": False},
    "protection.force_push": {"force_push_blocked": False},
    "protection.bypass": {"fleet_can_bypass": True},
}


def test_i15_a_protected_repository_is_on() -> None:
    assert examine(GOOD, MAIN) == ()
    assert on(())


@pytest.mark.parametrize("faults", [c for n in (1, 2) for c in combinations(WEAKENED, n)])
def test_i15_each_weakened_protection_is_named_and_keeps_it_off(faults: tuple[str, ...]) -> None:
    changes = {key: value for fault in faults for key, value in WEAKENED[fault].items()}

    findings = examine(GOOD.model_copy(update=changes), MAIN)

    assert {finding.id for finding in findings} == set(faults)
    assert not on(findings)
    assert on(findings, accept=faults)
    assert not on(findings, accept=faults[1:])
    assert all("main" in finding.text for finding in findings)


def test_i15_unreadable_is_off_with_its_cause() -> None:
    findings = examine(Protection(readable=False, cause="403"), MAIN)

    assert [finding.id for finding in findings] == ["protection.unreadable"]
    assert "403" in findings[0].text
    assert not on(findings)


def test_i15_no_protection_is_one_finding_that_a_policy_may_accept_by_name() -> None:
    none = Protection(readable=True)

    [finding] = examine(none, MAIN)
    assert (finding.id, finding.accepted) == ("protection.none", False)
    [accepted] = examine(none, Examined("main", frozenset({"protection.none"})))
    assert accepted.accepted
    assert on([accepted])


def test_i14_i16_a_persons_account_cannot_be_accepted() -> None:
    accept = FINDINGS

    findings = examine(GOOD, Examined("main", accept, fleet_is_person=True))

    assert [(finding.id, finding.accepted) for finding in findings] == [("identity.person", False)]
    assert not on(findings, accept)
    assert not on([finding.model_copy(update={"accepted": True}) for finding in findings])
