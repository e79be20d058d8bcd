"""The one GraphQL operation."""

from typing import Any

import httpx

from services.local_forge.graphql import QUERY
from tests.local_forge.place import REPO, Place, json_of


async def _ask(client: httpx.AsyncClient, number: int = 1, **changes: Any) -> httpx.Response:
    variables = {"owner": "octo", "name": "hello", "number": number}
    body = {"query": QUERY, "operationName": "GatefleetEdits", "variables": variables}
    return await client.post("/graphql", json={**body, **changes})


async def test_i05_who_edited_a_body_and_when_is_told_newest_first(place: Place) -> None:
    issue = await place.issue(place.you)
    fresh = json_of(await _ask(place.reader))["data"]["repository"]["issue"]
    place.clock.advance(60)
    await place.you.patch(f"{REPO}/issues/1", json={"body": "Two."})
    place.clock.advance(60)
    await place.fleet.patch(f"{REPO}/issues/1", json={"body": "Three."})
    await place.you.patch(f"{REPO}/issues/1", json={"title": "Another title"})

    edited = json_of(await _ask(place.reader))["data"]["repository"]["issue"]

    assert fresh == {
        "id": issue["node_id"],
        "lastEditedAt": None,
        "editor": None,
        "userContentEdits": {"totalCount": 0, "nodes": []},
        "comments": {"totalCount": 0, "nodes": []},
    }
    bot = {"__typename": "Bot", "login": "gatefleet", "databaseId": 2}
    you = {"__typename": "User", "login": "you", "databaseId": 1}
    assert (edited["lastEditedAt"], edited["editor"]) == ("2030-01-01T00:02:00Z", bot)
    assert edited["userContentEdits"] == {
        "totalCount": 2,
        "nodes": [
            {"editedAt": "2030-01-01T00:02:00Z", "editor": bot},
            {"editedAt": "2030-01-01T00:01:00Z", "editor": you},
        ],
    }


async def test_i10_an_edit_in_the_same_second_shows_in_last_edited_at(place: Place) -> None:
    await place.issue(place.you)
    comment = json_of(await place.you.post(f"{REPO}/issues/1/comments", json={"body": "a"}), 201)
    path = f"{REPO}/issues/comments/{comment['id']}"
    edited = json_of(await place.fleet.patch(path, json={"body": "/approve"}))
    assert edited["updated_at"] == edited["created_at"]

    issue = json_of(await _ask(place.reader))["data"]["repository"]["issue"]

    (node,) = issue["comments"]["nodes"]
    assert (node["databaseId"], node["lastEditedAt"]) == (comment["id"], "2030-01-01T00:00:00Z")
    assert node["editor"]["login"] == "gatefleet"


async def test_a_pull_request_or_a_missing_number_is_a_null_issue_with_an_error(
    place: Place,
) -> None:
    await place.pull()

    for number in (1, 99):
        answer = json_of(await _ask(place.you, number))
        assert answer["data"] == {"repository": {"issue": None}}
        assert answer["errors"][0]["type"] == "NOT_FOUND"


async def test_i14_any_other_operation_is_400_and_counted(place: Place) -> None:
    await place.issue(place.you)
    merge = "mutation { mergePullRequest(input: {}) { clientMutationId } }"
    others: list[dict[str, Any]] = [
        {"query": merge},
        {"query": QUERY.replace("GatefleetEdits", "Other")},
        {"operationName": "Other"},
        {"query": f"{QUERY} {merge}"},
    ]

    codes = [(await _ask(place.you, **other)).status_code for other in others]

    assert codes == [400, 400, 400, 400]
    assert place.forge.unknown_routes == {"POST /graphql": 4}
    assert [str(write) for write in place.forge.write_log] == [
        "you POST /repos/octo/hello/issues 201"
    ]
