"""From an answer that is not a success to the error that says what the caller should do."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.errors import BadInput, GatefleetError, Refused, TryLater

NO_ANSWER = "{subject}: the forge did not answer ({cause}); it is tried again later"
RATE_LIMITED = "{subject}: the forge asks to slow down; it is tried again in {seconds} s"
NOT_FOUND = "{subject}: the forge does not show it ({said}); it is tried again later"
NOT_ACCEPTED = "{subject}: the forge does not accept the token ({said}); renew it"
FORBIDDEN = "{subject}: the token may not do this ({said}); give it the permission that is named"
MOVED = "{subject}: the forge says it moved; set the new owner and name"
GONE = "{subject}: it is gone ({said}); nothing more can be done there"
REJECTED = "{subject}: the forge rejects the request ({said}); change what it names"
CONFLICT = "{subject}: the forge is not ready for it ({said}); it is tried again later"
UNREADABLE = "{subject}: the forge's answer cannot be read ({cause}); it is tried again later"

_LEAST_SECONDARY = timedelta(seconds=60)
_MOST_QUOTED = 300


class Unanswered(TryLater):
    """A write went out and no answer came: it may have happened. Look for it before trying again."""


class NotFound(TryLater):
    """404: not there, not yet there, or not visible to this token."""


class NotReady(TryLater):
    """409: a conflict with the state now; also what an empty repository answers."""


class Gone(Refused):
    """410: it was here and is no more."""


class Moved(BadInput):
    """A redirect. None is followed: the token and the write would go where nobody chose."""


class Unprocessable(BadInput):
    """422: the forge understood, and says no. The text holds its words."""


class _Problem(BaseModel):
    model_config = ConfigDict(extra="ignore")

    message: str = ""
    errors: list[dict[str, object] | str] | str = []


def said(content: bytes) -> str:
    """The forge's own words, on one line, at most 300 characters."""
    try:
        problem = _Problem.model_validate_json(content)
    except ValidationError:
        return "no reason given"
    details = [problem.errors] if isinstance(problem.errors, str) else problem.errors
    words = [problem.message, *(_detail(each) for each in details)]
    line = re.sub(r"[^\x20-\x7e\xa0-\uffff]+", " ", "; ".join(filter(None, words)))
    return line[:_MOST_QUOTED] or "no reason given"


def _detail(error: dict[str, object] | str) -> str:
    if isinstance(error, str):
        return error
    return " ".join(str(error[key]) for key in ("field", "code", "message") if error.get(key))


def error_of(
    status: int, headers: Mapping[str, str], *, content: bytes, subject: str, now: datetime
) -> GatefleetError:
    """The error for a status that is neither 2xx nor 304. `now` turns a reset time to a delay."""
    words = said(content)
    if (after := _limited(status, headers, words=words, now=now)) is not None:
        seconds = int(after.total_seconds())
        return TryLater(RATE_LIMITED.format(subject=subject, seconds=seconds), after=after)
    if 300 <= status < 400:
        return Moved(MOVED.format(subject=subject))
    match status:
        case 401:
            return BadInput(NOT_ACCEPTED.format(subject=subject, said=words))
        case 403:
            return Refused(FORBIDDEN.format(subject=subject, said=words))
        case 404:
            return NotFound(NOT_FOUND.format(subject=subject, said=words))
        case 409:
            return NotReady(CONFLICT.format(subject=subject, said=words))
        case 410:
            return Gone(GONE.format(subject=subject, said=words))
    if status >= 500:
        return Unanswered(NO_ANSWER.format(subject=subject, cause=f"status {status}"))
    return Unprocessable(REJECTED.format(subject=subject, said=words))


def _limited(
    status: int, headers: Mapping[str, str], *, words: str, now: datetime
) -> timedelta | None:
    """How long to wait when a limit was hit; None when none was."""
    if status not in (403, 429):
        return None
    if (wait := headers.get("retry-after", "")).isdecimal():
        return timedelta(seconds=int(wait))
    # A secondary limit comes without Retry-After too, and then only the words tell.
    if "secondary rate limit" in words.lower() or "abuse detection" in words.lower():
        return _LEAST_SECONDARY
    if status == 429 or headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        if not reset.isdecimal():
            return _LEAST_SECONDARY
        wait_until = datetime.fromtimestamp(int(reset), UTC) - now
        return max(wait_until, timedelta(seconds=1))
    return None
