"""`gatefleet stop` and `gatefleet resume`: the kill switch, where a person can always put it."""

from typing import Annotated

import typer

from services.cli.options import AsJson, NoWait, State, state_folder
from services.cli.steering import steer

WHY_HELP = "Why, for whoever finds it stopped."
NUMBER_HELP = "Resume the work on this issue alone; without it the kill switch is taken away."


def stop(
    why: Annotated[list[str] | None, typer.Argument(metavar="WHY", help=WHY_HELP)] = None,
    as_json: AsJson = False,
    state: State = None,
) -> None:
    """Stop everything: the kill switch, by file and by label, as far as both can be reached.

    Works also while nothing runs. It says what it did, what not, and from when on nothing is written.

    Example: gatefleet stop looking at odd pull requests
    """
    from services.cli.acts.switching import stop_now

    words = " ".join(" ".join(why or ()).split())
    raise typer.Exit(stop_now(state_folder(state), words, as_json=as_json))


def resume(
    number: Annotated[
        int | None, typer.Argument(min=1, metavar="N", help=NUMBER_HELP, show_default=False)
    ] = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    state: State = None,
) -> None:
    """Take the kill switch away, file and label; or, with N, let the work on issue N go on.

    With N it sends the comment `/gatefleet resume` with your own token.

    Example: gatefleet resume
    """
    if number is not None:
        raise typer.Exit(steer("resume", number, state, as_json=as_json, wait=not no_wait))
    from services.cli.acts.switching import resume_now

    raise typer.Exit(resume_now(state_folder(state), as_json=as_json))
