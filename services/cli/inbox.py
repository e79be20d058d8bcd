"""`gatefleet inbox`."""

from services.cli.options import AsJson, Console, State, state_folder
from services.cli.status import print_json


def inbox(as_json: AsJson = False, state: State = None, console: Console = None) -> None:
    """Show only what waits for you, oldest first, each with the words that continue it and the page.

    Example: gatefleet inbox
    """
    from services.cli.items import items
    from services.cli.page import Page
    from services.cli.reading import source
    from shared.clock import SystemClock

    with source(state_folder(state), console) as found:
        answer = found.answers.inbox()
        if as_json:
            print_json(answer.model_dump(mode="json"), found)
            return
        page = Page()
        items(page, answer, found, SystemClock().now())
        page.show()
