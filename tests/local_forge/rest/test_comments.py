"""Comments over REST."""

from tests.local_forge.place import REPO, Place, errors_of, json_of


async def test_a_comment_is_listed_read_and_in_the_timeline(place: Place) -> None:
    await place.issue(place.you)

    made = json_of(await place.you.post(f"{REPO}/issues/1/comments", json={"body": "hi"}), 201)

    assert json_of(await place.you.get(f"{REPO}/issues/1/comments")) == [made]
    assert json_of(await place.you.get(f"{REPO}/issues/comments")) == [made]
    assert json_of(await place.you.get(f"{REPO}/issues/comments/{made['id']}")) == made
    (entry,) = await place.timeline(1)
    assert (entry["event"], entry["id"], entry["body"]) == ("commented", made["id"], "hi")
    assert json_of(await place.you.get(f"{REPO}/issues/1"))["comments"] == 1


async def test_i10_anothers_comment_edited_by_a_writer_shows_it(place: Place) -> None:
    await place.issue(place.you)
    made = json_of(await place.you.post(f"{REPO}/issues/1/comments", json={"body": "thanks"}), 201)
    place.clock.advance(3)

    path = f"{REPO}/issues/comments/{made['id']}"
    edited = json_of(await place.fleet.patch(path, json={"body": "/approve"}))

    assert edited["user"]["login"] == "you"
    assert edited["updated_at"] != edited["created_at"]
    (edit,) = place.forge.edits.of_comment(place.forge.comments.get(place.repo, made["id"]))
    assert (edit.editor.login, edit.before) == ("gatefleet[bot]", "thanks")


async def test_a_deleted_comment_leaves_list_and_timeline(place: Place) -> None:
    await place.issue(place.you)
    made = json_of(await place.you.post(f"{REPO}/issues/1/comments", json={"body": "hi"}), 201)

    gone = await place.you.delete(f"{REPO}/issues/comments/{made['id']}")

    assert (gone.status_code, gone.content) == (204, b"")
    assert json_of(await place.you.get(f"{REPO}/issues/1/comments")) == []
    assert await place.timeline(1) == []
    assert (await place.you.get(f"{REPO}/issues/comments/{made['id']}")).status_code == 404


async def test_strangers_change_no_comments_and_write_none_on_a_locked_issue(place: Place) -> None:
    await place.issue(place.you)
    made = json_of(await place.you.post(f"{REPO}/issues/1/comments", json={"body": "hi"}), 201)
    reader = await place.person("ann", "read")
    path = f"{REPO}/issues/comments/{made['id']}"

    assert (await reader.patch(path, json={"body": "x"})).status_code == 403
    assert (await reader.delete(path)).status_code == 403
    issue = place.forge.issues.get(place.repo, 1)
    place.forge.issues.lock(issue, actor=place.forge.accounts.actor("you"))
    locked = await reader.post(f"{REPO}/issues/1/comments", json={"body": "x"})
    assert locked.status_code == 403


async def test_since_is_compared_with_the_last_change(place: Place) -> None:
    await place.issue(place.you)
    first = json_of(await place.you.post(f"{REPO}/issues/1/comments", json={"body": "a"}), 201)
    await place.you.post(f"{REPO}/issues/1/comments", json={"body": "b"})
    place.clock.advance(10)
    await place.you.patch(f"{REPO}/issues/comments/{first['id']}", json={"body": "c"})

    since = f"{REPO}/issues/comments?since=2030-01-01T00:00:10Z&sort=updated"

    assert [one["body"] for one in json_of(await place.you.get(since))] == ["c"]


async def test_an_empty_comment_is_refused(place: Place) -> None:
    await place.issue(place.you)

    answer = await place.you.post(f"{REPO}/issues/1/comments", json={"body": " \n"})

    assert errors_of(answer) == [("body", "missing_field")]
