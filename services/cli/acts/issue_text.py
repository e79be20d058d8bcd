"""What an agent would read of an issue, read live and put together by the gatekeeper's own code."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.cli.page import Page
from services.cli.person import WRITERS, Here
from services.gatekeeper.approving import Approve, Decision, Nothing, decide, who_matters
from services.gatekeeper.facts import (
    ApprovalPolicy,
    History,
    IssueFacts,
    approval_policy,
)
from services.gatekeeper.live import known_actors
from services.gatekeeper.reading import read_until, readers_of_note
from services.gatekeeper.roles import Fleet, Role, Unreadable
from services.gatekeeper.standing import Undecided
from services.gatekeeper.words.presentation import DIGITS, approve_line, as_read, money
from shared.errors import BadInput, GatefleetError, Refused
from shared.forge.facts import Role as ForgeRole
from shared.forge.facts import Unreadable as ForgeUnreadable
from shared.messages.content import Snapshot
from shared.messages.objects import Comment, Issue
from shared.policy import FILE, Policy, parse

NO_SUCH = "{subject}: there is no such issue; `gatefleet status` lists those that the fleet knows"
IS_A_PULL_REQUEST = (
    "{subject}: is a pull request, and this is for issues; name the issue that it closes"
)
CLOSED = "{subject}: the issue is closed; reopen it first"
LOCKED = "{subject}: the conversation is locked; unlock it first"
UNREAD = "{subject}: cannot be read whole ({why}); try again"
WOULD_NOT_COUNT = "{subject}: your approval would not count: {why}"
BROKEN = "{file} is broken; the gatekeeper goes by the last good one"
HEAD = "{subject} · {url}"
READS = "An agent would read exactly this and nothing else:"
REMOVED, NOTHING_REMOVED = "Removed before: {removed}.", "Nothing was removed from it."
SIZE = "{characters:,} characters, {comments} comment(s). Digest {digest}."
RESERVES, NO_MONEY = "Approving reserves {money} of the budget.", "Approving reserves no money."


@dataclass(frozen=True)
class Reading:
    """An issue as it stands now."""

    subject: str
    facts: IssueFacts
    text: Snapshot
    reserve_micros: int
    note: str
    pages: str

    @property
    def command(self) -> str:
        """The comment that approves exactly this text."""
        return approve_line(self.text.digest)

    def paint(self, page: Page) -> None:
        """The text, marked at its side; what was taken out of it, how to name it, what it may cost."""
        removed = ", ".join(self.text.removed)
        size = SIZE.format(
            characters=len(as_read(self.text)), comments=len(self.text.comments),
            digest=self.text.digest[:DIGITS],
        )  # fmt: skip
        cost = RESERVES.format(money=money(self.reserve_micros))
        page.write(HEAD.format(subject=self.subject, url=self.pages))
        page.write(READS)
        page.quote(as_read(self.text))
        page.line(REMOVED.format(removed=removed) if removed else NOTHING_REMOVED)
        page.line(size)
        page.line(cost if self.reserve_micros else NO_MONEY)
        if self.note:
            page.line(self.note)

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "digest": self.text.digest, "title": self.text.title, "text": as_read(self.text),
            "characters": len(as_read(self.text)), "removed": list(self.text.removed),
            "comments": [each.id for each in self.text.comments],
            "reserve_micros": self.reserve_micros,
        }  # fmt: skip


async def issue_of(here: Here, number: int) -> Issue:
    """The open issue. Refused with one line when it is none."""
    subject = f"{here.facts.repo}#{number}"
    issue = await here.hand.issue(number)
    if issue is None:
        try:
            await here.hand.comments(number)
        except GatefleetError:
            raise Refused(NO_SUCH.format(subject=subject)) from None
        raise Refused(IS_A_PULL_REQUEST.format(subject=subject))
    if issue.state == "closed":
        raise Refused(CLOSED.format(subject=subject))
    return issue


async def read_issue(here: Here, number: int, now: datetime) -> Reading:
    """Everything that the decision rests on, and the text. Refused when it could not count."""
    issue = await issue_of(here, number)
    subject = f"{here.facts.repo}#{number}"
    if issue.locked:
        raise Refused(LOCKED.format(subject=subject))
    policy, note = await _policy(here)
    rules = approval_policy(policy) if policy is not None else ApprovalPolicy()
    await here.may_write(rules.approve if policy is not None else WRITERS)
    edits = await here.hand.edits(number)
    if isinstance(edits, ForgeUnreadable):
        raise Refused(UNREAD.format(subject=subject, why=edits.cause))
    history = History(
        comments=await here.hand.comments(number), timeline=await here.hand.timeline(number),
        edits=edits,
    )  # fmt: skip
    facts = IssueFacts(
        repo=here.facts.repo, issue=issue, history=history, roles={}, fleet=Fleet(frozenset()),
        now=now, policy=rules,
    )  # fmt: skip
    facts = await _with_roles(here, facts, history)
    text = read_until(facts, history)
    reserve = int(policy.budget.issue * 1_000_000) if policy is not None else 0
    found = Reading(subject, facts, text, reserve, note, here.pages)
    _would_count(here, found, history)
    return found


async def _policy(here: Here) -> tuple[Policy | None, str]:
    head = here.facts.head_sha
    text = await here.hand.file(FILE, ref=head) if head else None
    try:
        return parse(text), ""
    except BadInput:
        return None, BROKEN.format(file=FILE)


async def _with_roles(here: Here, facts: IssueFacts, history: History) -> IssueFacts:
    """The live roles of everybody whose role decides what is in the text."""
    known = known_actors(facts) | {here.me.user_id: here.actor}
    roles: dict[int, Role | Unreadable] = {}
    for each in readers_of_note(facts, history) | who_matters(facts) | {here.me.user_id}:
        role = await here.hand.role(known[each])
        roles[each] = Role(role.name) if isinstance(role, ForgeRole) else Unreadable(role.cause)
    return replace(facts, roles=roles)


def _would_count(here: Here, reading: Reading, history: History) -> None:
    """The gatekeeper's own decision, over the issue with the comment that would be written."""
    facts = reading.facts
    last = max((each.id for each in history.comments), default=0)
    comment = Comment(
        id=last + 1, number=facts.issue.number, author=here.actor, body=reading.command,
        created_at=facts.now, updated_at=facts.now,
    )  # fmt: skip
    later = replace(history, comments=(*history.comments, comment))
    decision: Decision = decide(replace(facts, history=later))
    if isinstance(decision, Approve):
        return
    why = "it names another text"
    if isinstance(decision, Nothing) and decision.reasons:
        why = decision.reasons[-1].text
    elif isinstance(decision, Undecided):
        why = decision.cause
    raise Refused(WOULD_NOT_COUNT.format(subject=reading.subject, why=why))
