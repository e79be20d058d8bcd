"""QA's verdict as our own checks on a head tell it, with the key that it is bound to (I-22).

The run of a review is computed from pull request, head, tip and policy, and the check names it: so a
verdict is taken over only for a tip and the policy with which its run comes out the same again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast
from uuid import UUID

from services.gatekeeper.desk import Desk, PolicyAt
from services.gatekeeper.effects.review import REVIEW_CHECK, TESTS_NONE
from services.gatekeeper.evaluating import TESTS_CHECK
from services.gatekeeper.required import is_ours
from services.gatekeeper.roles import Fleet, is_fleet
from services.gatekeeper.words.markers import find_marker
from services.gatekeeper.words.review import SAYS, TITLES
from shared.git.commits import commits_between
from shared.git.merging import merge_base
from shared.messages.content import Finding, TestsReport, Verdict
from shared.messages.ids import review_run
from shared.messages.objects import Check

TIPS = 500
"""Commits of the default branch that are tried as the tip of a verdict, the newest first."""

_FINDING = re.compile(
    r"^- (?:`(?P<path>[^`\n]*?)(?::(?P<line>\d+))?` )?"
    r"\*\*(?P<severity>error|warning|note)\*\* \((?P<source>[^)\n]*)\): (?P<text>.*)$",
    re.MULTILINE,
)
_COUNTS = re.compile(r": ([\d,]+) passed, ([\d,]+) failed\.")


@dataclass(frozen=True)
class FoundVerdict:
    """A verdict with all that it is bound to. `tip` None: of a tip or a policy that is over."""

    run: UUID
    verdict: Verdict
    tip: str | None
    tests: TestsReport
    findings: tuple[Finding, ...]


async def find_verdict(desk: Desk, number: int, head: str, policy: PolicyAt) -> FoundVerdict | None:
    """QA's verdict on this head. None: there is none, or it was not posted whole."""
    fleet = await desk.fleet()
    checks = [each for each in await desk.forge.checks(head) if is_ours(each, fleet)]
    for check in sorted(checks, key=lambda each: (each.at, each.id), reverse=True):
        run = _run(check)
        if check.name != REVIEW_CHECK or run is None:
            continue
        tests = _tests(checks, run)
        if tests is None:
            return None  # it was being posted: its draft is asked for again
        body = await _said(desk, number, run, fleet) or check.summary
        return FoundVerdict(
            run=run, verdict=_verdict(check, body), tests=tests, findings=findings_in(body),
            tip=await _tip(desk, number, head, run, policy),
        )  # fmt: skip
    return None


def findings_in(body: str) -> tuple[Finding, ...]:
    """The findings that a review of ours lists, as it lists them."""
    return tuple(
        Finding(
            path=found["path"] or "", line=int(found["line"]) if found["line"] else None,
            severity=cast(Literal["error", "warning", "note"], found["severity"]),
            source=found["source"], text=found["text"],
        )
        for found in _FINDING.finditer(body.replace("\r\n", "\n"))
    )  # fmt: skip


async def _tip(desk: Desk, number: int, head: str, run: UUID, policy: PolicyAt) -> str | None:
    """The tip for which the run comes out the same under the policy that holds now."""
    git = desk.mirror.git_dir
    base = await merge_base(git, policy.tip, head)
    later: Sequence[str] = []
    if base is not None:
        line = await commits_between(git, base, policy.tip, first_parent=True)
        later = [base, *(each.sha for each in line)]
    for tip in reversed(later[-TIPS:]):
        if review_run(desk.repo.id, number, head, tip, policy.digest) == run:
            return tip
    return None


async def _said(desk: Desk, number: int, run: UUID, fleet: Fleet) -> str:
    """The review comment of that run, where it left one: a verdict that passes leaves none."""
    for review in reversed(await desk.forge.reviews(number)):
        mark = find_marker(review.body)
        ours = mark is not None and (mark.kind, mark.id) == ("review", str(run))
        if ours and is_fleet(review.author, fleet):
            return review.body
    return ""


def _run(check: Check) -> UUID | None:
    kind, _, run = check.external_id.partition(":")
    try:
        return UUID(run) if kind == "review" else None
    except ValueError:
        return None


def _verdict(check: Check, body: str) -> Verdict:
    if check.conclusion == "success":
        return Verdict.PASS
    fails = body.startswith(SAYS[Verdict.FAIL]) or check.title.startswith(TITLES[Verdict.FAIL])
    return Verdict.FAIL if fails else Verdict.CHANGES


def _tests(checks: Sequence[Check], run: UUID) -> TestsReport | None:
    for check in checks:
        if (check.name, check.external_id) != (TESTS_CHECK, f"tests:{run}"):
            continue
        counts = _COUNTS.search(check.summary)
        passed, failed = (
            (int(each.replace(",", "")) for each in counts.groups()) if counts else (0, 0)
        )
        ok = check.conclusion == "success"
        ran = ok or not check.title.startswith(TESTS_NONE)
        summary = "" if counts else check.title
        return TestsReport(ran=ran, ok=ok, passed=passed, failed=failed, summary=summary)
    return None
