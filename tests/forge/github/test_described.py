"""The comparison with GitHub's description sees what is wrong on either side."""

import httpx
import pytest

from tests.forge.github.description.described import Described
from tests.forge.scripted import ROOT, SHA, Reply, Scripted, issue


@pytest.mark.parametrize(
    ("method", "path", "body", "line"),
    [
        ("GET", "branches", None, "no such operation is described"),
        ("GET", "issues?flavour=x", None, "query flavour is not described"),
        ("GET", "issues?state=ajar", None, "query state: .: 'ajar' is not one of"),
        ("GET", "issues?per_page=101", None, "query per_page: more than 100"),
        ("POST", "issues", None, "a body is required"),
        ("POST", "issues", {"body": "b"}, "body: .: 'title' is a required property"),
        ("POST", "issues", {"title": "t", "tags": []}, "body: tags is not described"),
        ("PATCH", "check-runs/1", {"status": "completed"}, "body: completed without a conclusion"),
        ("POST", f"statuses/{SHA}", {"state": "fine"}, "body: state: 'fine' is not one of"),
    ],
)
async def test_a_request_that_github_would_not_take(
    method: str, path: str, body: object, line: str
) -> None:
    described = Described(Scripted())
    url = f"https://forge.example{ROOT}/{path}"

    await described.handle_async_request(
        httpx.Request(method, url, json=body) if body else httpx.Request(method, url)
    )

    assert any(line in each for each in described.asked)


@pytest.mark.parametrize("wrong", [{"title": 5}, {"labels": "bug"}, {"user": 7}])
async def test_an_answer_in_another_form_than_githubs(wrong: dict[str, object]) -> None:
    answering = Scripted().on("GET", "issues/1", Reply(issue(1)), Reply(issue(1, **wrong)))
    described = Described(answering)
    url = f"https://forge.example{ROOT}/issues/1"

    await described.handle_async_request(httpx.Request("GET", url))
    in_form = list(described.answered)
    await described.handle_async_request(httpx.Request("GET", url))

    assert in_form == []
    assert described.answered != []
