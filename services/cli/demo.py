"""`gatefleet demo`."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from services.demo.options import Options, SandboxChoice

NOT_DONE = "gatefleet demo: {why}"
REPO = "A local git repository; it is cloned and never written to. Without it: the bundled sample."
SANDBOX = (
    "Where tools and tests run. auto: bubblewrap, and process for the sample alone where bubblewrap "
    "does not work; process does not isolate."
)
LIMIT = "Give up when the loop still moves after this many seconds; time to answer is not counted."


def demo(  # noqa: PLR0913 - its parameters are the command's options
    repo: Annotated[Path | None, typer.Option(help=REPO)] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Play the person at both gates.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object last; progress goes to stderr.")
    ] = False,
    keep: Annotated[
        Path | None, typer.Option(help="Keep forge, fleet and log in this new folder.")
    ] = None,
    sandbox: Annotated[SandboxChoice, typer.Option(help=SANDBOX)] = "auto",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the pages; 0 is any free one.")
    ] = 0,
    limit: Annotated[float, typer.Option(min=1, help=LIMIT)] = 900.0,
) -> None:
    """Run the whole loop on one machine: no account, no key, no broker, no Docker.

    pm-agent proposes issues, you approve, dev-agent implements in a sandbox, the gatekeeper opens pull
    requests, qa-agent reviews, you merge. Agents never merge. On a terminal it asks you at both gates
    and then serves its pages until Ctrl-C.
    """
    from services.demo.running import run_demo  # the whole fleet: not for `gatefleet --help`

    options = Options(repo, yes, as_json, keep, sandbox, port, limit)
    output = sys.stderr if as_json else sys.stdout
    result = asyncio.run(run_demo(options, is_terminal=sys.stdin.isatty() and output.isatty()))
    if as_json:
        print(json.dumps(result.as_json(), indent=2))
    if result.code:
        print(NOT_DONE.format(why=result.line()), file=sys.stderr)
    raise typer.Exit(result.code)
