"""What the console answers over HTTP is what its OpenAPI document says, and only to who may ask."""

import json
import os
import stat
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from services.console.api.openapi import openapi
from services.console.app import assemble
from services.console.settings import TOKEN, Settings
from shared.bus import MemoryBus
from shared.clock import SystemClock
from shared.errors import BadInput
from shared.messages import work
from shared.messages.custom import CustomEvent
from shared.messages.examples import REVISE
from shared.messages.observed import PullRequestObserved
from tests.console.desk import Desk, desk, hear
from tests.console.stories import REPO, like, said, to_merged

DOCUMENT = OpenAPI.from_dict(json.loads(openapi()))
STORY = to_merged()
PROBLEM = {"subject", "problem", "mend"}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, *STORY) as found:
        yield found


def as_documented(answer: httpx.Response) -> Any:
    """The JSON of an answer that the document allows."""
    asked = answer.request
    request = MockRequest(
        "http://127.0.0.1:8320", asked.method.lower(), asked.url.path,
        args=dict(asked.url.params), headers=dict(asked.headers), data=asked.content or None,
        content_type=asked.headers.get("content-type", "application/json"),
    )  # fmt: skip
    response = MockResponse(
        answer.content, status_code=answer.status_code,
        content_type=answer.headers["content-type"],
    )  # fmt: skip
    DOCUMENT.validate_response(request, response)
    return answer.json()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/status", 200), ("/api/status?all=1", 200), (f"/api/status?repository={REPO}", 200),
        ("/api/status?repository=octo/other", 404), ("/api/repository", 200),
        ("/api/inbox", 200), ("/api/issues/7", 200), ("/api/issues/8", 200),
        ("/api/issues/99", 404), ("/api/issues/7/log", 200), ("/api/issues/7/log?after=20", 200),
        ("/api/issues/7/log?after=soon", 400), ("/api/issues/99/log", 404),
        ("/api/proposals", 200), (f"/api/events/{REVISE}", 404), ("/healthz", 200),
        ("/readyz", 200),
    ],
)  # fmt: skip
async def test_each_answer_is_as_the_document_says(here: Desk, path: str, status: int) -> None:
    answer = await here.client.get(path)
    assert answer.status_code == status
    body = as_documented(answer)
    if status >= 400:
        assert set(body) == PROBLEM
        assert answer.text.count("\n") == 1


def test_the_document_names_every_route() -> None:
    from services.console.api.app import api
    from services.console.api.rooms import Rooms

    bus = MemoryBus(SystemClock())
    console = assemble(Settings(database_url="sqlite://"), bus.driver(), SystemClock())
    routes = {
        getattr(route, "path", "").replace(":int", "").replace(":uuid", "")
        for route in api(Rooms(console.service, console.server.news)).routes
    }
    assert routes - {"/openapi.json"} == set(json.loads(openapi())["paths"])


async def test_an_issue_is_answered_whole(here: Desk) -> None:
    found = as_documented(await here.client.get("/api/issues/7"))
    assert (found["issue"]["state"], found["issue"]["group"]) == ("merged", "done")
    assert found["issue"]["spent"]["money_micros"] == 10_000
    assert found["approval"]["by"] == "maintainer"
    (pull,) = found["pull_requests"]
    assert (pull["number"], pull["state"], pull["round"], pull["verdict"]) == (
        8,
        "merged",
        2,
        "pass",
    )
    assert [run["kind"] for run in found["runs"]] == [
        "implementation", "review", "revision", "review",
    ]  # fmt: skip


async def test_a_pull_request_is_answered_as_its_issue_and_a_strangers_is_refused(
    here: Desk,
) -> None:
    found = as_documented(await here.client.get("/api/issues/8"))
    assert (found["asked"], found["issue"]["number"]) == (8, 7)
    strange = like(PullRequestObserved)
    theirs = strange.pull_request.model_copy(update={"number": 30})
    await hear(here.bus, *said(
        strange.model_copy(update={"pull_request": theirs}), start=STORY[-1].at + timedelta(1)
    ))  # fmt: skip
    answer = await here.client.get("/api/issues/30")
    assert answer.status_code == 404
    assert "not of an issue of the fleet" in answer.json()["problem"]


async def test_before_anything_was_heard_it_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        answer = await found.client.get("/api/status")
        assert answer.status_code == 503
        assert set(as_documented(answer)) == PROBLEM


