"""From views to what the console answers. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.console.composing import dispatched, head_of, judged_now
from services.console.records import ProposalRecord, PullRecord, RepositoryRecord, RunRecord
from services.console.shapes import (
    Ask,
    Budget,
    Group,
    InboxItem,
    IssueLine,
    Look,
    ProposalLine,
    PullLine,
    PullState,
    RepositoryAnswer,
    RunLine,
    Spending,
)
from services.console.spending import Spent, sum_of
from services.console.view import IssueView, policy_of
from shared.lifecycle import FINAL, IssueState, explain
from shared.messages.content import RunKind
from shared.policy import dump

STOPPED = "the fleet is stopped"
RESUME = "`gatefleet resume`, or remove the file `STOP` or the label `gatefleet:stop` yourself"
BROKEN_POLICY = "the newest `.gatefleet.yml` cannot be taken; the last good one holds"
MEND_POLICY = "mend `.gatefleet.yml` on `{branch}`: {errors}"
OFF = "the fleet stays off in this repository"
MEND_OFF = "mend what the doctor found, or accept it by name under `accept:` in `.gatefleet.yml`"
DEFAULT_BRANCH = "the default branch"
_MICROS = 1_000_000
_LAST = datetime.max.replace(tzinfo=UTC)


def group_of(view: IssueView) -> Group:
    """Who or what it waits for. What only waits because all is stopped is no question to a person:
    the stop itself is."""
    facts = view.facts
    found = explain(replace(facts, stopped=None)) if facts.stopped is not None else view.standing
    if found.state in FINAL:
        return "done"
    if found.waits_for_person:
        return "you"
    if facts.run is not None and facts.stopped is None:
        return "runs"
    if found.state is IssueState.PROPOSED:
        return "untouched"
    has_a_turn = facts.queue_position is not None or found.state is IssueState.APPROVED
    may_go_on = facts.stopped is None and found.state is not IssueState.PARKED
    return "queue" if has_a_turn and may_go_on else "rests"


def line_of(view: IssueView) -> IssueLine:
    """One issue's line."""
    standing, facts = view.standing, view.facts
    return IssueLine(
        number=view.number, title=view.title, group=group_of(view), state=standing.state,
        state_in_words=standing.shown, why=standing.why, next=standing.next,
        waits_for_person=standing.waits_for_person, since=view.since,
        place=facts.queue_position if facts.run is None else None,
        pull_request=view.pull_request, round=facts.round, rounds=facts.rounds,
        spent=spending(view.spent), doing=view.phase if facts.run is not None else "",
        approved_by=view.approved_by, labels=view.labels, note=view.note, doable=view.doable,
    )  # fmt: skip


def inbox_of(views: Sequence[IssueView], around: RepositoryRecord) -> tuple[InboxItem, ...]:
    """What waits for a person, oldest first; what nobody can date comes last."""
    items = [*_of_all(around), *(_item(view) for view in views if group_of(view) == "you")]
    return tuple(sorted(items, key=lambda each: (each.since or _LAST, each.issue or 0)))


def _item(view: IssueView) -> InboxItem:
    standing = explain(replace(view.facts, stopped=None))
    asks: dict[IssueState, Ask] = {
        IssueState.PROPOSED: "approve", IssueState.REVOKED: "approve", IssueState.READY: "merge",
    }  # fmt: skip
    return InboxItem(
        issue=view.number, title=view.title, ask=asks.get(standing.state, "mend"),
        why=standing.why, next=standing.next, since=view.since, pull_request=view.pull_request,
        note=view.note,
    )  # fmt: skip


def _of_all(around: RepositoryRecord) -> list[InboxItem]:
    items = []
    stop, ruled, examined = around.switched, around.ruled, around.examined
    if stop is not None and stop.stopped:
        items.append(_general(STOPPED, "resume", stop.why, RESUME, stop.at))
    if examined is not None and not examined.on:
        why = "; ".join(each.text for each in examined.findings if not each.accepted)
        items.append(_general(OFF, "mend", why, MEND_OFF, None))
    if ruled is not None and ruled.errors:
        words = MEND_POLICY.format(
            branch=ruled.default_branch or DEFAULT_BRANCH, errors="; ".join(ruled.errors)
        )
        items.append(_general(BROKEN_POLICY, "mend", "; ".join(ruled.errors), words, None))
    return items


