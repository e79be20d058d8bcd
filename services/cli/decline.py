"""`gatefleet decline`."""

from typing import Annotated

import typer

from services.cli.options import AsJson, Issue, NoWait, State, state_folder
from shared.errors import BadInput
from shared.snapshot import Gatefleet, parse

WHY_HELP = "Why, in your words; shown on the issue."
NOT_WORDS = (
    "WHY: must be one line of at most 500 characters that can all be seen; say it more plainly"
)


def decline(
    number: Issue,
    why: Annotated[list[str] | None, typer.Argument(metavar="WHY", help=WHY_HELP)] = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    state: State = None,
) -> None:
    """Close issue N as declined; a proposal that was declined is not made again.

    Sends the comment `/gatefleet decline WHY` and closes the issue, with your own token. An approval
    that it had ends, and its pull request is closed.

    Example: gatefleet decline 7 "too large; split it"
    """
    words = " ".join(" ".join(why or ()).split())
    body = f"/gatefleet decline {words}".rstrip()
    if not isinstance(parse(body), Gatefleet):
        raise BadInput(NOT_WORDS)
    from services.cli.acts.declining import run

    raise typer.Exit(run(state_folder(state), number, body, wait=not no_wait, as_json=as_json))
