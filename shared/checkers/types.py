"""mypy, where the repository configures it and it is installed beside the fleet, in a sandbox."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ValidationError

from shared.checkers.configured import mypy_config
from shared.checkers.outcome import NotRun, last_line, stopped
from shared.errors import Missing
from shared.sandbox import Command, Sandbox, python_tool, tool_environment

NOT_CONFIGURED = "mypy is not configured at the top of the repository"
FAILED = "mypy could not check: {last}"
TIMEOUT = timedelta(minutes=5)

_UNRESOLVED = frozenset({"import-not-found", "import-untyped", "import"})
_FATAL = 2


@dataclass(frozen=True)
class TypeFinding:
    """One error that mypy reports."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        """`path:line: message [rule]`, as the tool prints it."""
        return f"{self.path}:{self.line}: {self.message} [{self.rule}]"


@dataclass(frozen=True)
class Types:
    """What mypy found. `unresolved`: imports that it could not follow here; not the code's fault."""

    findings: tuple[TypeFinding, ...]
    unresolved: tuple[str, ...] = ()


class _Reported(BaseModel):
    file: str
    line: int
    message: str
    code: str | None = None
    severity: str


async def run_mypy(
    sandbox: Sandbox,
    workspace: Path,
    paths: Sequence[str] = (),
    *,
    timeout: timedelta = TIMEOUT,  # noqa: ASYNC109 - the sandbox keeps it
) -> Types | NotRun:
    """What mypy reports for `paths`; without them, for what its configuration names, else all.

    Raises what the sandbox raises.
    """
    config = await asyncio.to_thread(mypy_config, workspace)
    if config is None:
        return NotRun("not_configured", NOT_CONFIGURED)
    try:
        mypy = python_tool("mypy")
    except Missing as error:
        return NotRun("no_tool", str(error))
    name, says_what = config
    wanted = tuple(paths) or (() if says_what else (".",))
    environment, folders = tool_environment()
    command = Command(
        (*mypy, f"--config-file={name}", "--output=json", "--", *wanted),
        workspace,
        timeout,
        env=environment,
        read_only=folders,
        writable=False,
    )
    finished = await sandbox.run(command)
    if (end := stopped(finished, "mypy")) is not None:
        return end
    reported = _reported(finished.output)
    if finished.exit_code not in (0, 1) and not (finished.exit_code == _FATAL and reported):
        return NotRun("failed", FAILED.format(last=last_line(finished.output)))
    return _sorted(reported, sandbox.path(workspace))


def _reported(output: bytes) -> list[_Reported]:
    """One JSON object a line; other lines (a cut first one, warnings) are not findings."""
    reported = []
    for line in output.decode("utf-8", "replace").splitlines():
        if line.startswith("{"):
            try:
                reported.append(_Reported.model_validate_json(line))
            except ValidationError:
                continue
    return reported


def _sorted(reported: Sequence[_Reported], top: str) -> Types:
    findings, unresolved = set(), set()
    for one in reported:
        path = one.file.removeprefix(top.rstrip("/") + "/")
        if one.severity != "error" or path.startswith(("/", "..")):
            continue
        if one.code in _UNRESOLVED:
            unresolved.add(one.message)
        else:
            message = " ".join(one.message.split())
            findings.add(TypeFinding(path, one.line, one.code or "error", message))
    ordered = sorted(findings, key=lambda one: (one.path, one.line, one.rule, one.message))
    return Types(tuple(ordered), tuple(sorted(unresolved)))
