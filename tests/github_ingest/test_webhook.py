"""The webhook's answers before anything is recorded, one by one."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.github_ingest.floods import MOST_FAILURES
from services.github_ingest.signature import is_signed
from tests.github_ingest.door import BODY, LIMIT, Door, headers
from tests.github_ingest.world import OTHER_SECRET, SECRET, issues_event, signed

REPOSITORY = {"id": 4711}


async def test_a_wrong_path_is_not_there(door: Door) -> None:
    for path in ("/", "/webhook/", "/webhooks", "/WEBHOOK", "/webhook/x"):
        assert (await door.post(BODY, headers(), path=path)).status_code == 404
    assert door.rows() == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"])
async def test_other_methods_are_told_which_one(door: Door, method: str) -> None:
    answer = await door.post(BODY, headers(), method=method)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_declared_length_over_the_cap_is_refused_unread(door: Door) -> None:
    read = 0

    async def never() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b""

    for length in (str(LIMIT + 1).encode(), b"9" * 5000):
        answer = await door.post(never(), headers(content_length=length))
        assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert (await door.post(never(), headers(content_length=b"many"))).status_code == 400
    assert read == 0


async def test_a_chunked_body_is_cut_off_at_the_cap(door: Door) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b"x" * 65_536

    answer = await door.post(chunks(), headers())
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert sent <= LIMIT // 65_536 + 1


async def test_a_body_that_takes_too_long_is_given_up(door: Door) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await door.clock.sleep(3600)

    asking = asyncio.create_task(door.post(slow(), headers()))
    async with asyncio.timeout(20):
        while not asking.done():
            door.clock.advance(1)
            await asyncio.sleep(0)
    assert (await asking).status_code == 408
    assert door.clock.monotonic() < 3600


@pytest.mark.parametrize(
    "kind",
    [None, b"", b"text/json", b"application/x-www-form-urlencoded", b"application/jsonp",
     [b"application/json", b"application/json"]],
)  # fmt: skip
async def test_another_content_type_is_told_what_to_set(door: Door, kind: Any) -> None:
    answer = await door.post(BODY, headers(content_type=kind))
    assert answer.status_code == 415
    assert "application/json" in answer.json()["error"]


async def test_parameters_of_the_content_type_are_fine(door: Door) -> None:
    kind = b"Application/JSON; charset=utf-8"
    assert (await door.post(BODY, headers(content_type=kind))).status_code == 202


@pytest.mark.parametrize("coding", [b"gzip", b"identity", b"br"])
async def test_an_encoded_body_is_never_unpacked(door: Door, coding: bytes) -> None:
    assert (await door.post(BODY, headers(content_encoding=coding))).status_code == 415


GOOD = signed(BODY).encode()


@pytest.mark.parametrize(
    "claim",
    [None, b"", [GOOD, GOOD], b"sha1=" + b"0" * 40, GOOD.replace(b"sha256=", b""),
     GOOD.replace(b"sha256", b"SHA256"), b"sha256=" + GOOD[7:].upper(), GOOD + b"\n", GOOD[:-1],
     GOOD + b"0", b"sha256=", b"sha256=" + b"g" * 64, b"sha256=" + b"\xe4" * 64,
     b"sha256=" + b"0" * 64, signed(BODY, OTHER_SECRET).encode(), signed(BODY + b" ").encode()],
)  # fmt: skip
async def test_every_failed_proof_gets_one_and_the_same_answer(
    door: Door, claim: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await door.post(BODY, headers(x_hub_signature_256=claim))
    assert answer.status_code == 401
    assert answer.json() == {"error": "the signature does not prove this delivery"}
    assert door.rows() == 0
    assert GOOD[7:].decode() not in capsys.readouterr().out  # what was expected is never told


async def test_json_that_was_written_anew_has_no_proof(door: Door) -> None:
    again = json.dumps(issues_event(1), separators=(",", ":")).encode()
    answer = await door.post(again, headers(x_hub_signature_256=signed(BODY).encode()))
    assert answer.status_code == 401


async def test_without_a_secret_nothing_is_taken() -> None:
    door = Door(())
    answer = await door.post(BODY, headers())
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert (door.webhook.counts["no_secret"], door.rows()) == (1, 0)
    door.close()


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe", b"{", b"", b"[]", b'"text"', b"null", b'{"a": 1, "a": 2}', b'{"a": NaN}',
     b'{"a": -Infinity}', b'{"a": 1e999}', b'{"a": 9223372036854775809}', b'{"a": ' + b"9" * 5000 + b"}",
     b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"a": ' * 64 + b"{}" + b"}" * 64,
     b'\xef\xbb\xbf{"a": 1}', b'{"a": "\\ud800"}', b'{"\\udfff": 1}', b'{"a": 01}', b'{} {}',
     b'{"a": {"b": 1, "b": 1}}'],
)  # fmt: skip
async def test_what_is_not_one_strict_object_is_refused(door: Door, body: bytes) -> None:
    answer = await door.post(body, headers(body))
    assert answer.status_code == 400
    assert door.rows() == 0


@pytest.mark.parametrize(
    "delivery",
    [None, b"", b"7", b"00000000000000000000000000000001", b"{00000000-0000-0000-0000-000000000001}",
     b"00000000-0000-0000-0000-00000000000g", [b"00000000-0000-0000-0000-000000000001"] * 2,
     b"00000000-0000-0000-0000-000000000001\n", b"\xe4"],
)  # fmt: skip
async def test_a_delivery_needs_its_uuid(door: Door, delivery: Any) -> None:
    assert (await door.post(BODY, headers(x_github_delivery=delivery))).status_code == 400


@pytest.mark.parametrize(
    "event", [None, b"", b"Issues", b"issues2", b"a" * 41, b"issues\n", [b"issues", b"push"]]
)
async def test_a_delivery_needs_its_event(door: Door, event: Any) -> None:
    assert (await door.post(BODY, headers(x_github_event=event))).status_code == 400


@pytest.mark.parametrize(
    "event",
    ["issue_comment", "pull_request", "pull_request_review", "check_run", "check_suite", "status",
     "push", "label", "repository", "ping"],
)  # fmt: skip
async def test_i33_the_event_must_agree_with_the_body(door: Door, event: str) -> None:
    answer = await door.post(BODY, headers(x_github_event=event.encode()))
    assert answer.status_code == 400
    assert door.rows() == 0


@pytest.mark.parametrize(
    "change",
    [{"action": None}, {"action": 7}, {"repository": None}, {"repository": {"id": "4711"}},
     {"issue": {"number": 0}}, {"issue": {"number": True}}, {"issue": []}, {"comment": {}},
     {"issue": {"number": 1, "updated_at": "yesterday"}}, {"action": "DROP"}],
)  # fmt: skip
async def test_a_body_of_another_shape_is_refused(door: Door, change: dict[str, Any]) -> None:
    assert (await door.send("issues", {**issues_event(1), **change})).status_code == 400


@pytest.mark.parametrize(
    ("event", "body"),
    [("issues", issues_event(1, "pinned")), ("star", {"action": "created", "repository": REPOSITORY}),
     ("installation", {"action": "created"}),
     ("push", {"ref": "refs/tags/v1", "commits": [], "repository": REPOSITORY})],
)  # fmt: skip
async def test_what_changes_nothing_for_us_is_ignored(
    door: Door, event: str, body: dict[str, Any]
) -> None:
    answer = await door.send(event, body)
    assert (answer.status_code, answer.json()["result"]) == (202, "ignored")
    assert door.rows() == 0


async def test_a_ping_is_answered(door: Door) -> None:
    answer = await door.send("ping", {"zen": "Say why.", "hook_id": 1, "repository": REPOSITORY})
    assert answer.status_code == 200
    assert door.rows() == 0


async def test_no_log_line_holds_the_secret(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    await door.post(BODY, headers(x_hub_signature_256=None))
    await door.send("issues", issues_event(1, repository={"id": 1}))
    said = capsys.readouterr().out
    assert "delivery_foreign" in said
    assert SECRET not in said


def test_the_forges_published_example_of_a_signature() -> None:
    claim = b"757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert is_signed(b"Hello, World!", claim, [b"It's a Secret to Everybody"])
    assert not is_signed(b"Hello, World.", claim, [b"It's a Secret to Everybody"])


async def test_a_flood_without_proof_is_slowed_and_the_forge_is_not(door: Door) -> None:
    bad = headers(x_hub_signature_256=b"sha256=" + b"0" * 64)
    codes = [(await door.post(BODY, bad)).status_code for _ in range(MOST_FAILURES + 2)]
    assert codes == [401] * MOST_FAILURES + [429] * 2
    assert (await door.post(BODY, headers())).status_code == 202
    door.clock.advance(61)
    assert (await door.post(BODY, bad)).status_code == 401
