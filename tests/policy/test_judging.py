"""What a policy can never say about judging a change."""

import pytest

from shared.errors import BadInput
from shared.policy import BUNDLE_HARD_CAP_BYTES, Policy, parse

CONCLUSIONS_THAT_NEVER_PASS = (
    "failure", "cancelled", "timed_out", "action_required", "stale", "startup_failure", "queued",
)  # fmt: skip


@pytest.mark.parametrize("conclusion", CONCLUSIONS_THAT_NEVER_PASS)
def test_i24_no_policy_makes_a_failed_check_count_as_passed(conclusion: str) -> None:
    with pytest.raises(BadInput, match="valid here: success, neutral, skipped"):
        parse(f"checks: {{accept: [success, {conclusion}]}}")


def test_i24_success_alone_passes_by_default() -> None:
    assert Policy().checks.accept == ("success",)


@pytest.mark.parametrize("key", ["required", "accept"])
def test_i25_an_empty_required_set_is_an_error_and_not_a_pass(key: str) -> None:
    with pytest.raises(BadInput, match=rf"checks\.{key}: is empty"):
        parse(f"checks: {{{key}: []}}")


def test_i25_the_required_set_is_never_empty_because_of_its_default() -> None:
    assert [check.name for check in Policy().checks.required] == ["gatefleet/tests"]


@pytest.mark.parametrize("text", ["size: {reject: 0}", "size: {files: 3001}", "size: {reject: }"])
def test_i27_a_size_limit_cannot_be_switched_off(text: str) -> None:
    with pytest.raises(BadInput, match=r"line 1: size\."):
        parse(text)


def test_i27_a_change_never_travels_above_the_hard_cap() -> None:
    at_the_cap = parse(f"limits: {{bundle_bytes: {BUNDLE_HARD_CAP_BYTES}}}")

    assert at_the_cap.limits.bundle_bytes == 6 * 1024 * 1024
    with pytest.raises(BadInput, match="is too large; write 6291456 or less"):
        parse(f"limits: {{bundle_bytes: {BUNDLE_HARD_CAP_BYTES + 1}}}")


def test_i28_a_policy_adds_protected_paths_and_has_no_way_to_take_one_away() -> None:
    assert parse("protected: [deploy/**]").protected == ("deploy/**",)
    for attempt in ("protected: {remove: [.github/**]}", "unprotected: [.github/**]"):
        with pytest.raises(BadInput):
            parse(attempt)
    with pytest.raises(BadInput, match=r'"!\.github/\*\*" starts with "!"'):
        parse('protected: ["!.github/**"]')


def test_an_app_is_named_by_slug_or_by_number() -> None:
    policy = parse("checks: {required: [{name: a, app: 15368}, {name: a, app: ci}]}")

    assert [check.app for check in policy.checks.required] == ["15368", "ci"]
