"""Proposals become issues on the forge: each finding once, whatever is repeated."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.gatekeeper.desk import Desk, PolicyAt
from services.gatekeeper.fencing import Draftee, admit, carried_out, refuse
from services.gatekeeper.jobs import AssessIssue, OpenIssues
from services.gatekeeper.ledger import live, write
from services.gatekeeper.outgoing import leaked
from services.gatekeeper.rebuilding.runs import prove_run
from services.gatekeeper.roles import Unreadable
from services.gatekeeper.tables import Proposal as Row
from services.gatekeeper.words.markers import marker
from services.gatekeeper.words.proposal import proposal_body, proposal_title
from shared.errors import TryLater
from shared.jobs import JobContext, Outcome
from shared.messages import Repo
from shared.messages.content import Proposal, Reason, RunKind
from shared.messages.draft import IssuesProposed
from shared.messages.gate import DraftRefused, IssueOpened
from shared.messages.objects import Issue
from shared.snapshot import digest, take
from shared.store import Handling

Said: TypeAlias = IssueOpened | DraftRefused | AssessIssue

TOO_MANY = "{count} new proposals, and at most {quota} were asked for"


class Proposer:
    """Carries out `OpenIssues`."""

    def __init__(self, desk_of: Callable[[Repo], Desk], *, wait: timedelta) -> None:
        self._desk_of = desk_of
        self._wait = wait

    async def open_issues(self, job: OpenIssues, at: JobContext) -> Outcome[Said]:
        """Write what is new, bring what changed up to date, leave what was declined alone."""
        desk = self._desk_of(job.repo)
        await desk.may_act()
        of = Draftee(job.repo, job.run, job.generation, RunKind.PROPOSALS, None)
        await prove_run(desk, of)
        admitted = await desk.store.run(
            lambda session: admit(session, of, now=at.clock.now(), wait=self._wait)
        )
        if isinstance(admitted, Reason):
            return _refused(of, admitted)
        policy = await desk.policy()
        if isinstance(policy, Unreadable):
            raise TryLater(f"{job.repo}: {policy.cause}")
        assert isinstance(admitted.draft, IssuesProposed)
        proposals = admitted.draft.proposals
        known = await desk.store.run(lambda session: _known(session, job.repo, proposals))
        if (leak := leaked(_texts(proposals), desk.secrets)) is not None:
            return _refused(of, leak)
        new = [each for each in proposals if each.proposal not in known]
        if len(new) > admitted.run.quota:
            text = TOO_MANY.format(count=len(new), quota=admitted.run.quota)
            return _refused(of, Reason(name="too_many", text=text))
        written: list[tuple[Proposal, Issue]] = []
        for proposal in proposals:
            await desk.may_act()
            issue = await self._write(desk, policy, proposal, known.get(proposal.proposal))
            if issue is not None:
                written.append((proposal, issue))
        return lambda handling: _written(handling, of, written)

    async def _write(
        self, desk: Desk, policy: PolicyAt, proposal: Proposal, row: Row | None
    ) -> Issue | None:
        labels = policy.policy.labels
        title = proposal_title(proposal)
        body = proposal_body(proposal, approved_label=labels.approved)
        if row is None:
            return await desk.forge.create_issue(
                title=title, body=body, marker=marker("proposal", proposal.proposal),
                labels=[labels.proposed, f"{labels.priority_prefix}{proposal.priority}"],
            )  # fmt: skip
        if not row.open or row.content == proposal.content:
            return None
        now = await desk.forge.issue(row.issue)
        if now is None or now.state == "closed" or not _ours_unchanged(desk.repo, now, row):
            return None  # somebody has put their own words there: they stay
        if await desk.store.run(lambda session: live(session, desk.repo.id, row.issue)):
            return None  # what a person approved is not changed under their approval
        if (now.title.split(), now.body.split()) == (title.split(), body.split()):
            return now  # it stands there: only here it was not known
        return await desk.forge.update_issue(row.issue, title=title, body=body)


def gave_up(job: OpenIssues, reason: str, at: Handling) -> list[DraftRefused]:
    """They could not be written: the run ends all the same, and says why."""
    of = Draftee(job.repo, job.run, job.generation, RunKind.PROPOSALS, None)
    return refuse(at, of, (Reason(name="failed", text=reason),))


def _texts(proposals: tuple[Proposal, ...]) -> dict[str, str]:
    """Everything that people would read of them."""
    return {
        f"proposal {place}": "\n".join(
            [each.title, each.why, *each.criteria, each.evidence, each.note, *each.paths]
        )
        for place, each in enumerate(proposals, 1)
    }


def _known(session: Session, repo: Repo, proposals: tuple[Proposal, ...]) -> dict[object, Row]:
    ids = [each.proposal for each in proposals]
    rows = session.scalars(select(Row).where(Row.repo_id == repo.id, Row.id.in_(ids)))
    return {row.id: row for row in rows}


def _text(repo: Repo, issue: Issue) -> str:
    """The digest of the issue's own text, without comments, as gate 1 compares it."""
    snapshot = take(repo, issue, [])
    return digest(repo.id, issue.node_id, title=snapshot.title, body=snapshot.body)


def _ours_unchanged(repo: Repo, issue: Issue, row: Row) -> bool:
    return _text(repo, issue) == row.text_digest


def _refused(of: Draftee, *reasons: Reason) -> Outcome[Said]:
    return lambda at: [*refuse(at, of, reasons)]


def _written(at: Handling, of: Draftee, written: list[tuple[Proposal, Issue]]) -> list[Said]:
    carried_out(at, of)
    said: list[Said] = []
    for proposal, issue in written:
        at.session.merge(Row(
            repo_id=of.repo.id, id=proposal.proposal, issue=issue.number,
            content=proposal.content, text_digest=_text(of.repo, issue),
            open=issue.state == "open",
        ))  # fmt: skip
        write(
            at.session, "open",
            {"run": str(of.run), "proposal": str(proposal.proposal), "content": proposal.content},
            repo_id=of.repo.id, issue=issue.number, at=at.now,
        )  # fmt: skip
        said.append(IssueOpened(
            repo=of.repo, issue=issue.number, proposal=proposal.proposal, run=of.run,
            content=proposal.content, title=issue.title, digest=take(of.repo, issue, []).digest,
        ))  # fmt: skip
        said.append(AssessIssue(repo=of.repo, issue=issue.number))
    return said
