"""The subcommands, each in a file of its own, and how each end becomes one line and an exit code."""

import io
import sys
from collections.abc import Callable, Mapping, Sequence

import typer

from services.cli.approve import approve
from services.cli.bus.commands import bus
from services.cli.dead import dead
from services.cli.decline import decline
from services.cli.demo import demo
from services.cli.inbox import inbox
from services.cli.link import link
from services.cli.log import log
from services.cli.messages import messages
from services.cli.propose import propose
from services.cli.publish import publish
from services.cli.run import run_service
from services.cli.status import status
from services.cli.steering import cancel, pause, retry
from services.cli.stop import resume, stop
from services.cli.tail import tail
from services.cli.tick import tick
from services.cli.topology import topology
from services.cli.up import up
from services.cli.version import show_version
from services.cli.why import why
from services.demo.stopping import Stopped
from shared.errors import BadInput, GatefleetError

FAILED, BAD_ARGUMENTS = 1, 2
ABOUT = "An autonomous development loop around a repository, with two gates that people keep."
EXIT_CODES = (
    "Exit codes: 0 done, 1 not done (the last line says why), 2 bad arguments, 130 stopped."
)
SAID = "gatefleet: {what}"
VALID = "gatefleet: {what} `{command} --help` lists what is valid."

# Its exceptions are named by nothing public but this one, and move between versions.
_UsageError: type[Exception] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    name="gatefleet", help=ABOUT, epilog=EXIT_CODES, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)  # fmt: skip
GROUPS: Mapping[str, tuple[Callable[..., None], ...]] = {
    "Running it": (demo, up, tick, run_service, link),
    "Looking": (status, inbox, why, log),
    "Deciding": (approve, decline, propose),
    "Steering": (pause, resume, cancel, retry, stop),
    "The bus": (publish, tail, messages, dead, topology),
}
"""What people come for, as the help has it."""
for group, members in GROUPS.items():
    for member in members:
        name = "run" if member is run_service else None
        app.command(name, epilog=EXIT_CODES, rich_help_panel=group)(member)
app.add_typer(bus, rich_help_panel="The bus")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: bool = typer.Option(
        False, "--version", callback=show_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Without a command there is only help to give."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(BAD_ARGUMENTS)


def run(arguments: Sequence[str]) -> int:
    """Run the command; whatever is wrong ends in plain words on stderr. Answers the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may not know every character
            stream.reconfigure(errors="replace")
    try:
        code = app(list(arguments), prog_name="gatefleet", standalone_mode=False)
    except Stopped as stopped:
        return stopped.code
    except _UsageError as error:
        return _say(_wrong(error), BAD_ARGUMENTS)
    except BadInput as error:
        return _say(_each(error), BAD_ARGUMENTS)
    except BrokenPipeError:  # whoever read it has seen enough: `| head`
        return 0
    except (GatefleetError, OSError) as error:
        return _say(_each(error), FAILED)
    return code if isinstance(code, int) else 0


def _wrong(error: Exception) -> str:
    """What the command line has wrong, in one line."""
    words = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "gatefleet"
    line = " ".join(words.replace("Value error, ", "").split())
    return VALID.format(what=f"{line.rstrip('.')};", command=command)


def _each(error: Exception) -> str:
    """One line for each thing that is wrong: a broken policy may have several."""
    return "\n".join(SAID.format(what=line) for line in str(error).splitlines() if line.strip())


def _say(words: str, code: int) -> int:
    print(words, file=sys.stderr)
    return code