def _general(title: str, ask: Ask, why: str, words: str, since: datetime | None) -> InboxItem:
    return InboxItem(
        issue=None, title=title, ask=ask, why=" ".join(why.split()), next=" ".join(words.split()),
        since=since, pull_request=None, note="",
    )  # fmt: skip


def repository_of(around: RepositoryRecord, runs: Sequence[RunRecord]) -> RepositoryAnswer:
    """The repository as a whole."""
    ruled, examined, stop = around.ruled, around.examined, around.switched
    policy = policy_of(around)
    return RepositoryAnswer(
        repository=around.known_as, id=around.id,
        default_branch=ruled.default_branch if ruled else None,
        head=ruled.head if ruled else None,
        policy_digest=ruled.digest if ruled else None,
        policy_errors=ruled.errors if ruled else (),
        budget=Budget(
            run_micros=int(policy.budget.run * _MICROS),
            issue_micros=int(policy.budget.issue * _MICROS),
            day_micros=int(policy.budget.day * _MICROS),
        ) if policy else None,
        triggers=dump(policy)["triggers"] if policy else None,
        on=examined.on if examined else None,
        findings=examined.findings if examined else (),
        stopped=stop.why if stop is not None and stop.stopped else None,
        queue=around.queue.waiting if around.queue else (),
        look=_look(runs),
    )  # fmt: skip


def _look(runs: Sequence[RunRecord]) -> Look | None:
    looks = [each for each in runs if each.of is RunKind.PROPOSALS and each.requested is not None]
    newest = max(looks, key=dispatched, default=None)
    if newest is None or newest.requested is None:
        return None
    line = newest.progressed.line if newest.progressed and newest.lives else ""
    ended = newest.ended.reason if newest.ended and not newest.lives else ""
    return Look(
        runs=newest.lives, at=newest.requested.at, line=line or ended,
        end=newest.ended.end if newest.ended and not newest.lives else None,
    )  # fmt: skip


def pull_line(pull: PullRecord) -> PullLine:
    """One pull request."""
    pushed, head, judged = pull.pushed, head_of(pull), judged_now(pull)
    reviews = [each for each in pull.reviewed.values() if each.head == head]
    review = max(reviews, key=lambda each: each.stamp, default=None)
    return PullLine(
        number=pull.number, title=pull.seen.title if pull.seen else "", state=_state(pull),
        head=head, branch=pushed.branch if pushed else None, round=pushed.round if pushed else 0,
        files=pushed.files if pushed else 0, lines=pushed.lines if pushed else 0,
        gate_open=judged.open if judged else False, inputs=judged.inputs if judged else (),
        verdict=review.verdict if review else None, tests=review.tests if review else "",
        findings=review.findings if review else (),
        merged_sha=pull.closed.sha if pull.closed else None,
    )  # fmt: skip


def _state(pull: PullRecord) -> PullState:
    if pull.closed is not None:
        return "merged" if pull.closed.merged else "closed"
    return "taken_over" if pull.taken is not None else "open"


def run_line(run: RunRecord) -> RunLine:
    """One run."""
    requested, progressed, ended = run.requested, run.progressed, run.ended
    return RunLine(
        run=run.run, kind=run.of, lives=run.lives,
        generation=requested.generation if requested else 0,
        holder=progressed.holder if progressed else "",
        started_at=requested.at if requested else None,
        line=progressed.line if progressed and run.lives else "",
        end=ended.end if ended and not run.lives else None,
        reason=ended.reason if ended and not run.lives else "",
        carried_out=ended.carried_out if ended and not run.lives else False,
        refused=run.refused.text if run.refused else "",
        spent=spending(sum_of(run)),
    )  # fmt: skip


def proposal_line(record: ProposalRecord) -> ProposalLine | None:
    """One proposal; None while only its issue is known."""
    said = record.said
    if said is None:
        return None
    return ProposalLine(
        proposal=record.proposal, title=said.title, note=said.note, doable=said.doable,
        size=said.size, priority=said.priority, finder=said.finder, issue=record.issue, at=said.at,
    )  # fmt: skip


def spending(spent: Spent) -> Spending:
    """Time and money."""
    return Spending(
        runs=spent.runs, seconds=spent.seconds, money_micros=spent.money_micros,
        tokens=spent.tokens, known=spent.known,
    )  # fmt: skip
