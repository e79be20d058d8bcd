"""`gatefleet tick`."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import PORT_HELP, REPO_HELP, SANDBOX_HELP, AsJson, State, state_folder
from services.demo.options import SandboxChoice
from shared.policy.units import read_duration

LIMIT = "End after this long, as `90s`, `50m` or `2h`; what still runs is resumed by the next tick."
PROPOSE = "Look for something to propose, beside what the policy's schedule says."
NOT_A_DURATION = "{given!r} {why}"


def duration(given: str | timedelta) -> timedelta:
    """`90s`, `50m`, `2h`: more than nothing."""
    try:
        found = read_duration(given)
    except ValueError as error:
        raise typer.BadParameter(NOT_A_DURATION.format(given=given, why=error)) from None
    if not found:
        raise typer.BadParameter(NOT_A_DURATION.format(given=given, why="is no time at all"))
    return found


def tick(  # noqa: PLR0913 - its parameters are the command's options
    limit: Annotated[
        timedelta, typer.Option(parser=duration, metavar="DURATION", help=LIMIT)
    ] = "50m",  # type: ignore[assignment]  # typer gives a default to the parser as well
    propose: Annotated[bool, typer.Option("--propose", help=PROPOSE)] = False,
    as_json: AsJson = False,
    repo: Annotated[Path | None, typer.Option(help=REPO_HELP)] = None,
    state: State = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help=PORT_HELP)] = 0,
    sandbox: Annotated[SandboxChoice, typer.Option(help=SANDBOX_HELP)] = "auto",
) -> None:
    """Run all services for one pass, until nothing moves, and end: for cron and CI jobs.

    On the same forge as `gatefleet up`. Prints what was done and how many things wait for you. Ends with
    1 and the reason where something has to wait.

    Example: gatefleet tick --limit 50m
    """
    from services.demo.preparing import name_of
    from services.fleet.living import Asked
    from services.fleet.passing import tick as let_pass
    from services.fleet.reaching import Wanted
    from services.fleet.settings import read_fleet
    from services.fleet.voice import Voice

    source = repo.expanduser().resolve() if repo is not None else None
    wanted = Wanted(name_of(source) if source is not None else None, source, port)
    asked = Asked("tick", state_folder(state), read_fleet(), wanted, sandbox, propose)
    done = asyncio.run(let_pass(asked, limit))
    voice = Voice()
    if as_json:
        voice.say(json.dumps(done.as_json(), indent=2))
    else:
        for line in done.lines():
            voice.say(line)
    raise typer.Exit(done.code)
