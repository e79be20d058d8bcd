"""Reviews over REST."""

from tests.local_forge.place import REPO, Place, errors_of, json_of

REVIEWS = f"{REPO}/pulls/1/reviews"


async def test_a_review_with_comments_on_lines(place: Place) -> None:
    head = (await place.pull())["head"]["sha"]
    comments = [{"path": "src/greet.py", "line": 2, "side": "RIGHT", "body": "why 2?"}]
    body = {"event": "COMMENT", "body": "Read it.", "commit_id": head, "comments": comments}

    made = json_of(await place.fleet.post(REVIEWS, json=body))

    assert (made["state"], made["commit_id"]) == ("COMMENTED", head)
    assert json_of(await place.you.get(REVIEWS)) == [made]
    (inline,) = json_of(await place.you.get(f"{REPO}/pulls/1/comments"))
    assert (inline["path"], inline["line"], inline["side"]) == ("src/greet.py", 2, "RIGHT")
    assert inline["pull_request_review_id"] == made["id"]
    assert json_of(await place.you.get(f"{REVIEWS}/{made['id']}/comments")) == [inline]


async def test_i16_nobody_approves_or_asks_changes_of_what_is_their_own(place: Place) -> None:
    await place.pull()

    for event in ("APPROVE", "REQUEST_CHANGES"):
        refused = await place.fleet.post(REVIEWS, json={"event": event, "body": "b"})
        assert errors_of(refused) == [("event", "invalid")]
    assert json_of(await place.you.get(REVIEWS)) == []
    assert json_of(await place.you.post(REVIEWS, json={"event": "APPROVE"}))["state"] == "APPROVED"


async def test_a_comment_stands_on_a_line_of_the_diff(place: Place) -> None:
    await place.pull()

    async def refused(**inline: object) -> list[tuple[str, str]]:
        body = {"event": "COMMENT", "comments": [{"body": "b", **inline}]}
        return errors_of(await place.you.post(REVIEWS, json=body))

    assert await refused(path="README.md", line=1) == [("path", "invalid")]
    assert await refused(path="src/greet.py", line=99) == [("line", "invalid")]
    assert await refused(path="src/greet.py") == [("comments.0.line", "missing_field")]
    assert json_of(await place.you.get(f"{REPO}/pulls/1/comments")) == []


async def test_a_review_says_something_about_a_commit_of_the_pull_request(place: Place) -> None:
    await place.pull()

    async def refused(**body: object) -> list[tuple[str, str]]:
        return errors_of(await place.you.post(REVIEWS, json=body))

    assert await refused(event="COMMENT") == [("body", "missing_field")]
    assert await refused(event="REQUEST_CHANGES") == [("body", "missing_field")]
    assert await refused(event="COMMENT", body="b", commit_id="0" * 40) == [
        ("commit_id", "invalid")
    ]
    assert await refused(body="b") == [("event", "missing_field")]
    assert await refused(event="PENDING", body="b") == [("event", "invalid")]


async def test_a_review_ends_the_request_for_it(place: Place) -> None:
    await place.pull()
    await place.fleet.post(f"{REPO}/pulls/1/requested_reviewers", json={"reviewers": ["you"]})

    await place.you.post(REVIEWS, json={"event": "COMMENT", "body": "b"})

    assert json_of(await place.you.get(f"{REPO}/pulls/1"))["requested_reviewers"] == []


async def test_i15_a_push_dismisses_approvals_but_not_asked_changes(place: Place) -> None:
    await place.pull()
    ann = await place.person("ann", "write")
    await place.you.post(REVIEWS, json={"event": "APPROVE"})
    await ann.post(REVIEWS, json={"event": "REQUEST_CHANGES", "body": "no"})

    await place.push("topic", {"x.py": "X = 1\n"})

    states = [one["state"] for one in json_of(await place.you.get(REVIEWS))]
    assert states == ["DISMISSED", "CHANGES_REQUESTED"]
    assert "review_dismissed" in [entry["event"] for entry in await place.timeline(1)]
