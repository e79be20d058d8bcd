"""`gatefleet propose`."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import SANDBOX_HELP, AsJson, State, state_folder
from services.demo.options import SandboxChoice

FOCUS_HELP = "What to look at first: a finder, a rule or a path."
DRY_HELP = "Look at the git repository in this folder, print what would be proposed, write nothing."
REPO_HELP = "With --dry-run: another local git repository."


def propose(
    focus: Annotated[str, typer.Option(help=FOCUS_HELP)] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=DRY_HELP)] = False,
    repo: Annotated[Path | None, typer.Option(help=REPO_HELP)] = None,
    sandbox: Annotated[SandboxChoice, typer.Option(help=SANDBOX_HELP)] = "auto",
    as_json: AsJson = False,
    state: State = None,
) -> None:
    """Have pm-agent look at the repository now, and print what came of it.

    Asks the fleet that runs, which keeps its limits: it can ask for work, and opens no gate. With
    --dry-run nothing is asked and nothing is written: the finders look at a copy of the last commit.

    Example: gatefleet propose --focus src/parser
    """
    from services.cli.acts.proposing import ask, show_dry

    if repo is not None and not dry_run:
        raise typer.BadParameter("--repo: is for --dry-run; name the fleet with --state")
    if dry_run:
        folder = (repo or Path.cwd()).expanduser()
        raise typer.Exit(show_dry(folder, focus, sandbox, as_json=as_json))
    raise typer.Exit(ask(state_folder(state), focus, as_json=as_json))
