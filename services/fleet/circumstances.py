"""What holds for the whole repository, and the lines that tell it. Pure: messages in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.messages import Message
from shared.messages.content import DoctorFinding
from shared.messages.gate import FleetResumed, FleetStopped, RepositoryEvaluated
from shared.messages.observed import RepositoryObserved
from shared.policy import FILE, Policy, load
from shared.policy.units import write_money
from shared.policy.working import Budget

FIRST = "{repo} as {account} · bus {bus} · engine {engine} · {budget} · {waiting} · {pages}"
UNREAD = "not known yet"
BUDGET_UNREAD = "budget not known yet"
BUDGET = "budget ${run} a run, ${issue} an issue, ${day} a day"
NO_MONEY = "no money: the policy's budget is 0"
NOTHING_WAITS, ONE_WAITS = "nothing waits for you", "1 thing waits for you"
WAITING = "{count} things wait for you"

BROKEN = "the policy is broken, and the last good one holds: {error}; mend {file} on {branch}"
OFF = "off: nothing is worked on: {finding}"
OR_ACCEPT = "; or live with it: add `{id}` to `accept:` in {file}"
STOPPED = "stopped: {why}; nothing is started or written until `gatefleet resume`"
GOES_ON = "nothing is in the way any more: the fleet goes on"
AND_MORE = " (and {count} more)"

NOT_ACCEPTABLE = frozenset({"identity.person"})
"""Findings of the doctor that no policy can live with."""

TOPICS = tuple(
    kind.topic for kind in (RepositoryObserved, RepositoryEvaluated, FleetStopped, FleetResumed)
)


@dataclass(frozen=True)
class Circumstances:
    """The newest that was heard of the repository as a whole."""

    policy: Policy | None = None
    policy_errors: tuple[str, ...] = ()
    branch: str = ""
    on: bool | None = None
    findings: tuple[DoctorFinding, ...] = ()
    stopped: str | None = None

    def after(self, message: Message) -> "Circumstances":
        """The same with one message more."""
        match message:
            case RepositoryObserved():
                return replace(
                    self, policy=load(message.policy), policy_errors=message.policy_errors,
                    branch=message.default_branch,
                )  # fmt: skip
            case RepositoryEvaluated():
                return replace(self, on=message.on, findings=message.findings)
            case FleetStopped():
                return replace(self, stopped=message.why)
            case FleetResumed():
                return replace(self, stopped=None)
        return self

    def troubles(self) -> list[str]:
        """One line for each thing that keeps the fleet from its work, with what mends it."""
        lines = []
        if self.policy_errors:
            error = self.policy_errors[0] + _and_more(self.policy_errors)
            lines.append(BROKEN.format(error=error, file=FILE, branch=self.branch))
        if self.on is False:
            lines.append(_off([each for each in self.findings if not each.accepted]))
        if self.stopped is not None:
            lines.append(STOPPED.format(why=self.stopped))
        return [" ".join(line.split()) for line in lines]


def news(before: Sequence[str], now: Sequence[str]) -> list[str]:
    """Of the troubles that are `now`, those that are new; when the last one has passed, that."""
    if before and not now:
        return [GOES_ON]
    return [line for line in now if line not in before]


@dataclass(frozen=True)
class Place:
    """Where a fleet works, and as whom."""

    repo: str
    account: str
    bus: str
    pages: str


def first_line(place: Place, now: Circumstances, waiting: int) -> str:
    """Where, what and how much."""
    policy = now.policy
    return FIRST.format(
        repo=place.repo, account=place.account, bus=place.bus, pages=place.pages,
        engine=UNREAD if policy is None else policy.engines.dev.name,
        budget=BUDGET_UNREAD if policy is None else _budget(policy.budget),
        waiting=waits(waiting),
    )  # fmt: skip


def waits(count: int) -> str:
    """How many things wait for the person."""
    if count <= 1:
        return ONE_WAITS if count else NOTHING_WAITS
    return WAITING.format(count=count)


def _budget(budget: Budget) -> str:
    if not budget.run:
        return NO_MONEY
    return BUDGET.format(
        run=write_money(budget.run), issue=write_money(budget.issue), day=write_money(budget.day)
    )


def _off(findings: Sequence[DoctorFinding]) -> str:
    if not findings:
        return OFF.format(finding=UNREAD)
    first = findings[0]
    accept = "" if first.id in NOT_ACCEPTABLE else OR_ACCEPT.format(id=first.id, file=FILE)
    return OFF.format(finding=first.text) + accept + _and_more(findings)


def _and_more(several: Sequence[object]) -> str:
    return AND_MORE.format(count=len(several) - 1) if len(several) > 1 else ""
