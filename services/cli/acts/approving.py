"""Approving: the text is shown, the person is asked, and its digest is sent if it is still the same."""

import asyncio
import sys
from pathlib import Path

from services.cli.acts.acting import Said, answered, quiet
from services.cli.acts.hearing import ear
from services.cli.acts.issue_text import Reading, read_issue
from services.cli.page import Page
from services.cli.person import at_forge
from services.console.shapes import IssueAnswer
from shared.clock import Clock, SystemClock
from shared.errors import Refused
from shared.lifecycle import IssueState

ASK = "May an agent work on exactly this text? [y/N] "
NO_TERMINAL = (
    "no terminal to ask on: read it with `gatefleet approve {number}` on one, or add --yes"
)
LEFT = "left as it is; nothing was sent"
CHANGED = (
    "{subject}: the text changed after it was shown ({old} → {new}); nothing was sent; read it anew"
)
ALREADY = "{subject}: {who} approved exactly this text already; nothing was sent"
ENDED = frozenset({IssueState.PROPOSED, IssueState.REVOKED, IssueState.DECLINED, IssueState.CLOSED})
"""Where no approval lives."""


def run(
    state: Path, number: int, *, yes: bool, wait: bool, as_json: bool, is_terminal: bool
) -> int:
    """Show, ask, send, wait. Answers the exit code. The person may take their time: nothing is held."""
    quiet()
    clock = SystemClock()
    if not yes and not is_terminal:
        raise Refused(NO_TERMINAL.format(number=number))
    shown = asyncio.run(_show(state, number, clock))
    if not as_json or not yes:
        page = Page(sys.stderr if as_json else sys.stdout)
        shown.paint(page)
        page.show()
    if not yes and not _agreed():
        print(LEFT, file=sys.stderr)
        return 1
    said = asyncio.run(_send(state, number, shown, clock, wait=wait))
    return said.show(as_json=as_json)


def _agreed() -> bool:
    """One key and Enter; the end of input is a no."""
    print(ASK, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


async def _show(state: Path, number: int, clock: Clock) -> Reading:
    async with at_forge(state, "approve", clock) as here:
        return await read_issue(here, number, clock.now())


async def _send(state: Path, number: int, shown: Reading, clock: Clock, *, wait: bool) -> Said:
    async with at_forge(state, "approve", clock) as here:
        now = await read_issue(here, number, clock.now())
        if now.text.digest != shown.text.digest:
            old, new = shown.text.digest[:16], now.text.digest[:16]
            raise Refused(CHANGED.format(subject=now.subject, old=old, new=new))
        async with ear(here.running, clock) as listening:
            known = await listening.issue(number) if listening is not None else None
        if known is not None and (who := _approved(known, now.text.digest)) is not None:
            done = ALREADY.format(subject=now.subject, who=who)
            return Said(done, {"issue": number, **now.as_json(), "comment": None})

        async def act() -> Said:
            made = await here.hand.say(number, now.command)
            fields: dict[str, object] = {
                "issue": number, **now.as_json(), "comment": made.id,
                "source": f"comment:{made.id}", "said": now.command,
            }  # fmt: skip
            return Said(f"{now.subject}: {here.me.login} commented {now.command}", fields)

        return await answered(here, number, act, wait=wait, clock=clock)


def _approved(known: IssueAnswer, digest: str) -> str | None:
    """Who approved exactly this text, if that approval lives."""
    approval = known.approval
    if approval is None or known.issue.state in ENDED or approval.digest != digest:
        return None
    return approval.by
