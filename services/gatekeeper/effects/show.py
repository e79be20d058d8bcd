"""What people see of the fleet's state: a label, one comment on an issue, one check on a head."""

from collections.abc import Callable
from typing import Never

from sqlalchemy.orm import Session

from services.gatekeeper.desk import Desk
from services.gatekeeper.jobs import DropLabel, ShowGate, ShowIssue, ShowText
from services.gatekeeper.roles import Unreadable, is_fleet
from services.gatekeeper.rows import issue_row, latest_approval, latest_pull
from services.gatekeeper.shown import memory_of, standing_facts
from services.gatekeeper.tables import Issue, Pull
from services.gatekeeper.words.gate import gate_summary, gate_title
from services.gatekeeper.words.markers import marker
from services.gatekeeper.words.notices import label_removed
from services.gatekeeper.words.presentation import as_read, presentation
from services.gatekeeper.words.pull_request import with_gate
from services.gatekeeper.words.status import issue_comment
from shared.errors import TryLater
from shared.jobs import JobContext, Outcome, nothing
from shared.lifecycle import LABELS, IssueState, Standing, explain
from shared.messages import Repo
from shared.messages.gate import IssuePresented
from shared.messages.objects import Comment, PullRequest
from shared.store import Handling

GATE_CHECK = "gatefleet/gate"
FOREIGN_TITLE = "not a change of the fleet"
FOREIGN_SUMMARY = "This pull request is not the fleet's, so its gate does not judge it."
BRANCHES = "gatefleet/"
UNKNOWN_TITLE = "closed: not judged yet"
UNKNOWN_SUMMARY = (
    "This branch is the fleet's, and the gatekeeper has no record of a pull request for it (yet). "
    "Close it if it stays like this; approving its issue again begins anew."
)
STATE_LABELS = tuple(sorted(set(LABELS.values()) - {None}, key=str))
LABEL_COLOR = "5319e7"
LABEL_WORDS = "State shown by Gatefleet; it decides nothing"


