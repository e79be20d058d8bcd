"""`gatefleet status`."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import AsJson, Console, State, state_folder

if TYPE_CHECKING:
    from services.cli.reading import Source

ALL_HELP = "All issues: those that nobody put forward, and all that were ever done."
NUMBER_HELP = "Only this issue, or the one that this pull request is for."
RUNNING = "running"


def status(
    number: Annotated[
        int | None, typer.Argument(min=1, metavar="[N]", help=NUMBER_HELP, show_default=False)
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=ALL_HELP)] = False,
    as_json: AsJson = False,
    state: State = None,
    console: Console = None,
) -> None:
    """Show where each issue stands, what it waits for and what it has cost.

    Asks the fleet that runs; when nothing runs, reads what it left and says as of when.

    Example: gatefleet status
    """
    from services.cli.page import Page
    from services.cli.reading import source
    from services.cli.sheet import sheet
    from shared.clock import SystemClock

    with source(state_folder(state), console) as found:
        now = SystemClock().now()
        if number is not None:
            answer = found.answers.issue(number)
            if as_json:
                print_json(answer.model_dump(mode="json"), found)
                return
            page = Page()
            sheet(page, answer, found, now)
            page.show()
            return
        if as_json:
            whole = found.answers.status(everything=everything)
            print_json(whole.model_dump(mode="json"), found)
            return
        _show_all(found, now, everything=everything)


def _show_all(found: "Source", now: datetime, *, everything: bool) -> None:
    from services.cli.overview import overview
    from services.cli.page import Page
    from services.cli.wording import first_line, troubles

    answer = found.answers.status(everything=everything)
    page = Page()
    page.line(first_line(answer.repository, answer.waiting, found.running, found.as_of, now))
    for trouble in troubles(answer.repository) if answer.repository else ():
        page.line(trouble, style="yellow")
    overview(page, answer.issues, now, everything=everything)
    page.show()


def print_json(answer: dict[str, object], found: "Source") -> None:
    """One object, with whether something runs beside what was asked."""
    from services.cli.page import Page

    running = found.running
    more = {RUNNING: running.model_dump(mode="json") if running is not None else None}
    page = Page()
    page.write(json.dumps(answer | more, indent=2, ensure_ascii=False))
    page.show()
