"""Webhooks: what is sent, how it is signed, the log, redelivery, faults."""

import json
from typing import Any

import httpx
import pytest

from services.local_forge.domain.courier import Courier, signature
from tests.local_forge.place import REPO, Place, errors_of, json_of

SECRET = "a secret of thirty-two characters"
CONFIG = {"url": "http://listener.test/webhook", "secret": SECRET}


class Listener(httpx.AsyncBaseTransport):
    """Keeps what it is sent; answers `status`."""

    def __init__(self) -> None:
        self.got: list[httpx.Request] = []
        self.status = 202
        self.unreachable = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.unreachable:
            raise httpx.ConnectError("refused")
        await request.aread()
        self.got.append(request)
        return httpx.Response(self.status, text="heard")

    def events(self) -> list[tuple[str, str | None]]:
        return [(one.headers["x-github-event"], self.body(one).get("action")) for one in self.got]

    @staticmethod
    def body(request: httpx.Request) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(request.content)
        return found


async def _listen(place: Place, listener: Listener, **body: object) -> Courier:
    """A hook and a running courier that sends to `listener`."""
    made = await place.fleet.post(f"{REPO}/hooks", json={"config": CONFIG, "events": ["*"], **body})
    assert made.status_code == 201, made.text
    courier = Courier(
        place.forge.webhooks, place.forge.faults, clock=place.clock, transport=listener
    )
    courier.start()
    place.stack.push_async_callback(courier.close)
    await courier.settled()
    return courier


def test_the_signature_is_githubs_published_example() -> None:
    assert signature("It's a Secret to Everybody", b"Hello, World!") == (
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    )


async def test_a_delivery_is_signed_over_its_bytes_and_names_event_and_guid(place: Place) -> None:
    listener = Listener()
    courier = await _listen(place, listener)

    issue = await place.issue(place.you)
    await courier.settled()

    ping, opened = listener.got
    assert ping.headers["x-github-event"] == "ping"
    assert opened.url == "http://listener.test/webhook"
    assert opened.headers["x-hub-signature-256"] == signature(SECRET, opened.content)
    assert opened.headers["x-github-event"] == "issues"
    assert opened.headers["x-github-hook-id"] == "1"
    assert opened.headers["user-agent"].startswith("GitHub-Hookshot/")
    assert opened.headers["x-github-delivery"] != ping.headers["x-github-delivery"]
    body = Listener.body(opened)
    assert (body["action"], body["sender"]["login"]) == ("opened", "you")
    assert body["repository"]["full_name"] == "octo/hello"
    assert body["issue"] == issue


async def test_every_change_is_told_with_whole_objects(place: Place) -> None:
    listener = Listener()
    courier = await _listen(place, listener)
    await place.issue(place.you)
    comments = f"{REPO}/issues/1/comments"
    comment = json_of(await place.you.post(comments, json={"body": "b"}), 201)
    one = f"{REPO}/issues/comments/{comment['id']}"
    await place.you.patch(one, json={"body": "c"})
    await place.you.delete(one)
    await place.you.post(f"{REPO}/issues/1/labels", json=["approved"])
    await place.you.delete(f"{REPO}/issues/1/labels/approved")
    await place.you.patch(f"{REPO}/issues/1", json={"title": "T", "body": "B"})
    await place.you.patch(f"{REPO}/issues/1", json={"state": "closed"})
    await place.you.patch(f"{REPO}/issues/1", json={"state": "open"})
    await place.you.post(f"{REPO}/labels", json={"name": "x"})
    await courier.settled()

    assert listener.events() == [
        ("ping", None),
        ("issues", "opened"),
        ("issue_comment", "created"),
        ("issue_comment", "edited"),
        ("issue_comment", "deleted"),
        ("issues", "labeled"),
        ("issues", "unlabeled"),
        ("issues", "edited"),
        ("issues", "closed"),
        ("issues", "reopened"),
        ("label", "created"),
    ]
    edited = Listener.body(listener.got[7])
    assert edited["changes"] == {"title": {"from": "Greet people"}, "body": {"from": "Please."}}
    assert Listener.body(listener.got[5])["label"]["name"] == "approved"


async def test_pull_requests_pushes_reviews_and_verdicts_are_told(place: Place) -> None:
    listener = Listener()
    courier = await _listen(place, listener)
    await place.pull(body="")
    head = await place.push("topic", {"x.py": "X = 1\n"})
    await place.fleet.post(f"{REPO}/statuses/{head}", json={"state": "success"})
    check = {"name": "gate", "head_sha": head, "conclusion": "success"}
    await place.fleet.post(f"{REPO}/check-runs", json=check)
    await place.you.post(f"{REPO}/pulls/1/reviews", json={"event": "APPROVE"})
    await place.you.put(f"{REPO}/pulls/1/merge", json={})
    await courier.settled()

    assert listener.events()[1:] == [
        ("push", None),
        ("pull_request", "opened"),
        ("push", None),
        ("pull_request", "synchronize"),
        ("status", None),
        ("check_run", "created"),
        ("check_run", "completed"),
        ("pull_request_review", "submitted"),
        ("pull_request", "closed"),
        ("push", None),
    ]
    pushed = Listener.body(listener.got[3])
    assert (pushed["ref"], pushed["after"], pushed["forced"]) == ("refs/heads/topic", head, False)
    assert [one["added"] for one in pushed["commits"]] == [["x.py"]]
    synchronized = Listener.body(listener.got[4])
    assert synchronized["after"] == synchronized["pull_request"]["head"]["sha"] == head
    assert Listener.body(listener.got[8])["review"]["state"] == "approved"
    closed = Listener.body(listener.got[9])["pull_request"]
    assert (closed["merged"], closed["merged_by"]["login"]) == (True, "you")


