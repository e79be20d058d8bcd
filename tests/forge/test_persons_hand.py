"""A person's own hand: it may say and decline, and reaches no more of the forge than that."""

import httpx
import pytest

from shared.errors import Refused
from shared.forge.guard import Guard
from shared.forge.operations import person_operations
from tests.forge.never import NEVER, REVIEW
from tests.forge.scripted import ADDRESS, ROOT, Scripted
from tests.forge.test_guard import request

STOP, STOP_PATH = "gatefleet:stop", f"{ROOT}/issues/1/labels/gatefleet%3Astop"
MAY = [
    ("POST", f"{ROOT}/issues/7/comments", {"body": "/approve 0123456789abcdef"}),
    ("PATCH", f"{ROOT}/issues/7", {"state": "closed", "state_reason": "not_planned"}),
    ("POST", f"{ROOT}/issues", {"title": "t", "body": "b", "labels": [STOP]}),
    ("DELETE", STOP_PATH, None),
    ("GET", f"{ROOT}/issues/7/timeline", None),
]
MAY_NOT = [
    *(each for each in NEVER if each[1] != STOP_PATH),
    ("POST", f"{ROOT}/pulls/7/reviews", REVIEW),
    ("POST", f"{ROOT}/issues/7/labels", {"labels": ["approved"]}),
    ("POST", f"{ROOT}/issues", {"title": "t", "body": "b", "labels": ["approved"]}),
    ("DELETE", f"{ROOT}/issues/7/labels/approved", None),
    ("PATCH", f"{ROOT}/issues/7", {"state": "open"}),
    ("PATCH", f"{ROOT}/issues/7", {"state": "closed", "state_reason": "completed"}),
    ("PATCH", f"{ROOT}/issues/7", {"body": "another text"}),
    ("PATCH", f"{ROOT}/issues/comments/5", {"body": "another text"}),
    ("POST", f"{ROOT}/pulls", {"head": "a", "base": "b", "title": "t", "body": "b"}),
    ("PATCH", f"{ROOT}/pulls/7", {"state": "closed"}),
    ("POST", f"{ROOT}/check-runs", {"name": "gatefleet/gate"}),
]


def objection(method: str, path: str, body: object) -> str | None:
    guard = Guard(Scripted(), address=ADDRESS, operations=person_operations(ADDRESS))
    asked: httpx.Request = request(method, path, body)
    return guard.objection(asked, asked.content)


@pytest.mark.parametrize(("method", "path", "body"), MAY)
def test_what_the_commands_of_people_do_may_be_done(method: str, path: str, body: object) -> None:
    assert objection(method, path, body) is None


@pytest.mark.parametrize(("method", "path", "body"), MAY_NOT)
async def test_i14_nothing_else_opens_a_socket(method: str, path: str, body: object) -> None:
    forge = Scripted()
    guard = Guard(forge, address=ADDRESS, operations=person_operations(ADDRESS))
    with pytest.raises(Refused, match="is not an operation"):
        await guard.handle_async_request(request(method, path, body))
    assert forge.seen == []