class Shower:
    """Carries out `ShowIssue`, `ShowText`, `DropLabel` and `ShowGate`."""

    def __init__(self, desk_of: Callable[[Repo], Desk]) -> None:
        self._desk_of = desk_of

    async def show_issue(self, job: ShowIssue, at: JobContext) -> Outcome[Never]:
        """State label and the one comment. An issue that nobody touched gets no comment."""
        desk = self._desk_of(job.repo)
        await desk.may_act()
        standing, label = await desk.store.run(lambda session: _standing(session, job))
        await self._label(desk, job.issue, standing.label, label)
        await desk.may_act()
        comment = await self._comment(desk, job.issue, standing)
        asked = None
        if standing.state is IssueState.NEEDS_PERSON:
            asked = await self._ask_for_help(desk, job.issue)

        def outcome(handling: Handling) -> list[Never]:
            row = issue_row(handling.session, job.repo.id, job.issue)
            row.label = standing.label
            _keep(row, comment)
            if asked is not None:
                asked_of = handling.session.get_one(Pull, (job.repo.id, asked.number))
                asked_of.asked = _head(asked)
            return []

        return outcome

    async def show_text(self, job: ShowText, at: JobContext) -> Outcome[IssuePresented]:
        """Show what an agent would read; from now on its digest can be approved by anyone who may."""
        desk = self._desk_of(job.repo)
        await desk.may_act()
        policy = await desk.policy()
        if isinstance(policy, Unreadable):
            raise TryLater(f"{job.repo}: {policy.cause}")
        reserve = int(policy.policy.budget.issue * 1_000_000)
        text = presentation(job.snapshot, issue=job.issue, reserve_micros=reserve, why=job.why)

        def prepare(session: Session) -> Standing:
            row = issue_row(session, job.repo.id, job.issue)
            row.shown_text, row.presented = text, job.snapshot.digest
            row.presented_at = None
            return _standing(session, ShowIssue(repo=job.repo, issue=job.issue))[0]

        if await desk.store.run(lambda session: _is_shown(session, job)):
            return nothing  # two looks asked for it before the first was done
        standing = await desk.store.run(prepare)
        comment = await self._comment(desk, job.issue, standing)

        def outcome(handling: Handling) -> list[IssuePresented]:
            row = issue_row(handling.session, job.repo.id, job.issue)
            _keep(row, comment)
            row.presented_at = comment[0].updated_at if comment else handling.now
            return [IssuePresented(
                repo=job.repo, issue=job.issue, digest=job.snapshot.digest,
                removed=job.snapshot.removed, characters=len(as_read(job.snapshot)),
                reserve_micros=reserve,
            )]  # fmt: skip

        return outcome

    async def drop_label(self, job: DropLabel, at: JobContext) -> Outcome[ShowIssue]:
        """Take `approved` off where it does not count, and say why in the one comment."""
        desk = self._desk_of(job.repo)
        await desk.may_act()
        policy = await desk.policy()
        if isinstance(policy, Unreadable):
            raise TryLater(f"{job.repo}: {policy.cause}")
        label = policy.policy.labels.approved
        await desk.forge.remove_label(job.issue, label)

        def outcome(handling: Handling) -> list[ShowIssue]:
            row = issue_row(handling.session, job.repo.id, job.issue)
            row.notice = label_removed(label, job.reason)
            return [ShowIssue(repo=job.repo, issue=job.issue)]

        return outcome

    async def show_gate(self, job: ShowGate, at: JobContext) -> Outcome[Never]:
        """The check `gatefleet/gate`, on exactly the SHA that was judged."""
        desk = self._desk_of(job.repo)
        await desk.may_act()
        pull = await desk.forge.pull_request(job.pull)
        row = await desk.store.run(lambda session: session.get(Pull, (job.repo.id, job.pull)))
        if pull is None or pull.state == "closed":
            return nothing
        if row is None:
            await self._not_known(desk, pull)
            return nothing
        head, _, tip = (row.judged or "").partition(" ")
        if head != pull.head_sha:
            return nothing  # it moved meanwhile: it is judged again, and shown then
        values = {each.value for each in row.inputs}
        await desk.forge.set_check(
            head, name=GATE_CHECK, external_id=f"gate:{head}",
            conclusion="failure" if "fail" in values else None if "unknown" in values else "success",
            title=gate_title(row.inputs), summary=gate_summary(row.inputs, head=head, tip=tip),
        )  # fmt: skip
        body = with_gate(pull.body, row.inputs, round=row.round)
        if body.split() != pull.body.split():
            await desk.forge.update_pull_request(pull.number, body=body)
        ready = values == {"pass"}
        if ready and row.asked != head:
            await desk.may_act()
            await self._ask(desk, row)

        def outcome(handling: Handling) -> list[Never]:
            stored = handling.session.get_one(Pull, (job.repo.id, job.pull))
            stored.asked = head if ready else stored.asked
            return []

        return outcome

    async def _not_known(self, desk: Desk, pull: PullRequest) -> None:
        """Somebody else's passes at once. One that looks like ours and is not written down (not
        yet, or not any more) stays closed: it may be the very next thing that is judged."""
        own = pull.head_ref.startswith(BRANCHES) and pull.head_repo == str(desk.repo)
        ours = own or is_fleet(pull.author, await desk.fleet())
        await desk.forge.set_check(
            pull.head_sha, name=GATE_CHECK, external_id=f"gate:{pull.head_sha}",
            conclusion=None if ours else "success",
            title=UNKNOWN_TITLE if ours else FOREIGN_TITLE,
            summary=UNKNOWN_SUMMARY if ours else FOREIGN_SUMMARY,
        )  # fmt: skip

    async def _ask_for_help(self, desk: Desk, issue: int) -> Pull | None:
        """The open pull request for which the approver was asked just now."""
        pull = await desk.store.run(lambda session: latest_pull(session, desk.repo.id, issue))
        if pull is None or pull.state != "open" or pull.asked == _head(pull):
            return None
        await self._ask(desk, pull)
        return pull

    async def _ask(self, desk: Desk, row: Pull) -> None:
        """A review request notifies; an edit does not. Once a SHA."""
        approval = await desk.store.run(
            lambda session: latest_approval(session, desk.repo.id, row.issue)
        )
        if approval is not None:
            await desk.forge.request_review(row.number, approval.approver.login)

    async def _label(self, desk: Desk, issue: int, wanted: str | None, known: str | None) -> None:
        if wanted == known:
            return
        if wanted is not None:
            await desk.forge.ensure_label(wanted, color=LABEL_COLOR, description=LABEL_WORDS)
            await desk.forge.add_labels(issue, [wanted])
        now = await desk.forge.issue(issue)
        for label in now.labels if now else ():
            if label in STATE_LABELS and label != wanted:
                await desk.forge.remove_label(issue, label)

    async def _comment(
        self, desk: Desk, issue: int, standing: Standing
    ) -> tuple[Comment, str] | None:
        """The comment as it stands afterwards and its text; None: none is due, or nothing changed."""

        def compose(session: Session) -> tuple[int | None, str, str] | None:
            row = issue_row(session, desk.repo.id, issue)
            approval = latest_approval(session, desk.repo.id, issue)
            if approval is None and not row.shown_text and not row.notice:
                return None
            shown = row.shown_text if approval is None or approval.ended else ""
            text = issue_comment(
                issue, standing=f"{standing.shown}: {standing.why}", next_words=standing.next,
                sections=[each for each in (shown, row.notice) if each],
                memory=memory_of(session, desk.repo, issue),
            )  # fmt: skip
            return row.comment, text, row.comment_text

        composed = await desk.store.run(compose)
        if composed is None:
            return None
        known, text, before = composed
        if text == before and known is not None:
            return None
        if known is not None:
            return await desk.forge.edit_comment(known, body=text), text
        made = await desk.forge.create_comment(issue, body=text, marker=marker("issue", issue))
        if made.body.strip() != text.strip():
            made = await desk.forge.edit_comment(made.id, body=text)
        return made, text


def _standing(session: Session, job: ShowIssue) -> tuple[Standing, str | None]:
    known = issue_row(session, job.repo.id, job.issue).label
    return explain(standing_facts(session, job.repo, job.issue)), known


def _head(pull: Pull) -> str:
    """The head that was judged last, else the one that we pushed last."""
    return (pull.judged or pull.head).partition(" ")[0]


def _is_shown(session: Session, job: ShowText) -> bool:
    row = issue_row(session, job.repo.id, job.issue)
    return row.presented == job.snapshot.digest and row.presented_at is not None


def _keep(row: Issue, comment: tuple[Comment, str] | None) -> None:
    if comment is not None:
        row.comment, row.comment_text = comment[0].id, comment[1]