async def test_only_the_events_asked_for_are_sent(place: Place) -> None:
    listener = Listener()
    courier = await _listen(place, listener, events=["push"])

    await place.issue(place.you)
    await courier.settled()

    assert listener.events() == [("ping", None)]


async def test_the_log_tells_of_success_and_failure_and_keeps_no_secret(place: Place) -> None:
    listener = Listener()
    courier = await _listen(place, listener)
    listener.status = 500
    await place.issue(place.you)
    await courier.settled()
    listener.unreachable = True
    await place.issue(place.you)
    await courier.settled()

    log = json_of(await place.fleet.get(f"{REPO}/hooks/1/deliveries"))

    assert [(one["event"], one["status_code"]) for one in log] == [
        ("issues", 502),
        ("issues", 500),
        ("ping", 202),
    ]
    whole = await place.fleet.get(f"{REPO}/hooks/1/deliveries/{log[1]['id']}")
    assert json_of(whole)["request"]["payload"]["action"] == "opened"
    assert json_of(whole)["response"]["payload"] == "heard"
    assert SECRET not in whole.text
    assert "sha256=" not in whole.text
    assert json_of(await place.fleet.get(f"{REPO}/hooks"))[0]["config"]["secret"] == "********"


async def test_i33_redelivery_is_the_same_body_under_the_same_guid(place: Place) -> None:
    listener = Listener()
    courier = await _listen(place, listener)
    place.forge.faults.drop_deliveries = 1
    await place.issue(place.you)
    await courier.settled()
    (failed, _) = json_of(await place.fleet.get(f"{REPO}/hooks/1/deliveries"))
    assert (failed["status_code"], len(listener.got)) == (502, 1)

    path = f"{REPO}/hooks/1/deliveries/{failed['id']}/attempts"
    assert (await place.fleet.post(path)).status_code == 202
    await courier.settled()

    assert listener.got[1].headers["x-github-delivery"] == failed["guid"]
    again = json_of(await place.fleet.get(f"{REPO}/hooks/1/deliveries"))[0]
    assert (again["guid"], again["redelivery"]) == (failed["guid"], True)
    assert again["status_code"] == 202


async def test_a_lost_delivery_is_not_even_in_the_log(place: Place) -> None:
    listener = Listener()
    courier = await _listen(place, listener)
    place.forge.faults.lose_deliveries = 1

    await place.issue(place.you)
    await courier.settled()

    log = json_of(await place.fleet.get(f"{REPO}/hooks/1/deliveries"))
    assert [one["event"] for one in log] == ["ping"]


async def test_what_was_queued_before_a_stop_is_sent_after_the_start(place: Place) -> None:
    made = await place.you.post(f"{REPO}/hooks", json={"config": CONFIG, "events": ["issues"]})
    assert made.status_code == 201
    await place.issue(place.you)
    listener = Listener()
    courier = Courier(
        place.forge.webhooks, place.forge.faults, clock=place.clock, transport=listener
    )
    assert not courier.idle()

    courier.start()
    await courier.settled()
    await courier.close()

    assert listener.events() == [("ping", None), ("issues", "opened")]
    assert courier.idle()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"config": {"url": "ftp://x"}}, "url"),
        ({"config": CONFIG, "events": ["nonsense"]}, "events"),
        ({"config": CONFIG, "events": []}, "events"),
        ({"config": {**CONFIG, "content_type": "form"}}, "config.content_type"),
    ],
)
async def test_a_hook_that_could_not_work_is_refused(
    place: Place, body: dict[str, object], field: str
) -> None:
    assert errors_of(await place.you.post(f"{REPO}/hooks", json=body)) == [(field, "invalid")]


async def test_the_read_only_token_redelivers_and_changes_nothing_else(place: Place) -> None:
    listener = Listener()
    courier = await _listen(place, listener)
    await courier.settled()
    (ping,) = json_of(await place.reader.get(f"{REPO}/hooks/1/deliveries"))

    again = await place.reader.post(f"{REPO}/hooks/1/deliveries/{ping['id']}/attempts")
    await courier.settled()

    assert again.status_code == 202
    assert [one.headers["x-github-delivery"] for one in listener.got] == [ping["guid"]] * 2
    made = await place.reader.post(f"{REPO}/hooks", json={"config": CONFIG})
    assert made.status_code == 403
    await courier.close()


async def test_hooks_are_for_admins_and_applications(place: Place) -> None:
    ann = await place.person("ann", "write")
    assert (await ann.get(f"{REPO}/hooks")).status_code == 403
