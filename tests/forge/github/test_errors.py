"""From status to what the caller should do."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import BadInput, GatefleetError, Refused, TryLater
from shared.forge.github.errors import Gone, Moved, NotFound, NotReady, Unanswered, error_of

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def answered(
    status: int, *, headers: Mapping[str, str] | None = None, content: bytes = b"{}"
) -> GatefleetError:
    return error_of(status, headers or {}, content=content, subject="octo/hello#7", now=NOW)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Moved),
        (307, Moved),
        (400, BadInput),
        (401, BadInput),
        (403, Refused),
        (404, NotFound),
        (409, NotReady),
        (410, Gone),
        (422, BadInput),
        (429, TryLater),
        (500, Unanswered),
        (502, Unanswered),
        (503, Unanswered),
    ],
)
def test_each_status_says_what_to_do_and_names_its_subject(
    status: int, kind: type[GatefleetError]
) -> None:
    error = answered(status)

    assert isinstance(error, kind)
    assert str(error).startswith("octo/hello#7: ")
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("status", "headers", "content", "seconds"),
    [
        (403, {"retry-after": "90"}, b"{}", 90),
        (429, {"retry-after": "5"}, b"{}", 5),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1893457800"}, b"{}", 1800),
        (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1893450000"}, b"{}", 1),
        (403, {}, b'{"message": "You have exceeded a secondary rate limit."}', 60),
        (429, {}, b"busy", 60),
    ],
)
def test_a_limit_is_tried_later_after_what_the_forge_names(
    status: int, headers: Mapping[str, str], content: bytes, seconds: int
) -> None:
    error = answered(status, headers=headers, content=content)

    assert isinstance(error, TryLater)
    assert error.after == timedelta(seconds=seconds)


def test_the_forges_words_are_quoted_on_one_line_and_cut() -> None:
    content = b'{"message": "Validation\\nFailed \\u001b[31m", "errors": [{"field": "head"}, "' + (
        b"x" * 1000 + b'"]}'
    )

    line = str(answered(422, content=content))

    assert "Validation Failed" in line
    assert "head" in line
    assert "\x1b" not in line
    assert len(line) < 450
