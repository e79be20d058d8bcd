"""QA's draft becomes a review comment, and two checks on exactly the head it judged."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

from services.gatekeeper import ledger
from services.gatekeeper.desk import Desk
from services.gatekeeper.effects.learn import learn_issue
from services.gatekeeper.evaluating import TESTS_CHECK
from services.gatekeeper.fencing import Admitted, Draftee, admit, carried_out, refuse
from services.gatekeeper.jobs import AssessIssue, AssessPull, PostReview, ShowIssue
from services.gatekeeper.outgoing import leaked
from services.gatekeeper.pull_live import regated
from services.gatekeeper.rebuilding.runs import prove_run
from services.gatekeeper.tables import Pull
from services.gatekeeper.tables import Review as Row
from services.gatekeeper.words.review import finding_text, review_body, review_title, tests_text
from shared.errors import TryLater
from shared.forge.facts import ReviewNote
from shared.git.merging import merge_base
from shared.git.shown import shown_lines
from shared.jobs import JobContext, Outcome
from shared.messages import Repo
from shared.messages.content import Reason, RunKind, Verdict
from shared.messages.draft import ReviewProposed
from shared.messages.gate import DraftRefused, ReviewPosted
from shared.store import Handling

Said: TypeAlias = ReviewPosted | DraftRefused | AssessIssue | AssessPull | ShowIssue

REVIEW_CHECK = "gatefleet/review"
STALE = "the review is of {sha}, and the head is {head} now"
NOT_OURS = "#{pull} is no open pull request of the fleet"
TESTS_OK = "tests passed on the merge of head and base"
TESTS_RED = "tests failed on the merge of head and base"
TESTS_NONE = "tests were not run"


class Reviewer:
    """Carries out `PostReview`."""

    def __init__(self, desk_of: Callable[[Repo], Desk], *, wait: timedelta) -> None:
        self._desk_of = desk_of
        self._wait = wait

    async def post_review(self, job: PostReview, at: JobContext) -> Outcome[Said]:
        """Re-gate, post what asks for changes, set both checks; a repeat finds its own work."""
        desk = self._desk_of(job.repo)
        await desk.may_act()
        of = Draftee(job.repo, job.run, job.generation, RunKind.REVIEW, job.issue)
        await learn_issue(desk, job.issue, at)
        await prove_run(desk, of)
        admitted = await desk.store.run(
            lambda session: admit(session, of, now=at.clock.now(), wait=self._wait)
        )
        if isinstance(admitted, Reason):
            return _refused(of, admitted)
        assert isinstance(admitted.draft, ReviewProposed)
        closed = await self._gated(desk, admitted) or leaked(_texts(admitted.draft), desk.secrets)
        if closed is not None:
            return _refused(of, closed)
        draft = admitted.draft
        await self._post(desk, draft)
        return lambda handling: _posted(handling, of, draft)

    async def _gated(self, desk: Desk, admitted: Admitted) -> Reason | None:
        draft = admitted.draft
        assert isinstance(draft, ReviewProposed)
        row = await desk.store.run(
            lambda session: session.get(Pull, (desk.repo.id, draft.pull_request))
        )
        pull = await desk.forge.pull_request(draft.pull_request)
        ours = row is not None and row.approval == admitted.run.approval
        if row is None or not ours or pull is None or pull.state != "open":
            text = NOT_OURS.format(pull=draft.pull_request)
            return Reason(name="stale_head", text=text)
        if pull.head_sha != draft.head:
            text = STALE.format(sha=draft.head[:12], head=pull.head_sha[:12])
            return Reason(name="stale_head", text=text)
        closed = await regated(desk, row, await desk.policy())
        if closed is not None and closed.name == "undecided":
            raise TryLater(f"{desk.repo}#{draft.pull_request}: {closed.text}")
        return Reason(name="approval", text=closed.text) if closed is not None else None

    async def _post(self, desk: Desk, draft: ReviewProposed) -> None:
        if draft.verdict is not Verdict.PASS:
            notes = await self._notes(desk, draft)
            body = review_body(draft.verdict, draft.findings, draft.tests, run=draft.run)
            await desk.may_act()
            await desk.forge.post_review(draft.pull_request, sha=draft.head, body=body, notes=notes)
        await desk.may_act()
        await desk.forge.set_check(
            draft.head, name=REVIEW_CHECK, external_id=f"review:{draft.run}",
            conclusion="success" if draft.verdict is Verdict.PASS else "failure",
            title=review_title(draft.verdict, draft.findings),
            summary=review_body(draft.verdict, draft.findings, draft.tests, run=draft.run),
        )  # fmt: skip
        await desk.may_act()
        tests = draft.tests
        title = TESTS_NONE if not tests.ran else TESTS_OK if tests.ok else TESTS_RED
        await desk.forge.set_check(
            draft.head, name=TESTS_CHECK, external_id=f"tests:{draft.run}",
            conclusion="success" if tests.ran and tests.ok else "failure",
            title=title, summary=tests_text(tests),
        )  # fmt: skip

    async def _notes(self, desk: Desk, draft: ReviewProposed) -> list[ReviewNote]:
        """Findings on lines that the diff shows; a forge refuses a comment anywhere else, and the
        whole review with it. All of them stand in the review's body as well."""
        await desk.mirror.fetch()
        git = desk.mirror.git_dir
        base = await merge_base(git, draft.tip, draft.head) or draft.tip
        lines = await shown_lines(
            git, base, draft.head, [each.path for each in draft.findings if each.path]
        )
        return [
            ReviewNote(each.path, each.line, finding_text(each))
            for each in draft.findings
            if each.path and each.line and each.line in lines[each.path]
        ]


