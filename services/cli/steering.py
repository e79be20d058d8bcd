"""`gatefleet pause`, `cancel` and `retry`: the work on one issue. `resume N` is in `stop.py`."""

from pathlib import Path

import typer

from services.cli.options import AsJson, Issue, NoWait, State, state_folder


def pause(
    number: Issue, no_wait: NoWait = False, as_json: AsJson = False, state: State = None
) -> None:
    """Let the work on issue N rest until `gatefleet resume N`; what runs for it ends.

    Sends the comment `/gatefleet pause` with your own token.

    Example: gatefleet pause 7
    """
    raise typer.Exit(steer("pause", number, state, as_json=as_json, wait=not no_wait))


def cancel(
    number: Issue, no_wait: NoWait = False, as_json: AsJson = False, state: State = None
) -> None:
    """End what runs for issue N, until `gatefleet retry N`. Its approval stays.

    Sends the comment `/gatefleet cancel` with your own token.

    Example: gatefleet cancel 7
    """
    raise typer.Exit(steer("cancel", number, state, as_json=as_json, wait=not no_wait))


def retry(
    number: Issue, no_wait: NoWait = False, as_json: AsJson = False, state: State = None
) -> None:
    """Do once more what ended last for issue N; one more round where all were used up.

    Sends the comment `/gatefleet retry` with your own token.

    Example: gatefleet retry 7
    """
    raise typer.Exit(steer("retry", number, state, as_json=as_json, wait=not no_wait))


def steer(word: str, number: int, state: Path | None, *, as_json: bool, wait: bool) -> int:
    """Comment `/gatefleet WORD` as the person, and print what came of it. Answers the exit code."""
    from services.cli.acts.commenting import run

    return run(word, number, state_folder(state), as_json=as_json, wait=wait)
