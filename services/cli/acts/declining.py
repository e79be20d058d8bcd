"""Declining: the reason as a comment, and the issue closed, both by the person."""

import asyncio
from pathlib import Path

from services.cli.acts.acting import Said, answered, quiet
from services.cli.acts.issue_text import issue_of
from services.cli.person import at_forge
from shared.clock import Clock, SystemClock

DONE = "{subject}: declined by {who}{why}; the issue is closed"
BECAUSE = ": {why}"


def run(state: Path, number: int, body: str, *, wait: bool, as_json: bool) -> int:
    """Decline with the comment `body`, and print what came of it. Answers the exit code."""
    quiet()
    said = asyncio.run(_decline(state, number, body, SystemClock(), wait=wait))
    return said.show(as_json=as_json)


async def _decline(state: Path, number: int, body: str, clock: Clock, *, wait: bool) -> Said:
    async with at_forge(state, "decline", clock) as here:
        await issue_of(here, number)
        await here.may_write()

        async def act() -> Said:
            made = await here.hand.say(number, body)
            await here.hand.close_issue(number)
            why = body.removeprefix("/gatefleet decline").strip()
            done = DONE.format(
                subject=f"{here.facts.repo}#{number}", who=here.me.login,
                why=BECAUSE.format(why=why) if why else "",
            )  # fmt: skip
            return Said(done, {
                "issue": number, "comment": made.id, "source": f"comment:{made.id}", "said": body,
                "why": why,
            })  # fmt: skip

        return await answered(here, number, act, wait=wait, clock=clock)
