"""One request: token, retries, spacing, rate."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from shared.errors import BadInput, Refused, TryLater
from shared.forge.github.client import Client
from shared.forge.github.open import open_reader, open_writer
from shared.forge.guard import Guard
from shared.forge.operations import writer_operations
from tests.forge.scripted import (
    ADDRESS,
    ROOT,
    PatientClock,
    Reply,
    Scripted,
    comment,
    issue,
    reader,
    user,
)


def client(forge: Scripted, clock: PatientClock, *, spacing: float = 0) -> Client:
    address = replace(ADDRESS, write_spacing=timedelta(seconds=spacing))
    guard = Guard(forge, address=address, operations=writer_operations(address))
    return Client(address, guard, token=lambda: "s3cret", clock=clock)


async def test_a_read_is_tried_three_times_with_pauses_of_the_clock() -> None:
    clock = PatientClock()
    forge = Scripted().on(
        "GET", "issues/1", Reply(status=502), Reply(error=httpx.ReadTimeout), Reply(issue(1))
    )

    answer = await client(forge, clock).get(f"{ROOT}/issues/1", subject="octo/hello#1")

    assert answer.status == 200
    assert clock.slept == [1.0, 4.0]
    assert len(forge.calls) == 3


async def test_a_read_that_is_never_answered_is_tried_later() -> None:
    forge = Scripted().on("GET", "issues/1", Reply(error=httpx.ConnectError))

    with pytest.raises(TryLater, match=r"^octo/hello#1: the forge did not answer \(ConnectError"):
        await client(forge, PatientClock()).get(f"{ROOT}/issues/1", subject="octo/hello#1")


@pytest.mark.parametrize(
    "reply", [Reply(status=502), Reply(error=httpx.ReadTimeout), Reply(error=httpx.ReadError)]
)
async def test_i38_a_write_is_sent_once_whatever_happens(reply: Reply) -> None:
    clock = PatientClock()
    forge = Scripted().on("POST", "issues/1/comments", reply, Reply(comment()))

    with pytest.raises(TryLater):
        await client(forge, clock).send(
            "POST", f"{ROOT}/issues/1/comments", subject="octo/hello#1", body={"body": "Hello."}
        )

    assert forge.calls == [f"POST {ROOT}/issues/1/comments"]
    assert clock.slept == []


async def test_a_limit_is_not_slept_through() -> None:
    clock = PatientClock()
    forge = Scripted().on("GET", "issues/1", Reply(status=403, headers={"Retry-After": "3000"}))

    with pytest.raises(TryLater) as caught:
        await client(forge, clock).get(f"{ROOT}/issues/1", subject="octo/hello#1")

    assert caught.value.after == timedelta(seconds=3000)
    assert clock.slept == []
    assert len(forge.calls) == 1


async def test_writes_keep_their_distance() -> None:
    clock = PatientClock()
    forge = Scripted().on("POST", "issues/1/comments", Reply(comment()))
    asked = client(forge, clock, spacing=1)

    for _ in range(3):
        await asked.send("POST", f"{ROOT}/issues/1/comments", subject="s", body={"body": "Hi."})

    assert clock.slept == [1.0, 1.0]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_i14_no_redirect_is_followed(status: int) -> None:
    elsewhere = {"Location": f"https://forge.example{ROOT}/pulls/1/merge"}
    forge = Scripted()
    for method in ("GET", "PATCH"):
        forge.on(method, "pulls/1", Reply(status=status, headers=elsewhere))
    asked = client(forge, PatientClock())

    with pytest.raises(BadInput, match="moved"):
        await asked.get(f"{ROOT}/pulls/1", subject="s")
    with pytest.raises(BadInput, match="moved"):
        await asked.send("PATCH", f"{ROOT}/pulls/1", subject="s", body={"state": "closed"})

    assert forge.calls == [f"GET {ROOT}/pulls/1", f"PATCH {ROOT}/pulls/1"]


async def test_the_guards_refusal_arrives_as_it_is() -> None:
    forge = Scripted()

    with pytest.raises(Refused, match="not an operation"):
        await client(forge, PatientClock()).send("PUT", f"{ROOT}/pulls/1/merge", subject="s")

    assert forge.seen == []


async def test_the_token_is_asked_for_each_request_and_only_in_its_header() -> None:
    tokens = iter(["first-token", "second-token"])
    forge = Scripted().on("GET", "/user", Reply(user())).on("GET", "issues/1", Reply(issue(1)))
    asked = open_reader(ADDRESS, token=lambda: next(tokens), clock=PatientClock(), transport=forge)

    await asked.me()
    await asked.issue(1)

    assert [each.headers["authorization"] for each in forge.seen] == [
        "Bearer first-token",
        "Bearer second-token",
    ]
    assert all("-token" not in str(each.url) for each in forge.seen)


@pytest.mark.parametrize("token", ["", "two words", "line\nend", "naïve"])
async def test_a_token_that_is_none_is_never_sent(token: str) -> None:
    forge = Scripted()
    asked = open_reader(ADDRESS, token=lambda: token, clock=PatientClock(), transport=forge)

    with pytest.raises(BadInput, match="no usable token") as caught:
        await asked.issue(1)

    assert forge.seen == []
    assert not token or token not in str(caught.value)


async def test_no_error_and_no_log_holds_the_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    for reply in (
        Reply({"message": "Bad credentials"}, status=401),
        Reply(status=502),
        Reply(error=httpx.ConnectError),
        Reply([1, 2, 3]),
    ):
        forge = Scripted().on("GET", "issues/1", reply)
        with pytest.raises((BadInput, TryLater)) as caught:
            await reader(forge).issue(1)
        assert "s3cret" not in str(caught.value)

    assert "s3cret" not in caplog.text


async def test_what_cannot_be_read_is_tried_later_and_not_quoted() -> None:
    forge = Scripted().on("GET", "issues/1", Reply({**issue(1), "created_at": "TOP SECRET"}))

    with pytest.raises(TryLater, match="created_at") as caught:
        await reader(forge).issue(1)

    assert "TOP SECRET" not in str(caught.value)


async def test_the_rate_is_what_the_last_answer_told() -> None:
    headers = {
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "4999",
        "X-RateLimit-Reset": "1893456000",
    }
    forge = Scripted().on("GET", "issues/1", Reply(issue(1), headers=headers))
    asked = reader(forge)
    assert asked.rate() is None

    await asked.issue(1)

    rate = asked.rate()
    assert rate is not None
    assert (rate.limit, rate.remaining, rate.reset_at) == (
        5000,
        4999,
        datetime(2030, 1, 1, tzinfo=UTC),
    )


async def test_connections_are_shared_until_the_reader_is_closed() -> None:
    forge = Scripted().on("GET", "issues/1", Reply(issue(1)))
    asked = reader(forge)

    await asked.issue(1)
    open_after_a_request = not forge.closed
    await asked.close()

    assert open_after_a_request
    assert forge.closed


async def test_below_another_root_the_paths_are_below_it_too() -> None:
    address = replace(ADDRESS, base_url="https://forge.example/api/v3")
    forge = Scripted().on("GET", f"/api/v3{ROOT}/issues/1", Reply(issue(1)))
    asked = open_writer(address, token=lambda: "t", clock=PatientClock(), transport=forge)

    assert await asked.issue(1) is not None
    assert forge.calls == [f"GET /api/v3{ROOT}/issues/1"]


def dated(moment: datetime) -> Reply:
    return Reply(issue(1), headers={"Date": format_datetime(moment, usegmt=True)})


async def test_nothing_is_read_or_written_while_the_forges_clock_shows_another_time() -> None:
    clock = PatientClock()
    right = clock.now()
    wrong = right + timedelta(hours=1)
    forge = Scripted().on("GET", "issues/1", dated(right), dated(wrong), dated(wrong), dated(right))
    asked = client(forge, clock)

    async def read() -> int:
        return (await asked.get(f"{ROOT}/issues/1", subject="octo/hello#1")).status

    assert await read() == 200
    for _ in range(2):
        with pytest.raises(TryLater, match=r"^octo/hello: the clock of the forge is 3600 s ahead"):
            await read()
    with pytest.raises(TryLater, match="clock of the forge"):
        await asked.send("POST", f"{ROOT}/issues/1/comments", subject="octo/hello#1", body={})
    assert forge.writes == []
    assert await read() == 200
    assert asked.clocks.trouble == ""


async def test_what_a_cache_answered_tells_nothing_of_the_forges_clock() -> None:
    clock = PatientClock()
    old = format_datetime(clock.now() - timedelta(hours=1), usegmt=True)
    kept = Reply(issue(1), headers={"Date": old, "Age": "3600"})
    forge = Scripted().on("GET", "issues/1", kept, Reply(issue(1), headers={"Date": "yesterday"}))
    asked = client(forge, clock)

    for _ in range(2):
        assert (await asked.get(f"{ROOT}/issues/1", subject="octo/hello#1")).status == 200
