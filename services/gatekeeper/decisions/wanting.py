"""What a judged pull request needs next that is not QA's to say: a mend, or a fresh verdict."""

from typing import TypeAlias

from services.gatekeeper.desk import Desk
from services.gatekeeper.evaluating import Evaluation
from services.gatekeeper.ownership import TakenOver
from services.gatekeeper.people import objecting
from services.gatekeeper.pull_live import PullFacts
from services.gatekeeper.required import OURS
from services.gatekeeper.reviewed import LaterTip, ReviewFact
from services.gatekeeper.roles import is_writer, role_of
from services.gatekeeper.tables import Pull
from shared.messages.content import Cause, CauseKind, Finding
from shared.messages.gate import ReviewWanted, RevisionWanted
from shared.messages.objects import Check, Review

Wants: TypeAlias = list[tuple[str, RevisionWanted | ReviewWanted]]
"""What to say once, each with the name under which it is remembered."""

LOG_LIMIT = 64 * 1024
MOVED = "the base moved and touches the same files"
POLICY = "the policy changed"
NEW_HEAD = "a person pushed to the branch"


async def what_is_wanted(desk: Desk, row: Pull, facts: PullFacts, evaluation: Evaluation) -> Wants:
    """Every revision and review that this state asks for; nothing while gate 1 is not open."""
    rows = {each.name: each for each in evaluation.inputs}
    if any(rows[name].value != "pass" for name in ("fleet", "policy", "approval")):
        return []
    wants = _reviews(desk, row, facts)
    if not isinstance(facts.gate.ownership, TakenOver):
        wants += _conflict(desk, row, facts)
        wants += _checks(desk, row, facts, evaluation)
        wants += await _people(desk, row, facts)
    return wants


def _reviews(desk: Desk, row: Pull, facts: PullFacts) -> Wants:
    """A verdict of this head that no longer holds, or a person's head that has none."""
    review, gate = facts.gate.review, facts.gate
    if gate.later_tip is LaterTip.CONFLICT:
        return []
    why = ""
    if isinstance(review, ReviewFact) and review.head == gate.head:
        if gate.later_tip is LaterTip.TOUCHING:
            why = MOVED
        elif review.policy_digest != gate.policy_digest:
            why = POLICY
    elif isinstance(gate.ownership, TakenOver):
        why = NEW_HEAD
    if not why:
        return []
    message = ReviewWanted(
        repo=desk.repo, issue=row.issue, pull_request=row.number, approval=row.approval,
        head=gate.head, tip=facts.tip, why=why,
    )  # fmt: skip
    return [(f"review:{row.number}:{gate.head}:{facts.tip}:{gate.policy_digest}", message)]


def _conflict(desk: Desk, row: Pull, facts: PullFacts) -> Wants:
    if facts.gate.later_tip is not LaterTip.CONFLICT:
        return []
    cause = Cause(kind=CauseKind.CONFLICT, id=facts.tip)
    _, message = _revision(desk, row, facts, cause)
    # Once a head, however often the base moves until it is solved: the run merges its newest tip.
    return [(f"revision:{row.number}:{facts.gate.head}:{cause.kind}", message)]


def _checks(desk: Desk, row: Pull, facts: PullFacts, evaluation: Evaluation) -> Wants:
    """Required checks of others that failed on this head; QA's own verdict asks for itself."""
    if not isinstance(facts.gate.checks, tuple):
        return []
    failed = {
        each.name.removeprefix("check:") for each in evaluation.inputs
        if each.name.startswith("check:") and each.value == "fail"
    }  # fmt: skip
    wants: Wants = []
    for name in sorted(name for name in failed if not name.startswith(OURS)):
        log = _log([c for c in facts.gate.checks if c.name == name and c.sha == facts.gate.head])
        finding = Finding(source="check", text=f"the check {name} failed")
        cause = Cause(
            kind=CauseKind.CHECK, id=f"{name}@{facts.gate.head}", findings=(finding,), log=log
        )
        wants.append(_revision(desk, row, facts, cause))
    return wants


async def _people(desk: Desk, row: Pull, facts: PullFacts) -> Wants:
    """Reviews of writers that ask for changes; each is a cause once."""
    wants: Wants = []
    for review in objecting(facts.reviews, facts.gate.fleet):
        if not is_writer(role_of(facts.gate.roles, review.author.id), facts.gate.approve):
            continue
        findings = await _findings(desk, row, review)
        cause = Cause(
            kind=CauseKind.PERSON, id=f"review:{review.id}", actor=review.author.login,
            findings=findings,
        )  # fmt: skip
        name, message = _revision(desk, row, facts, cause)
        del name  # a person's review is heard once, whatever head stands there later
        wants.append((f"revision:{row.number}:review:{review.id}", message))
    return wants


async def _findings(desk: Desk, row: Pull, review: Review) -> tuple[Finding, ...]:
    said = [Finding(source="person", text=review.body[:2000])] if review.body.strip() else []
    for comment in await desk.forge.review_comments(row.number):
        if comment.review == review.id:
            said.append(Finding(
                path=comment.path, line=comment.line, source="person", text=comment.body[:2000]
            ))  # fmt: skip
    return tuple(said[:50])


def _revision(desk: Desk, row: Pull, facts: PullFacts, cause: Cause) -> tuple[str, RevisionWanted]:
    message = RevisionWanted(
        repo=desk.repo, issue=row.issue, pull_request=row.number, approval=row.approval,
        head=facts.gate.head, cause=cause,
    )  # fmt: skip
    return f"revision:{row.number}:{facts.gate.head}:{cause.kind}:{cause.id}", message


def _log(checks: list[Check]) -> str:
    newest = max(checks, key=lambda check: (check.at, check.id), default=None)
    return f"{newest.title}\n{newest.summary}"[:LOG_LIMIT] if newest is not None else ""
