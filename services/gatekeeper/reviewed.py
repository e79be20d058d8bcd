"""What QA's verdict is worth for a head as it stands now, and what its run of the tests showed."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.gatekeeper.roles import Unreadable
from shared.messages.content import GateInput, TestsReport, Verdict

NO_REVIEW = "no verdict on this head yet; a review was asked for"
OLD_HEAD = "the verdict is of an older head ({sha}); a review was asked for"
OLD_POLICY = "the policy changed since the verdict; a review was asked for"
OLD_APPROVAL = "the verdict was given under another approval; a review was asked for"
MOVED = "the base moved and touches the same files; a review was asked for"
PASSED = "passed"
CHANGES = "changes were asked for; the fleet mends them in a further round"
FAILED = "failed; a person must look at it"
TESTS_NOT_WANTED = "the policy does not require `gatefleet/tests`"


class LaterTip(StrEnum):
    """What did the base do since the tip that the verdict was given on?"""

    SAME = "same"
    CLEAN = "clean"
    """It moved, merges cleanly and touches no file of the change: the verdict stays."""
    TOUCHING = "touching"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class ReviewFact:
    """A verdict and all that it is bound to."""

    verdict: Verdict
    head: str
    tip: str
    policy_digest: str
    approval: UUID
    tests: TestsReport


def judge_review(
    review: ReviewFact | Unreadable | None,
    later_tip: LaterTip | Unreadable,
    *,
    bound_to: tuple[str, str, UUID],
) -> GateInput:
    """The row `review`: a verdict counts only for the head, policy and approval it was given for.

    `bound_to`: head, policy digest and approval as they are now.
    """
    if isinstance(review, Unreadable):
        return _row("unknown", review.cause)
    if review is None:
        return _row("unknown", NO_REVIEW)
    head, policy_digest, approval = bound_to
    if review.head != head:
        return _row("unknown", OLD_HEAD.format(sha=review.head[:12]))
    if review.policy_digest != policy_digest:
        return _row("unknown", OLD_POLICY)
    if review.approval != approval:
        return _row("unknown", OLD_APPROVAL)
    if isinstance(later_tip, Unreadable):
        return _row("unknown", later_tip.cause)
    if later_tip not in (LaterTip.SAME, LaterTip.CLEAN):
        return _row("unknown", MOVED)
    if review.verdict is Verdict.PASS:
        return _row("pass", PASSED)
    return _row("fail", CHANGES if review.verdict is Verdict.CHANGES else FAILED)


def judge_tests(
    review: ReviewFact | Unreadable | None, judged: GateInput, *, required: bool
) -> GateInput:
    """The row `tests`: the supervised run that came with the verdict, worth no more than it."""
    if not required:
        return _row("pass", TESTS_NOT_WANTED, "tests")
    if review is None or isinstance(review, Unreadable) or judged.value == "unknown":
        return _row("unknown", judged.cause, "tests")
    report = review.tests
    if not report.ran:
        return _row("unknown", report.summary or "the tests were not run", "tests")
    return _row("pass" if report.ok else "fail", report.summary or _summary(report), "tests")


def _summary(report: TestsReport) -> str:
    return f"{report.passed:,} passed, {report.failed:,} failed"


def _row(value: str, cause: str, name: str = "review") -> GateInput:
    return GateInput.model_validate({"name": name, "value": value, "cause": cause})
