"""The policy's defaults and gate 1's are the same, and what the policy says arrives."""

from datetime import timedelta

from services.gatekeeper.facts import ApprovalPolicy, approval_policy
from shared.policy import Policy, load


def test_an_empty_policy_is_gate_1s_default() -> None:
    assert approval_policy(Policy()) == ApprovalPolicy()


def test_what_the_policy_says_about_approvals_arrives() -> None:
    policy = load(
        {
            "roles": {"approve": ["admin", "captain"]},
            "approval": {"ttl": "2d", "quiet_s": 5, "four_eyes": True},
            "labels": {"approved": "go"},
        }
    )

    assert approval_policy(policy) == ApprovalPolicy(
        frozenset({"admin", "captain"}), timedelta(days=2), timedelta(seconds=5), "go", True
    )
