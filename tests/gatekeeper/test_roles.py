"""I-02, I-03: who counts as a writer, and who is nobody."""

import pytest

from services.gatekeeper.roles import (
    WRITERS,
    Role,
    Unreadable,
    first_unreadable,
    is_writer,
    may_approve,
    role_of,
)

GENEROUS = frozenset({"write", "triage", "read", "none", "", "captain"})


@pytest.mark.parametrize("name", ["", "none", "read", "triage"])
def test_i02_a_policy_cannot_make_a_reader_a_writer(name: str) -> None:
    assert not may_approve(Role(name), GENEROUS)
    assert not is_writer(Role(name), GENEROUS)


def test_i02_a_narrow_policy_narrows_who_approves_and_not_who_writes() -> None:
    admins = frozenset({"admin"})

    assert [name for name in sorted(WRITERS) if may_approve(Role(name), admins)] == ["admin"]
    assert all(is_writer(Role(name), admins) for name in WRITERS)
    assert is_writer(Role("captain"), GENEROUS)
    assert not is_writer(Role("captain"), admins)


def test_i02_unreadable_is_never_a_role() -> None:
    assert not may_approve(Unreadable("500"), WRITERS)
    assert not is_writer(Unreadable("500"), WRITERS)
    assert isinstance(role_of({}, 4), Unreadable)
    assert first_unreadable({1: Role("read")}, frozenset({1, 4})) == role_of({}, 4)
    assert first_unreadable({1: Role("read")}, frozenset({1})) is None
