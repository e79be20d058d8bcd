"""`gatefleet log`."""

from typing import Annotated

import typer

from services.cli.options import AsJson, Console, Issue, State, state_folder

FOLLOW_HELP = "Go on as things happen, until Ctrl-C or until the fleet stops."
JSON_LINES_HELP = "Print one JSON object; with --follow one a line."
NOTHING_RUNS = "nothing runs, so there is nothing to follow; `gatefleet up` starts the fleet"


def log(
    number: Issue,
    follow: Annotated[bool, typer.Option("--follow", "-f", help=FOLLOW_HELP)] = False,
    as_json: AsJson = False,
    state: State = None,
    console: Console = None,
) -> None:
    """Tell the story of an issue: who did what, when.

    Example: gatefleet log 7 --follow
    """
    from services.cli.reading import source
    from services.cli.status import print_json
    from services.cli.stories import Storyteller
    from shared.clock import SystemClock
    from shared.errors import Refused

    with source(state_folder(state), console) as found:
        if follow and found.client is None:
            raise Refused(NOTHING_RUNS)
        story = found.answers.log(number)
        if as_json and not follow:
            print_json(story.model_dump(mode="json"), found)
            return
        teller = Storyteller(SystemClock(), as_json=as_json)
        teller.begin(story, found)
        if follow and found.client is not None:
            teller.follow(story, found.client)
