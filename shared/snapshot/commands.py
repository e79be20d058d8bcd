"""What a comment commands: the exact grammar, and nothing found inside any other text.

A command is the whole comment, in ASCII, after one trailing newline was trimmed. There is no search
inside text and no folding of case or Unicode, so that quoting a manual, a fence or a hidden line
can never approve anything.
"""

import re
from dataclasses import dataclass
from typing import Literal

from shared.snapshot.invisible import visible

Command = Literal[
    "pause", "resume", "cancel", "retry", "propose", "answer", "decline", "why", "status", "help"
]

ARGUMENT_CHARACTERS = 500

_APPROVE = re.compile(r"/approve(?: ([0-9a-f]{16,64}))?", re.ASCII)
_UNAPPROVE = re.compile(r"/unapprove(?: [0-9a-f]{16,64})?", re.ASCII)
_PATHS = re.compile(r"/approve-paths ([0-9a-f]{40})", re.ASCII)
_GATEFLEET = re.compile(
    r"/gatefleet (?:(pause|resume|cancel|retry|why|status|help)|(answer)(?= ))"
    rf"(?: ([!-~](?:[ -~]{{0,{ARGUMENT_CHARACTERS - 1}}})))?",
    re.ASCII,
)
# What people say in their own language: shown and searched for, never obeyed as a word.
_IN_WORDS = re.compile(
    rf"/gatefleet (propose|decline)(?: ((?! )[^\r\n]{{1,{ARGUMENT_CHARACTERS}}}))?", re.ASCII
)
_ATTEMPT = re.compile(r"/(?:un)?approve(?:-paths)?\b|/gatefleet\b", re.IGNORECASE)


@dataclass(frozen=True)
class Approve:
    """`/approve`, or `/approve <16 to 64 hex digits of the digest>`."""

    digest: str | None = None


@dataclass(frozen=True)
class Unapprove:
    """`/unapprove`: whatever it names, it revokes."""


@dataclass(frozen=True)
class ApprovePaths:
    """`/approve-paths <40 hex digits>`: protected paths may change on exactly this head."""

    sha: str


@dataclass(frozen=True)
class Gatefleet:
    """`/gatefleet <command> [arguments]`; `answer` has arguments always. Those of `propose` and
    `decline` may be in any script."""

    command: Command
    arguments: str = ""


@dataclass(frozen=True)
class NotACommand:
    """Ordinary text. `looks_like`: it starts as a command would, so its writer may want a reply."""

    looks_like: bool = False


Parsed = Approve | Unapprove | ApprovePaths | Gatefleet | NotACommand


def parse(body: str) -> Parsed:
    """The command that `body` is, whole; everything else is `NotACommand`."""
    line = body.removesuffix("\n")
    if found := _APPROVE.fullmatch(line):
        return Approve(found[1])
    if _UNAPPROVE.fullmatch(line):
        return Unapprove()
    if found := _PATHS.fullmatch(line):
        return ApprovePaths(found[1])
    if (found := _IN_WORDS.fullmatch(line)) and _is_plain(found[2] or ""):
        return Gatefleet(found[1], found[2] or "")  # type: ignore[arg-type] # the pattern names only commands
    if (found := _GATEFLEET.fullmatch(line)) and (found[1] or found[3]):
        return Gatefleet(found[1] or found[2], found[3] or "")  # type: ignore[arg-type] # the pattern names only commands
    return NotACommand(looks_like=_ATTEMPT.match(visible(body)[0].lstrip()) is not None)


def _is_plain(words: str) -> bool:
    """Everything in it can be seen, and it is one line."""
    return words.isprintable() and visible(words)[0] == words
