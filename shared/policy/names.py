"""Text that must have a form: paths with wildcards, labels, roles, names of checks and findings."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from shared.policy.section import Kind

GLOB_LIMIT = 200
LABEL_LIMIT = 50  # GitHub's own
STATE_LABELS = "gatefleet:"
NOT_WRITERS = frozenset({"none", "read", "triage"})

GLOB_EMPTY = 'is empty; write a path such as "src/**", or remove the line'
GLOB_LONG = f"is longer than {GLOB_LIMIT} characters; shorten it"
GLOB_ROOT = 'starts with "/"; write paths from the top of the repository, such as "src/**"'
GLOB_NOT = 'starts with "!"; paths can be listed and not excepted, so list what is meant'
GLOB_UP = 'has a part "." or ".." or an empty one; write a plain path, such as "src/**"'
GLOB_BACKSLASH = 'has a backslash; separate folders with "/"'
ODD_CHARACTER = "has a character that cannot be seen; remove it"
LABEL_FORM = (
    f"is not a label; write 1 to {LABEL_LIMIT} characters without a comma, not ending in a space"
)
LABEL_OURS = f'starts with "{STATE_LABELS}", which the fleet uses to show states; choose another'
ROLE_WEAK = (
    "may not approve, because it cannot write to the repository; "
    "list write, maintain, admin or a custom role"
)
ROLE_FORM = "is not a role; write a role's name, such as maintain"


def _seen(value: str) -> None:
    if any(unicodedata.category(char)[0] == "C" for char in value):
        raise ValueError(ODD_CHARACTER)


def _glob(value: str) -> str:
    _seen(value)
    parts = value.removesuffix("/").split("/")
    for wrong, words in (
        (not value.strip(), GLOB_EMPTY),
        (len(value) > GLOB_LIMIT, GLOB_LONG),
        (value.startswith("!"), GLOB_NOT),
        (value.startswith("/"), GLOB_ROOT),
        ("\\" in value, GLOB_BACKSLASH),
        (any(part in {"", ".", ".."} for part in parts), GLOB_UP),
    ):
        if wrong:
            raise ValueError(words)
    return value


def _label(value: str) -> str:
    _seen(value)
    if value.lower().startswith(STATE_LABELS):
        raise ValueError(LABEL_OURS)
    if not value.strip() or value != value.strip() or len(value) > LABEL_LIMIT or "," in value:
        raise ValueError(LABEL_FORM)
    return value


def _role(value: str) -> str:
    _seen(value)
    if not value.strip() or value != value.strip() or len(value) > LABEL_LIMIT:
        raise ValueError(ROLE_FORM)
    if value.lower() in NOT_WRITERS:
        raise ValueError(ROLE_WEAK)
    return value


def _clean(value: str) -> str:
    _seen(value)
    return value


FINDING = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
EVENT = re.compile(r"custom(\.[a-z][a-z0-9_]{0,39}){1,4}")  # as the messages have it
FINDING_FORM = "is not the name of a finding; write it as the doctor does, such as protection.none"
EVENT_FORM = (
    "is not the name of a custom event; write custom. and lower-case words joined by dots, "
    "such as custom.sentry.alert"
)
EVENT_VERSION = "ends in a version; leave the version out"


def _finding(value: str) -> str:
    if not FINDING.fullmatch(value) or len(value) > 100:
        raise ValueError(FINDING_FORM)
    return value


def _event(value: str) -> str:
    if not EVENT.fullmatch(value) or len(value) > 100:
        raise ValueError(EVENT_FORM)
    if re.fullmatch(r"v[0-9]+", value.rsplit(".", 1)[1]):
        raise ValueError(EVENT_VERSION)
    return value


Glob = Annotated[str, AfterValidator(_glob), Kind("path with wildcards")]
Label = Annotated[str, AfterValidator(_label), Kind("label")]
Role = Annotated[str, AfterValidator(_role), Kind("role")]
Finding = Annotated[str, AfterValidator(_finding), Kind("name of a finding")]
EventName = Annotated[str, AfterValidator(_event), Kind("name of an event")]
Line = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(_clean), Kind("text")
]
