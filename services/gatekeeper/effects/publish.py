"""A change becomes a commit of ours on a branch of ours, and a pull request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from services.gatekeeper import ledger
from services.gatekeeper.approving import re_gate
from services.gatekeeper.commits import Origin, branch_name, commit_message
from services.gatekeeper.desk import Desk, PolicyAt
from services.gatekeeper.drafting import Verdict, judge_change
from services.gatekeeper.effects.learn import learn_issue
from services.gatekeeper.effects.open import Opening, open_pull_request
from services.gatekeeper.facts import IssueFacts, Record
from services.gatekeeper.fencing import Admitted, Draftee, admit, carried_out, fence, refuse
from services.gatekeeper.jobs import AssessIssue, AssessPull, PublishChange, ShowIssue
from services.gatekeeper.live import issue_facts
from services.gatekeeper.outgoing import leaked
from services.gatekeeper.pull_live import brief_of
from services.gatekeeper.rebuilding.runs import prove_run
from services.gatekeeper.roles import Unreadable
from services.gatekeeper.rows import issue_row, pull_of_approval
from services.gatekeeper.tables import Commit, Pull, Run
from services.gatekeeper.words.notices import refused as refused_words
from shared.errors import TryLater
from shared.git.changes import Diff
from shared.git.commits import Signers, make_commit
from shared.git.diff import changed
from shared.git.faults import Rejected
from shared.git.merging import is_ancestor, merge_base
from shared.git.push import Moved, push
from shared.git.quarantine import Imported, adopt, discard, import_bundle
from shared.git.secrets import scan_change
from shared.jobs import JobContext, Outcome
from shared.messages import Repo
from shared.messages.content import Reason, RunKind
from shared.messages.draft import ChangeProposed
from shared.messages.gate import DraftRefused, PullRequestOpened, PullRequestUpdated
from shared.messages.objects import PullRequest
from shared.snapshot import BriefError
from shared.store import Handling

Said: TypeAlias = (
    PullRequestOpened | PullRequestUpdated | DraftRefused | AssessIssue | AssessPull | ShowIssue
)  # fmt: skip

OVERTAKEN = frozenset(
    {"unknown_run", "stale_generation", "stale_head", "carried_out", "not_asked", "approval"}
)
"""Reasons with which something newer took the draft's place: people need not read of them."""
NO_APPROVAL = "the approval that this work began under has ended"
MOVED = "somebody pushed to the branch since; it is theirs now"
ENDED = "its pull request #{pull} is {state}; approve the issue again"
NOT_BASE = "the draft stands on {base}, and the branch is at {head}"
NOT_TIP = "the draft merges {sha}, which is not on {branch}; merge nothing else"


@dataclass(frozen=True)
class _Work:
    """A draft with everything that its publication rests on."""

    desk: Desk
    of: Draftee
    draft: ChangeProposed
    round: int
    record: Record
    facts: IssueFacts
    policy: PolicyAt
    pull: Pull | None

    @property
    def branch(self) -> str:
        return branch_name(self.facts.issue.number, self.record.approval)


