"""What a failed git process means for the caller, read from its exit and its last words.

GitFailed (TryLater)     the network, a timeout, a lock: the same call may go through later
GitRefused (Refused)     the other side, or a limit of ours, said no
GitBadInput (BadInput)   what was named is not there, or is not what it was said to be
"""

import re

from shared.errors import BadInput, GatefleetError, Refused, TryLater

AGAIN = "it is tried again"
LOOK_AT_CREDENTIAL = "look at the credential and what it may do"
LOOK_AT_NAME = "look at the address or the name"
_LINE_LENGTH = 300

_REFUSED = re.compile(
    r"authentication failed|could not read (username|password)|returned error: (401|403)"
    r"|permission to .* denied|remote rejected|hook declined|protected branch|not permitted"
    r"|write access to repository not granted|access denied|transport '.*' not allowed",
    re.IGNORECASE,
)
_NOT_THERE = re.compile(
    r"repository .* not found|returned error: 404|does not appear to be a git repository"
    r"|not a git repository|does not exist|unknown revision|bad revision|bad object|redirect"
    r"|not a valid (object|tree|commit)|unrelated histories|malformed object name",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_WORDS_OF_GIT = re.compile(r"^(?:remote: )?(?:fatal|error): ")


class GitFailed(TryLater):
    """The network, a time limit or a lock stood in the way; the same call may go through later."""


class GitRefused(Refused):
    """The other side refused, or one of our limits did."""


class GitBadInput(BadInput):
    """A repository, a revision or a value that was named is not there or not usable."""


class OutputTooLarge(GitRefused):
    """Git wrote more than the caller was ready to hold; the process was ended."""


def last_words(stderr: bytes) -> str:
    """The line of git's stderr that says most, without control characters, at most 300 long."""
    text = stderr.decode("utf-8", "replace")
    lines = [_CONTROL.sub(" ", line).strip() for line in text.splitlines()]
    telling = [line for line in lines if _WORDS_OF_GIT.match(line)] or [
        line for line in lines if line
    ]
    line = _WORDS_OF_GIT.sub("", telling[0]) if telling else "no reason given"
    return line[:_LINE_LENGTH]


def failure(subject: str, code: int, stderr: bytes) -> GatefleetError:
    """The typed error for a git process that ended with `code`. `subject` opens the message."""
    text = stderr.decode("utf-8", "replace")
    reason = last_words(stderr)
    if _REFUSED.search(text):
        return GitRefused(f"{subject}: {reason}; {LOOK_AT_CREDENTIAL}")
    if _NOT_THERE.search(text):
        return GitBadInput(f"{subject}: {reason}; {LOOK_AT_NAME}")
    return GitFailed(f"{subject}: {reason} (exit {code}); {AGAIN}")
