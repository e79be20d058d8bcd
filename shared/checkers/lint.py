"""ruff, with the repository's own configuration, in a sandbox."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.checkers import report_file
from shared.checkers.configured import configures_ruff
from shared.checkers.outcome import NotRun, last_line, stopped
from shared.errors import Missing
from shared.sandbox import Command, Finished, Sandbox, python_tool, tool_environment

FAILED = "ruff could not check: {last}"
BAD_REPORT = "ruff's report is not usable: {why}"
SYNTAX = "invalid-syntax"
TIMEOUT = timedelta(minutes=2)

_CHECK = ("--no-cache", "--no-fix", "--output-format=json", f"--output-file={report_file.LINT}")
_FORMAT = ("--no-cache", "--check", "--output-format=concise")

# Older and newer ruff say it differently; a name may hold a colon, so its end is looked for from behind.
_UNFORMATTED = re.compile(r"^Would reformat: (.+)$|^(.+):\d+:\d+: unformatted: ", re.MULTILINE)


@dataclass(frozen=True)
class LintFinding:
    """One thing that ruff reports. `fixable`: by `--fix`; `unsafe_fix`: by `--unsafe-fixes` too."""

    path: str
    line: int
    rule: str
    message: str
    fixable: bool = False
    unsafe_fix: bool = False

    def __str__(self) -> str:
        """`path:line: RULE message`, as the tool prints it."""
        return f"{self.path}:{self.line}: {self.rule} {self.message}"


@dataclass(frozen=True)
class Lint:
    """What ruff found, by path and line, and the files that its formatter would change."""

    findings: tuple[LintFinding, ...]
    unformatted: tuple[str, ...] = ()


class _Location(BaseModel):
    row: int


class _Fix(BaseModel):
    applicability: str


class _Reported(BaseModel):
    code: str | None
    filename: str
    location: _Location
    message: str
    fix: _Fix | None = None


_REPORT = TypeAdapter(list[_Reported])


async def run_ruff(
    sandbox: Sandbox,
    workspace: Path,
    paths: Sequence[str] = (".",),
    *,
    timeout: timedelta = TIMEOUT,  # noqa: ASYNC109 - the sandbox keeps it
    formatting: bool = False,
) -> Lint | NotRun:
    """What `ruff check` reports in `paths` (files or folders, from the top of the workspace).

    Files that the repository's configuration leaves out stay out. `formatting` asks
    `ruff format --check` too. Raises what the sandbox raises.
    """
    if not paths:
        return Lint(())
    try:
        ruff = python_tool("ruff")
    except Missing as error:
        return NotRun("no_tool", str(error))
    # Without a configuration of its own a repository is not judged by one of a folder above it.
    own = await asyncio.to_thread(configures_ruff, workspace)
    scope = ("--force-exclude", *(() if own else ("--isolated",)), "--", *paths)
    found = await _check(sandbox, workspace, (*ruff, "check", *_CHECK, *scope), timeout)
    if isinstance(found, NotRun) or not formatting:
        return found
    formatted = await _run(sandbox, workspace, (*ruff, "format", *_FORMAT, *scope), timeout)
    return _failed(formatted) or replace(found, unformatted=_unformatted(formatted.output))


async def _check(
    sandbox: Sandbox, workspace: Path, argv: tuple[str, ...], limit: timedelta
) -> Lint | NotRun:
    await asyncio.to_thread(report_file.clear, workspace, report_file.LINT)
    checked = await _run(sandbox, workspace, argv, limit)
    reports = await asyncio.to_thread(report_file.take, workspace, report_file.LINT)
    if (why := _failed(checked)) is not None:
        return why
    if isinstance(reports, str) or not reports:
        return NotRun("no_report", BAD_REPORT.format(why=reports or "there is none"))
    try:
        reported = _REPORT.validate_json(reports[0])
    except ValidationError as error:
        return NotRun("no_report", BAD_REPORT.format(why=f"{error.error_count()} fields are odd"))
    return Lint(_findings(reported, sandbox.path(workspace), workspace))


async def _run(
    sandbox: Sandbox, workspace: Path, argv: tuple[str, ...], limit: timedelta
) -> Finished:
    environment, folders = tool_environment()
    return await sandbox.run(Command(argv, workspace, limit, env=environment, read_only=folders))


def _failed(finished: Finished) -> NotRun | None:
    """0: nothing found, 1: something found, anything else: ruff itself gave up."""
    if (end := stopped(finished, "ruff")) is not None:
        return end
    if finished.exit_code in (0, 1):
        return None
    return NotRun("failed", FAILED.format(last=_cause(finished.output)))


def _cause(output: bytes) -> str:
    """ruff's own reason: its first `Cause:` line and its last line, where the detail stands."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines()]
    cause = next((line.removeprefix("Cause: ") for line in lines if line.startswith("Cause: ")), "")
    last = last_line(output)
    return f"{cause[:300]}: {last}" if cause and cause != last else last


def _findings(reported: Sequence[_Reported], top: str, workspace: Path) -> tuple[LintFinding, ...]:
    tops = (top.rstrip("/") + "/", f"{workspace.resolve()}/")
    findings = (
        LintFinding(
            path=next((at.filename.removeprefix(t) for t in tops if at.filename.startswith(t)), ""),
            line=at.location.row,
            rule=at.code or SYNTAX,
            message=" ".join(at.message.split()),
            fixable=at.fix is not None and at.fix.applicability == "safe",
            unsafe_fix=at.fix is not None and at.fix.applicability == "unsafe",
        )
        for at in reported
    )
    inside = [finding for finding in findings if finding.path]
    return tuple(sorted(inside, key=lambda one: (one.path, one.line, one.rule, one.message)))


def _unformatted(output: bytes) -> tuple[str, ...]:
    matches = _UNFORMATTED.finditer(output.decode("utf-8", "replace"))
    return tuple(sorted({match[1] or match[2] for match in matches}))