class Publisher:
    """Carries out `PublishChange`."""

    def __init__(self, desk_of: Callable[[Repo], Desk], *, wait: timedelta) -> None:
        self._desk_of = desk_of
        self._wait = wait

    async def publish_change(self, job: PublishChange, at: JobContext) -> Outcome[Said]:
        """Re-gate, import as data, judge, commit, push, open; each step finds its own work again."""
        desk = self._desk_of(job.repo)
        await desk.may_act()
        of = Draftee(job.repo, job.run, job.generation, RunKind.IMPLEMENTATION, job.issue)
        await learn_issue(desk, job.issue, at)
        await prove_run(desk, of)
        admitted = await desk.store.run(
            lambda session: admit(session, of, now=at.clock.now(), wait=self._wait)
        )
        if isinstance(admitted, Reason):
            return _refused(of, admitted)
        of = Draftee(of.repo, of.run, of.generation, RunKind(admitted.run.kind), of.issue)
        work = await self._gated(desk, of, admitted)
        if isinstance(work, Reason):
            return _refused(of, work)
        await desk.mirror.fetch()
        if (stray := await self._strays(work)) is not None:
            return _refused(of, stray)
        imported = await import_bundle(
            desk.mirror.git_dir, work.draft.bundle, base=work.draft.base,
            merged=work.draft.merges, scratch=desk.scratch,
            limit_bytes=work.policy.policy.limits.bundle_bytes,
        )  # fmt: skip
        if isinstance(imported, Rejected):
            reasons = (Reason(name=each.fault, text=str(each)) for each in imported.reasons)
            return _refused(of, *reasons)
        try:
            return await self._publish(work, imported)
        finally:
            await discard(imported)

    async def _gated(self, desk: Desk, of: Draftee, admitted: Admitted) -> _Work | Reason:
        """I-13: everything that allows this effect, read again now."""
        assert isinstance(admitted.draft, ChangeProposed)
        assert of.issue is not None
        policy = await desk.policy()
        if isinstance(policy, Unreadable):
            raise TryLater(f"{of.repo}: {policy.cause}")
        facts = await issue_facts(desk, of.issue, policy)
        draft, run = admitted.draft, admitted.run
        if facts is None or facts.record is None or facts.record.approval != draft.approval:
            return Reason(name="approval", text=NO_APPROVAL)
        closed = re_gate(facts.record, facts)
        if closed is not None and closed.name == "undecided":
            raise TryLater(f"{of.repo}#{of.issue}: {closed.text}")
        if closed is not None:
            return Reason(name="approval", text=closed.text)
        pull = await desk.store.run(
            lambda session: pull_of_approval(session, of.repo.id, draft.approval)
        )
        expected = pull.head if pull is not None else run.base
        if pull is not None and (pull.taken_over or pull.state != "open"):
            text = MOVED if pull.taken_over else ENDED.format(pull=pull.number, state=pull.state)
            return Reason(name="approval", text=text)
        if draft.base != expected or (draft.merges is not None and pull is None):
            text = NOT_BASE.format(base=draft.base[:12], head=expected[:12])
            return Reason(name="stale_head", text=text)
        return _Work(desk, of, draft, run.round or 1, facts.record, facts, policy, pull)

    async def _publish(self, work: _Work, imported: Imported) -> Outcome[Said]:
        desk, git = work.desk, work.desk.mirror.git_dir
        await adopt(git, imported)
        # What people will see as its diff: from where it left the base, or from what it merges.
        left = await merge_base(git, work.policy.tip, work.draft.base)
        diff = await changed(git, work.draft.merges or left or work.draft.base, imported.tree)
        verdict = await self._judge(work, diff)
        if verdict.rejects:
            return _refused(work.of, *verdict.rejects)
        sha = await self._commit(work, imported.tree)
        await desk.may_act()
        if (closed := await self._closed_meanwhile(work)) is not None:
            return _refused(work.of, closed)
        pushed = await push(
            git, desk.remote(work.policy.branch, await desk.token()), sha=sha, branch=work.branch,
            expected=work.pull.head if work.pull else None,
        )  # fmt: skip
        if isinstance(pushed, Moved):
            return _refused(work.of, Reason(name="stale_head", text=MOVED))
        await desk.may_act()
        opened = await self._open(work, verdict)
        return lambda handling: _published(handling, work, opened, sha, diff)

    async def _strays(self, work: _Work) -> Reason | None:
        """A merge brings in the base and nothing else: no branch of somebody travels along."""
        merges, desk = work.draft.merges, work.desk
        if merges is None or (
            await desk.mirror.has(merges)
            and await is_ancestor(desk.mirror.git_dir, merges, work.policy.tip)
        ):
            return None
        return Reason(
            name="wrong_base", text=NOT_TIP.format(sha=merges[:12], branch=work.policy.branch)
        )

    async def _closed_meanwhile(self, work: _Work) -> Reason | None:
        """The last look before the push: importing and judging took time (I-04, I-13)."""
        desk, of = work.desk, work.of
        run = await desk.store.run(lambda session: session.get_one(Run, of.run))
        facts = await issue_facts(desk, work.facts.issue.number, work.policy)
        if facts is None or facts.record is None or facts.record.approval != work.record.approval:
            return Reason(name="approval", text=NO_APPROVAL)
        closed = re_gate(facts.record, facts)
        if closed is not None and closed.name == "undecided":
            raise TryLater(f"{of.repo}#{of.issue}: {closed.text}")
        if closed is not None:
            return Reason(name="approval", text=closed.text)
        return fence(run, of.generation)

    async def _judge(self, work: _Work, diff: Diff) -> Verdict:
        desk = work.desk
        said = leaked({"summary": work.draft.summary}, desk.secrets)
        if said is not None:
            return Verdict((), (said,))
        brief = await desk.store.run(lambda session: brief_of(session, work.record.approval))
        if isinstance(brief, BriefError):
            return Verdict((), (Reason(name="brief", text=brief.text),))
        leaks = await scan_change(desk.mirror.git_dir, diff, desk.secrets)
        return judge_change(diff, work.policy.policy, brief=brief, leaks=leaks)

    async def _commit(self, work: _Work, tree: str) -> str:
        """One commit of ours; a conflict with the moved base is one merge commit of ours."""
        record, draft, desk = work.record, work.draft, work.desk
        origin = Origin(work.of.run, record.approval, record.digest, work.facts.issue.number)
        message = commit_message(
            record.snapshot.title, origin, round=work.round, merge=draft.merges is not None
        )
        parents = [draft.base] if draft.merges is None else [draft.base, draft.merges]
        return await make_commit(
            desk.mirror.git_dir, tree, parents, message=message, at=draft.at,
            by=Signers(desk.author, desk.author),
        )  # fmt: skip

    async def _open(self, work: _Work, verdict: Verdict) -> PullRequest:
        desk, record = work.desk, work.record
        if work.pull is not None:
            found = await desk.forge.pull_request(work.pull.number)
            if found is None:
                raise TryLater(f"{desk.repo}#{work.pull.number}: cannot be read just now")
            return found
        opening = Opening(work.branch, verdict, work.round, work.draft.summary)
        return await open_pull_request(desk, work.policy, record, work.facts, opening)


