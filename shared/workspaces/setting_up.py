"""Makes a fresh work tree ready by the policy's `setup` commands."""

import shlex
from datetime import timedelta
from pathlib import Path

from shared.checkers.outcome import last_line, stopped
from shared.engines.command import OWN_TOOLS
from shared.errors import Missing
from shared.policy import CommandLine, Policy
from shared.sandbox import Command, Finished, Sandbox, python_tool, tool_environment
from shared.workspaces.naming import readable

NOT_THERE = "setup: `{command}` does not exist in the sandbox; mend `setup:` in .gatefleet.yml"
STOPPED = "setup: {why}; mend `setup:` or limits.setup_timeout in .gatefleet.yml"
FAILED = "setup: `{command}` ended with exit code {code}: {last}; mend `setup:` in .gatefleet.yml"
NO_TIME = "setup: no time was left for `{command}`; raise limits.setup_timeout in .gatefleet.yml"
NO_OUTPUT = "no output"

SHOWN = 100


async def set_up(sandbox: Sandbox, folder: Path, policy: Policy) -> str | None:
    """Run the commands in order, within `limits.setup_timeout` together.

    None when `folder` is ready, else why not, in one line. Raises what the sandbox raises.
    """
    left = policy.limits.setup_timeout
    for line in policy.setup:
        if left <= timedelta(0):
            return NO_TIME.format(command=shown(line))
        try:
            command = _command(line, folder, left)
        except Missing as missing:
            return str(missing)
        finished = await sandbox.run(command)
        if (why := _failure(line, finished)) is not None:
            return why
        left -= timedelta(seconds=finished.seconds)
    return None


def shown(line: CommandLine) -> str:
    """A command for people: one line, at most 100 characters."""
    words = readable(" ".join(shlex.join(line.run).split()))
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 1]}…"


def _command(line: CommandLine, folder: Path, left: timedelta) -> Command:
    environment, folders = tool_environment()
    argv = line.run
    if argv[0] in OWN_TOOLS:
        argv = (*python_tool(argv[0]), *argv[1:])
    return Command(argv, folder, left, env=environment, read_only=folders)


def _failure(line: CommandLine, finished: Finished) -> str | None:
    name = shown(line)
    if finished.ended == "exited" and finished.exit_code in line.ok:
        return None
    if (end := stopped(finished, f"`{name}`")) is not None:
        no_tool = end.kind == "no_tool"
        return NOT_THERE.format(command=name) if no_tool else STOPPED.format(why=end.why)
    last = last_line(finished.output) or NO_OUTPUT
    return FAILED.format(command=name, code=finished.exit_code, last=last)
