"""Asking pm-agent to look now, or looking oneself without writing anything."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Literal

from services.cli.acts.acting import quiet
from services.cli.acts.dry_run import look_here
from services.cli.acts.hearing import ear
from services.fleet.address import find
from shared.clock import SystemClock
from shared.errors import Refused

NOTHING_RUNS = (
    "{state}: nothing runs here that could look; start `gatefleet up`, run `gatefleet tick --propose`, "
    "or look yourself with --dry-run"
)
NO_ANSWER = "asked; no answer yet; `gatefleet status` tells what pm-agent does"
PROPOSED = "proposed {title}{issue}"
AS_ISSUE = " as #{number}"
ENDED = "pm-agent is done: {reason}"


def ask(state: Path, focus: str, *, as_json: bool) -> int:
    """Ask the fleet that runs, and print what came of it. Answers the exit code."""
    quiet()
    return asyncio.run(_ask(state, focus, as_json=as_json))


def show_dry(
    folder: Path, focus: str, sandbox: Literal["auto", "bubblewrap", "process"], *, as_json: bool
) -> int:
    """Print what would be proposed. Answers the exit code."""
    quiet()
    found = asyncio.run(look_here(folder, focus, sandbox))
    for line in [json.dumps(found.as_json(), indent=2)] if as_json else found.lines():
        print(line)
    return 0


async def _ask(state: Path, focus: str, *, as_json: bool) -> int:
    async with ear(find(state), SystemClock()) as listening:
        if listening is None:
            raise Refused(NOTHING_RUNS.format(state=state))
        answer = await listening.say("propose", {"focus": focus} if focus else {})
    if as_json:
        print(answer.model_dump_json(indent=2) if answer is not None else "null")
        return 0 if answer is not None and answer.run is not None else 1
    if answer is None:
        print(NO_ANSWER)
        return 0
    print(answer.answer, file=sys.stdout if answer.run is not None else sys.stderr)
    for each in answer.proposals:
        issue = AS_ISSUE.format(number=each.issue) if each.issue is not None else ""
        print(PROPOSED.format(title=each.title, issue=issue))
    if answer.run is None:
        return 1
    if not answer.proposals:
        print(ENDED.format(reason=answer.run.reason or answer.run.line))
    return 0