def gave_up(job: PostReview, reason: str, at: Handling) -> list[DraftRefused]:
    """It could not be posted: the run ends all the same, and says why."""
    of = Draftee(job.repo, job.run, job.generation, RunKind.REVIEW, job.issue)
    return refuse(at, of, (Reason(name="failed", text=reason),))


def _texts(draft: ReviewProposed) -> dict[str, str]:
    """Everything that people would read of it."""
    return {
        "findings": "\n".join(each.text for each in draft.findings),
        "tests": "\n".join([draft.tests.summary, *draft.tests.newly_failing,
                            *draft.tests.still_failing]),
    }  # fmt: skip


def _refused(of: Draftee, *reasons: Reason) -> Outcome[Said]:
    return lambda at: [*refuse(at, of, reasons)]


def _posted(at: Handling, of: Draftee, draft: ReviewProposed) -> list[Said]:
    carried_out(at, of)
    pull = at.session.get_one(Pull, (of.repo.id, draft.pull_request))
    at.session.merge(Row(
        repo_id=of.repo.id, pull=draft.pull_request, run=draft.run, verdict=draft.verdict.value,
        head=draft.head, tip=draft.tip, policy_digest=draft.policy_digest,
        approval=pull.approval, tests=draft.tests,
    ))  # fmt: skip
    ledger.write(
        at.session, "verdict",
        {"run": str(of.run), "generation": of.generation, "pull": draft.pull_request,
         "verdict": draft.verdict.value, "head": draft.head, "tip": draft.tip,
         "policy": draft.policy_digest, "approval": str(pull.approval)},
        repo_id=of.repo.id, issue=pull.issue, at=at.now,
    )  # fmt: skip
    return [
        ReviewPosted(
            repo=of.repo, issue=draft.issue, pull_request=draft.pull_request, run=draft.run,
            verdict=draft.verdict, findings=draft.findings, tests=draft.tests, head=draft.head,
            tip=draft.tip, policy_digest=draft.policy_digest,
        ),
        AssessPull(repo=of.repo, pull=draft.pull_request),
        ShowIssue(repo=of.repo, issue=draft.issue),
    ]  # fmt: skip