@pytest.mark.parametrize("path", ["/api/status", "/healthz", "/openapi.json", "/nothing"])
async def test_nobody_is_answered_without_the_token(here: Desk, path: str) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer wrong"}, {
        "Authorization": f"Basic {here.token}"
    }):  # fmt: skip
        answer = await here.client.get(path, headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert set(answer.json()) == PROBLEM


async def test_a_name_that_only_points_here_is_not_the_consoles(here: Desk) -> None:
    port = httpx.URL(here.console.server.url).port
    for host, status in (("evil.example", 421), (f"localhost:{port}", 200), ("localhost", 421)):
        answer = await here.client.get("/healthz", headers={"Host": host})
        assert (host, answer.status_code) == (host, status)


async def test_a_name_that_settings_name_is(tmp_path: Path) -> None:
    bus, clock = MemoryBus(SystemClock()), SystemClock()
    console = assemble(Settings(state=tmp_path, hosts="Fleet.example"), bus.driver(), clock)
    await console.service.start()
    token = console.server.token_path.read_text().strip()
    async with httpx.AsyncClient(base_url=console.server.url, trust_env=False) as client:
        headers = {"Host": "fleet.example", "Authorization": f"Bearer {token}"}
        assert (await client.get("/healthz", headers=headers)).status_code == 200
    await console.service.stop()


async def test_the_token_is_for_one_user_only_and_stays_the_same(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        async with desk(tmp_path) as first:
            mode = stat.S_IMODE((tmp_path / TOKEN).stat().st_mode)
            assert (mode, len(first.token) >= 32) == (0o600, True)
    finally:
        os.umask(old)
    async with desk(tmp_path) as second:
        assert second.token == first.token


async def test_a_token_file_that_holds_none_stops_the_start_in_one_line(tmp_path: Path) -> None:
    (tmp_path / TOKEN).write_text("short\n")
    with pytest.raises(BadInput, match="is no token of the console; remove the file"):
        async with desk(tmp_path):
            pass


async def test_it_listens_on_this_machine_only(here: Desk) -> None:
    assert httpx.URL(here.console.server.url).host == "127.0.0.1"


async def test_an_event_is_said_and_its_answer_is_found(here: Desk) -> None:
    answer = await here.client.post("/api/events/sentry.alert", json={"title": "KeyError"})
    assert answer.status_code == 202
    event = as_documented(answer)["event"]
    while (found := await here.client.get(f"/api/events/{event}")).status_code == 404:
        pass
    assert as_documented(found)["answered"] is False
    await hear(here.bus, *said(
        like(work.EventAnswered, event=UUID(event), run=None), start=STORY[-1].at + timedelta(1)
    ))  # fmt: skip
    found = await here.client.get(f"/api/events/{event}")
    assert as_documented(found)["answer"] == "pm-agent was asked to look"
    assert here.bus.published["custom.sentry.alert.v1"] == 1


async def test_the_same_key_is_the_same_event(here: Desk) -> None:
    ids = [
        (await here.client.post(
            "/api/events/propose", json={"focus": "x"}, headers={"Idempotency-Key": key}
        )).json()["event"]
        for key in ("once", "once", "twice")
    ]  # fmt: skip
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("Alert", b"{}", 400), ("a..b", b"{}", 400), ("alert", b"[1]", 400), ("alert", b"{", 400),
        ("alert", b'{"a": "' + b"x" * 70_000 + b'"}', 400), ("alert", b"", 202),
        ("alert", b"\xff\xfe", 400),
    ],
)  # fmt: skip
async def test_what_is_no_event_is_refused_in_one_line(
    here: Desk, name: str, body: bytes, status: int
) -> None:
    answer = await here.client.post(f"/api/events/{name}", content=body)
    assert answer.status_code == status
    if status == 400:
        assert set(answer.json()) == PROBLEM
        assert CustomEvent.topic not in here.bus.published


async def test_nothing_can_be_said_but_custom_events(here: Desk) -> None:
    for path in ("/api/status", "/api/issues/7", "/api/events/gate.issue.approved"):
        answer = await here.client.post(path, json={})
        assert answer.status_code in (202, 405)
    said_topics = {topic for topic in here.bus.published if not topic.startswith("custom.")}
    assert said_topics == {word.message.topic for word in STORY}
