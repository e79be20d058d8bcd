"""`gatefleet approve`."""

import sys
from typing import Annotated

import typer

from services.cli.options import AsJson, Issue, NoWait, State, state_folder

YES_HELP = "Approve without asking; needed where there is no terminal to ask on."


def approve(
    number: Issue,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=YES_HELP)] = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    state: State = None,
) -> None:
    """Show exactly what an agent would read of issue N, ask, and approve it in your name.

    What is sent is the comment `/approve DIGEST`, with your own token: it names this text, and an edit
    ends it. Nothing is sent where the text changed meanwhile, or where your approval would not count.

    Example: gatefleet approve 7
    """
    from services.cli.acts.approving import run

    folder, is_terminal = state_folder(state), sys.stdin.isatty()
    code = run(folder, number, yes=yes, wait=not no_wait, as_json=as_json, is_terminal=is_terminal)
    raise typer.Exit(code)
