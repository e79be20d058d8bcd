"""`gatefleet why`."""

from services.cli.options import AsJson, Console, Issue, State, state_folder
from services.cli.status import print_json

LINE = "#{number} {state}: {why}; {next}"
PULL = "#{asked} is the pull request of "
AS_OF = " (nothing runs; as of {at})"


def why(
    number: Issue, as_json: AsJson = False, state: State = None, console: Console = None
) -> None:
    """Say in one line why an issue stands where it stands, and the words that continue it.

    Example: gatefleet why 7
    """
    from services.cli.page import Page, plain
    from services.cli.reading import source
    from services.cli.wording import clock
    from shared.clock import SystemClock

    with source(state_folder(state), console) as found:
        answer = found.answers.issue(number)
        issue = answer.issue
        if as_json:
            keys = {"number", "state", "why", "next", "waits_for_person", "place"}
            print_json(issue.model_dump(mode="json", include=keys), found)
            return
        line = LINE.format(
            number=issue.number, state=issue.state_in_words, why=plain(issue.why),
            next=plain(issue.next),
        )  # fmt: skip
        before = PULL.format(asked=number) if number != issue.number else ""
        after = ""
        if found.running is None and found.as_of is not None:
            after = AS_OF.format(at=clock(found.as_of, SystemClock().now()))
        page = Page()
        page.line(f"{before}{line}{after}")
        page.show()
