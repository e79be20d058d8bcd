"""What the checks and statuses of a commit say, as one list and one word."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.local_forge.domain.forge import Forge
from services.local_forge.domain.reviews import CHANGES_REQUESTED
from services.local_forge.domain.seeding import FLEET_SLUG
from services.local_forge.shape.pulls import pull_of
from services.local_forge.tables import CheckRun, Issue, Repository, Status

Mark = Literal["pass", "fail", "wait", "skip-mark"]
ALL_PASSED = "all checks passed"
SOME_FAILED = "checks failed"
SOME_WAIT = "checks are running"
NONE_YET = "no checks yet"
GATE, READY_LABEL = "gatefleet/gate", "gatefleet:ready"
GATE_OPEN = "the fleet's gate is open"
GATE_SHUT = "the fleet's gate is shut"
GATE_WAITS = "the fleet's gate is still looking"
READY_SAID = "the fleet says it is ready"
CONFLICTS = "has conflicts with its base"
CHANGES_ASKED = "changes were asked for"

_CONCLUSIONS: dict[str, Mark] = {"success": "pass", "neutral": "skip-mark", "skipped": "skip-mark"}
_STATES: dict[str, Mark] = {"success": "pass", "pending": "wait"}


@dataclass(frozen=True)
class Check:
    """One check as people see it; `text` is Markdown."""

    name: str
    mark: Mark
    title: str
    text: str
    url: str | None


@dataclass(frozen=True)
class Verdict:
    """All checks of one commit in one word."""

    mark: Mark
    words: str


def checks_of(forge: Forge, repo: Repository, *, sha: str) -> list[Check]:
    """The newest run of each check and the newest of each status, by name."""
    found = [_run(run) for run in forge.checks.latest(repo, sha)]
    found += [_status(status) for status in forge.statuses.latest(repo, sha)]
    return sorted(found, key=lambda check: check.name)


def verdict_of(checks: Sequence[Check]) -> Verdict:
    """Failed where one failed, else waiting where one waits, else passed where one passed."""
    marks = {check.mark for check in checks}
    if "fail" in marks:
        return Verdict("fail", SOME_FAILED)
    if "wait" in marks:
        return Verdict("wait", SOME_WAIT)
    return Verdict("pass", ALL_PASSED) if "pass" in marks else Verdict("skip-mark", NONE_YET)


def checks_verdict(forge: Forge, issue: Issue) -> Verdict:
    """What the checks of a pull request come to.

    The fleet's gate has weighed the others, so while it is shut nothing else counts; where it opened
    and the fleet put its label, a failure of a check that nobody asks for does not count either. A gate
    that is open without the label says "not a change of the fleet": the other checks decide then.
    """
    repo, sha = issue.repository, pull_of(issue).head_sha
    gates = [
        _run(run)
        for run in forge.checks.latest(repo, sha)
        if run.name == GATE and run.app.slug == FLEET_SLUG
    ]
    shut = next((gate for gate in gates if gate.mark != "pass"), None)
    if shut is not None:
        return Verdict(shut.mark, GATE_SHUT if shut.mark == "fail" else GATE_WAITS)
    if any(label.folded == READY_LABEL for label in issue.labels):
        return Verdict("pass", GATE_OPEN if gates else READY_SAID)
    return verdict_of(checks_of(forge, repo, sha=sha))


async def verdict_on(forge: Forge, issue: Issue) -> Verdict:
    """What keeps an open pull request from being merged, or that all checks passed."""
    verdict = checks_verdict(forge, issue)
    if verdict.mark != "pass":
        return verdict
    opinions = forge.reviews.opinions(issue).values()
    if any(review.state == CHANGES_REQUESTED for review in opinions):
        return Verdict("wait", CHANGES_ASKED)
    if await forge.pulls.mergeable(issue) is False:
        return Verdict("fail", CONFLICTS)
    return verdict


def _run(run: CheckRun) -> Check:
    mark: Mark = "wait"
    if run.status == "completed":
        mark = _CONCLUSIONS.get(run.conclusion or "", "fail")
    title = run.output.get("title") or (run.conclusion or run.status).replace("_", " ")
    texts = [run.output.get("summary"), run.output.get("text")]
    return Check(run.name, mark, title, "\n\n".join(t for t in texts if t), _safe(run.details_url))


def _status(status: Status) -> Check:
    title = status.description or status.state
    mark = _STATES.get(status.state, "fail")
    return Check(status.context, mark, title, "", _safe(status.target_url))


def _safe(url: str | None) -> str | None:
    """The address, if it is one that a click may follow."""
    return url if url and url.startswith(("http://", "https://")) else None
