"""The commands that are one comment: pause, resume, cancel and retry."""

import asyncio
from pathlib import Path

from services.cli.acts.acting import Said, answered, quiet
from services.cli.acts.issue_text import issue_of
from services.cli.person import at_forge
from shared.clock import Clock, SystemClock

DONE = "{subject}: {who} commented {body}"


def run(word: str, number: int, state: Path, *, as_json: bool, wait: bool) -> int:
    """Comment `/gatefleet WORD` as the person, and print what came of it. Answers the exit code."""
    quiet()
    said = asyncio.run(_comment(state, number, f"/gatefleet {word}", SystemClock(), wait=wait))
    return said.show(as_json=as_json)


async def _comment(state: Path, number: int, body: str, clock: Clock, *, wait: bool) -> Said:
    async with at_forge(state, "comment", clock) as here:
        await issue_of(here, number)
        await here.may_write()

        async def act() -> Said:
            made = await here.hand.say(number, body)
            done = DONE.format(subject=f"{here.facts.repo}#{number}", who=here.me.login, body=body)
            return Said(done, {
                "issue": number, "comment": made.id, "source": f"comment:{made.id}", "said": body,
            })  # fmt: skip

        return await answered(here, number, act, wait=wait, clock=clock)
