"""The `command` engine: any command lines, one after the other, in the sandbox.

The default is a fixer that everybody has: `ruff check --fix` and `ruff format`. A revision may run
other lines; by default the same fixer, allowed to do more.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from shared.engines.placeholders import CommandLine, Template, fill, parse
from shared.engines.port import End, EngineResult, Progress, Task, Usage
from shared.errors import BadInput, Missing
from shared.policy.units import write_duration
from shared.sandbox.port import NOT_FOUND, TAIL_BYTES, Command, Finished, Sandbox
from shared.sandbox.supervise import last_line
from shared.sandbox.tools import python_tool, tool_environment

# ruff check exits 1 when findings remain, which is no failure of the fixer.
DEFAULT_FIRST: tuple[CommandLine, ...] = (
    {"run": "ruff check --fix --quiet {paths}", "ok": [0, 1]},
    "ruff format --quiet {paths}",
)
DEFAULT_REVISE: tuple[CommandLine, ...] = (
    {"run": "ruff check --fix --unsafe-fixes --quiet {paths}", "ok": [0, 1]},
    "ruff format --quiet {paths}",
)
DEFAULT_IDLE = timedelta(minutes=5)

OWN_TOOLS = ("python", "ruff", "pytest", "mypy")
"""As first word of a line they mean the fleet's own."""

NO_LINES = "engine command: there is no command line; give at least one, or leave the key out"
RUNNING = "running {short} ({number} of {count})"
DONE = "ran {}"
NO_COMMAND = (
    "engine command '{program}' does not exist in the sandbox; "
    "name a program that is installed there, or mend the engine's command lines in the policy"
)
FAILED = "engine command '{short}' ended with exit code {code}: {last}"
STOPPED = "engine command '{short}' was stopped: {why}"
WHY = {
    "timed_out": "the time for the run, {timeout}, was up",
    "idle": "it wrote nothing for {idle}",
    "output_limit": "it wrote more than {limit} bytes",
    "out_of_memory": "it used more memory than it may",
    "killed": "it was killed",
}
_ENDS: dict[str, End] = {
    "timed_out": "timed_out",
    "idle": "idle",
    "output_limit": "output_limit",
    "out_of_memory": "out_of_memory",
    "killed": "failed",
}


class CommandEngine:
    """Runs its lines in order and stops at the first that fails."""

    name = "command"
    model: str | None = None

    def __init__(
        self,
        first: Sequence[CommandLine] | None = None,
        *,
        revise: Sequence[CommandLine] | None = None,
        idle: timedelta = DEFAULT_IDLE,
    ) -> None:
        """`first` for the first round, `revise` for later ones: left out, it is `first` where that
        was given, else the default. Raises BadInput for a line that cannot be."""
        if revise is None:
            revise = DEFAULT_REVISE if first is None else first
        self._first = _parse_all(DEFAULT_FIRST if first is None else first)
        self._revise = _parse_all(revise)
        self._idle = idle

    async def work(
        self,
        task: Task,
        *,
        sandbox: Sandbox,
        workspace: Path,
        timeout: timedelta,  # noqa: ASYNC109 - held by the sandbox, on its clock
        on_progress: Progress,
    ) -> EngineResult:
        """See `Engine.work`."""
        templates = self._first if task.round <= 1 else self._revise
        left = timeout
        log = bytearray()
        with _prompt_file(task, workspace.parent) as prompt:
            for number, template in enumerate(templates, start=1):
                on_progress(
                    RUNNING.format(short=template.short, number=number, count=len(templates))
                )
                argv = fill(template, task, prompt=str(prompt))
                try:
                    command = _command(
                        argv, workspace, prompt=prompt, timeout=left, idle=self._idle
                    )
                except Missing as missing:
                    return EngineResult("failed", str(missing), usage=Usage(), log=bytes(log))
                finished = await sandbox.run(command)
                log += f"$ {template.shown}\n".encode() + finished.output
                del log[:-TAIL_BYTES]
                if failure := _failure(template, finished, command=command, timeout=timeout):
                    return EngineResult(*failure, usage=Usage(), log=bytes(log))
                left = max(left - timedelta(seconds=finished.seconds), timedelta(0))
        ran = "; ".join(template.short for template in templates)
        return EngineResult("done", DONE.format(ran), usage=Usage(), log=bytes(log))


def _parse_all(lines: Sequence[CommandLine]) -> tuple[Template, ...]:
    if isinstance(lines, str):
        lines = (lines,)
    if not lines:
        raise BadInput(NO_LINES)
    return tuple(parse(line) for line in lines)


@contextmanager
def _prompt_file(task: Task, beside: Path) -> Iterator[Path]:
    """The task's words in a file outside the workspace: they must not become part of the change.

    Beside it, not in the system's folder: with the workspace it is swept, whatever was killed.
    """
    with tempfile.TemporaryDirectory(prefix="gatefleet-prompt-", dir=beside) as folder:
        Path(folder).chmod(0o755)  # read inside by a user that is not ours
        prompt = Path(folder) / "task.md"
        parts = [f"# {task.title}", task.text]
        if task.findings:
            parts += ["## What the review asked for", task.findings]
        prompt.write_text("\n\n".join(parts) + "\n", encoding="utf-8", errors="replace")
        prompt.chmod(0o644)
        yield prompt


def _command(
    argv: tuple[str, ...], workspace: Path, *, prompt: Path, timeout: timedelta, idle: timedelta
) -> Command:
    """What the sandbox runs. Raises Missing for a tool of ours that is not installed."""
    env, folders = tool_environment()
    if argv[0] in OWN_TOOLS:
        argv = (*python_tool(argv[0]), *argv[1:])
    return Command(
        argv=argv,
        workspace=workspace,
        timeout=timeout,
        env=env,
        idle_timeout=idle,
        read_only=(*folders, prompt.parent),
    )


def _failure(
    template: Template, finished: Finished, *, command: Command, timeout: timedelta
) -> tuple[End, str] | None:
    """The end and its words, unless the line did what it should."""
    if finished.ended != "exited":
        why = finished.reason or WHY[finished.ended].format(
            timeout=write_duration(timeout),
            idle=write_duration(command.idle_timeout or timeout),
            limit=command.output_limit_bytes,
        )
        return _ENDS[finished.ended], STOPPED.format(short=template.short, why=why)
    if finished.exit_code in template.ok:
        return None
    if finished.exit_code == NOT_FOUND and finished.reason:
        return "failed", NO_COMMAND.format(program=template.arguments[0])
    last = last_line(finished.output)
    return "failed", FAILED.format(short=template.short, code=finished.exit_code, last=last)
