"""The text of an issue as an agent reads it, its digest, and the exact words that command."""

from shared.snapshot.brief import BriefError, read_brief, write_brief
from shared.snapshot.commands import (
    Approve,
    ApprovePaths,
    Gatefleet,
    NotACommand,
    Parsed,
    Unapprove,
    parse,
)
from shared.snapshot.digest import digest, take
from shared.snapshot.fence import fenced, neutralise, one_line
from shared.snapshot.sanitise import SANITISER, Sanitised, in_words, sanitise

__all__ = [
    "SANITISER",
    "Approve",
    "ApprovePaths",
    "BriefError",
    "Gatefleet",
    "NotACommand",
    "Parsed",
    "Sanitised",
    "Unapprove",
    "digest",
    "fenced",
    "in_words",
    "neutralise",
    "one_line",
    "parse",
    "read_brief",
    "sanitise",
    "take",
    "write_brief",
]
