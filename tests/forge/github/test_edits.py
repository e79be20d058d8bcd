"""Who edited what, or that it cannot be known."""

import pytest

from shared.forge.facts import Unreadable
from shared.forge.operations import EDITS_NAME, EDITS_QUERY
from tests.forge.scripted import WHEN, Reply, Scripted, reader

LATER = "2030-01-02T00:00:00Z"


def who(number: int | None, login: str, *, kind: str = "User") -> dict[str, object]:
    shown: dict[str, object] = {"__typename": kind, "login": login}
    return shown if number is None else {**shown, "databaseId": number}


def told(**changes: object) -> Reply:
    issue = {
        "id": "I_1",
        "lastEditedAt": None,
        "editor": None,
        "userContentEdits": {"totalCount": 0, "nodes": []},
        "comments": {"totalCount": 0, "nodes": []},
        **changes,
    }
    return Reply({"data": {"repository": {"issue": issue}}})


async def test_edits_of_body_and_comments_with_their_editors() -> None:
    forge = Scripted().on(
        "POST",
        "/graphql",
        told(
            lastEditedAt=LATER,
            editor=who(2, "eve"),
            userContentEdits={
                "totalCount": 2,
                "nodes": [
                    {"editedAt": LATER, "editor": who(2, "eve")},
                    {"editedAt": WHEN, "editor": who(1, "ada")},
                ],
            },
            comments={
                "totalCount": 2,
                "nodes": [
                    {"databaseId": 5, "lastEditedAt": LATER, "editor": who(7, "x", kind="Bot")},
                    {"databaseId": 6, "lastEditedAt": None, "editor": None},
                ],
            },
        ),
    )

    found = await reader(forge).edits(1)

    assert isinstance(found, tuple)
    assert [(each.comment, each.editor.id if each.editor else None) for each in found] == [
        (None, 1),
        (None, 2),
        (5, 7),
    ]
    assert forge.bodies("POST") == [
        {
            "query": EDITS_QUERY,
            "operationName": EDITS_NAME,
            "variables": {"owner": "octo", "name": "hello", "number": 1},
        }
    ]


async def test_a_last_edit_that_the_history_lacks_is_not_lost() -> None:
    forge = Scripted().on(
        "POST", "/graphql", told(lastEditedAt=LATER, editor=who(2, "eve"), userContentEdits=None)
    )

    found = await reader(forge).edits(1)

    assert isinstance(found, tuple)
    assert [each.editor.login if each.editor else None for each in found] == ["eve"]


async def test_an_editor_without_a_number_is_nobody_that_can_be_compared() -> None:
    nodes = [{"editedAt": WHEN, "editor": who(None, "octo", kind="Mannequin")}]
    forge = Scripted().on(
        "POST", "/graphql", told(userContentEdits={"totalCount": 1, "nodes": nodes})
    )

    found = await reader(forge).edits(1)

    assert isinstance(found, tuple)
    assert [each.editor for each in found] == [None]


@pytest.mark.parametrize(
    "reply",
    [
        told(comments={"totalCount": 101, "nodes": []}),
        told(userContentEdits={"totalCount": 101, "nodes": []}),
        Reply({"data": {"repository": {"issue": None}}}),
        Reply({"data": {"repository": None}}),
        Reply({"data": None, "errors": [{"message": "Resource not accessible"}]}),
        Reply({"errors": [{"message": "no"}], "data": told().body}),
    ],
)
async def test_i25_edits_told_in_part_or_not_at_all_are_unreadable(reply: Reply) -> None:
    forge = Scripted().on("POST", "/graphql", reply)

    found = await reader(forge).edits(1)

    assert isinstance(found, Unreadable)
    assert found.cause.startswith("octo/hello#1: ")