def gave_up(job: PublishChange, reason: str, at: Handling) -> list[DraftRefused]:
    """It could not be published: the run ends all the same, and says why."""
    of = Draftee(job.repo, job.run, job.generation, RunKind.IMPLEMENTATION, job.issue)
    return refuse(at, of, (Reason(name="failed", text=reason),))


def _refused(of: Draftee, *reasons: Reason) -> Outcome[Said]:
    def outcome(at: Handling) -> list[Said]:
        said: list[Said] = [*refuse(at, of, reasons)]
        if of.issue is None or not {each.name for each in reasons} - OVERTAKEN:
            return said
        issue_row(at.session, of.repo.id, of.issue).notice = refused_words(reasons)
        return [*said, ShowIssue(repo=of.repo, issue=of.issue)]

    return outcome


def _published(at: Handling, work: _Work, opened: PullRequest, sha: str, diff: Diff) -> list[Said]:
    of, record, repo = work.of, work.record, work.of.repo
    carried_out(at, of)
    at.session.merge(Commit(sha=sha, repo_id=repo.id, approval=record.approval, run=of.run))
    row = at.session.get(Pull, (repo.id, opened.number))
    first = row is None
    if row is None:
        row = Pull(
            repo_id=repo.id, number=opened.number, issue=work.facts.issue.number,
            approval=record.approval, branch=work.branch, base=work.draft.base, state="open",
            taken_over=False, inputs=(), judged=None, asked=None, head=sha, round=work.round,
        )  # fmt: skip
        at.session.add(row)
    row.head, row.round = sha, work.round
    issue_row(at.session, repo.id, row.issue).notice = ""
    ledger.write(
        at.session, "publish",
        {"run": str(of.run), "generation": of.generation, "approval": str(record.approval),
         "digest": record.digest, "pull": opened.number, "head": sha, "base": work.draft.base,
         "policy": work.policy.digest, "lines": diff.lines, "files": len(diff.files)},
        repo_id=repo.id, issue=row.issue, at=at.now,
    )  # fmt: skip
    kind = PullRequestOpened if first else PullRequestUpdated
    message = kind(
        repo=repo, issue=row.issue, pull_request=row.number, approval=record.approval, run=of.run,
        branch=work.branch, head=sha, base=work.draft.merges or work.policy.tip,
        round=work.round, files=len(diff.files), lines=diff.lines,
    )  # fmt: skip
    return [message, AssessPull(repo=repo, pull=row.number), ShowIssue(repo=repo, issue=row.issue)]
