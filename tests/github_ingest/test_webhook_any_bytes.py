"""Bytes that nobody thought of: the webhook answers them all, and never with a 5xx."""

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.github_ingest.door import Door, headers

ODD_BYTES = st.binary(max_size=60)
JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3)
    | st.dictionaries(
        st.sampled_from(["action", "issue", "repository", "id", "number", "comment", "ref", "sha"]),
        below, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(
    path=st.sampled_from(["/webhook", "/webhook", "/webhook", "/", "/\xe4"]),
    method=st.sampled_from(["POST", "POST", "POST", "GET", "\xe4", ""]),
    sent=st.lists(st.tuples(st.sampled_from([n for n, _ in headers()]), ODD_BYTES), max_size=3),
    body=ODD_BYTES | JSON_LIKE.map(lambda value: json.dumps(value).encode()),
    event=st.sampled_from(["issues", "push", "ping", "status", "pull_request", "label", "star"]),
    keep=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_nothing_that_comes_in_makes_a_5xx(
    path: str, method: str, sent: list[tuple[bytes, bytes]], body: bytes, event: str, keep: bool
) -> None:
    good = headers(body, x_github_event=event.encode()) if keep else []
    scope = {
        "type": "http", "path": path, "method": method, "headers": [*good, *sent],
        "client": None, "query_string": b"",
    }  # fmt: skip
    assert asyncio.run(status_of(scope, body)) in {200, 202, 400, 401, 403, 404, 405, 413, 415}


async def status_of(scope: dict[str, Any], body: bytes) -> int:
    """What is answered to a bare ASGI request."""
    answers: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answers.append(message["status"])

    door = Door()
    try:
        await door.webhook(scope, receive, send)
    finally:
        door.close()
    return answers[0]
