"""Pull requests and reviews are written once, and never more than a comment."""

import httpx
import pytest

from shared.errors import BadInput, TryLater
from shared.forge.facts import ReviewNote
from shared.forge.github.open import GitHubWriter
from shared.messages.objects import PullRequest
from tests.forge.scripted import ROOT, SHA, Reply, Scripted, pull, review, user, writer

HEAD = "gatefleet/issue-1/abc"


async def open_one(asked: GitHubWriter) -> PullRequest:
    return await asked.create_pull_request(
        head=HEAD, base="main", title="Mend it", body="Closes #1"
    )


async def test_a_new_pull_request() -> None:
    forge = Scripted().on("GET", "pulls", Reply([]))
    forge.on("POST", "pulls", Reply(pull(3), status=201))

    made = await open_one(writer(forge))

    assert made.number == 3
    assert forge.bodies("POST") == [
        {"head": HEAD, "base": "main", "title": "Mend it", "body": "Closes #1"}
    ]


@pytest.mark.parametrize("state", ["open", "closed"])
async def test_i38_one_that_is_there_is_found_by_its_branch(state: str) -> None:
    elsewhere = pull(4, base={"ref": "release", "sha": "b" * 40})
    forge = Scripted().on("GET", "pulls", Reply([elsewhere, pull(3, state=state)]))

    made = await open_one(writer(forge))

    assert (made.number, made.state) == (3, state)
    assert forge.writes == []


@pytest.mark.parametrize(
    "lost",
    [
        Reply(status=502),
        Reply(error=httpx.ReadTimeout),
        Reply({"message": "A pull request already exists for octo:x."}, status=422),
    ],
)
async def test_i38_one_whose_answer_was_lost_is_found_not_made_again(lost: Reply) -> None:
    forge = Scripted().on("GET", "pulls", Reply([]), Reply([pull(3)]))
    forge.on("POST", "pulls", lost)

    made = await open_one(writer(forge))

    assert made.number == 3
    assert forge.writes == [f"POST {ROOT}/pulls"]


async def test_what_the_forge_rejects_is_said_in_its_words() -> None:
    forge = Scripted().on("GET", "pulls", Reply([]))
    forge.on("POST", "pulls", Reply({"message": "No commits between main and x"}, status=422))

    with pytest.raises(BadInput, match="No commits between"):
        await open_one(writer(forge))


async def test_title_body_and_closing() -> None:
    forge = Scripted().on("PATCH", "pulls/3", Reply(pull(3)), Reply(pull(3, state="closed")))
    asked = writer(forge)

    await asked.update_pull_request(3, title="Better")
    closed = await asked.close_pull_request(3)

    assert closed.state == "closed"
    assert forge.bodies("PATCH") == [{"title": "Better"}, {"state": "closed"}]


async def test_i16_a_review_is_a_comment_with_its_findings() -> None:
    forge = Scripted().on("GET", "pulls/3/reviews", Reply([]))
    forge.on("POST", "pulls/3/reviews", Reply(review(9)))

    made = await writer(forge).post_review(
        3, sha=SHA, body="Two findings.", notes=[ReviewNote("a.py", 7, "Unused.")]
    )

    assert made.id == 9
    assert forge.bodies("POST") == [
        {
            "event": "COMMENT",
            "commit_id": SHA,
            "body": "Two findings.",
            "comments": [{"path": "a.py", "line": 7, "side": "RIGHT", "body": "Unused."}],
        }
    ]


async def test_i38_the_same_review_of_the_same_head_is_found_again() -> None:
    forge = Scripted().on("GET", "pulls/3/reviews", Reply([review(9, body="Two\r\nfindings. ")]))

    made = await writer(forge).post_review(3, sha=SHA, body="Two\nfindings.")

    assert made.id == 9
    assert forge.writes == []


@pytest.mark.parametrize(
    "other",
    [
        review(9, commit_id="c" * 40),
        review(9, body="Other findings."),
        review(9, user=user(1)),
    ],
)
async def test_another_head_text_or_author_is_another_review(other: object) -> None:
    forge = Scripted().on("GET", "pulls/3/reviews", Reply([other]))
    forge.on("POST", "pulls/3/reviews", Reply(review(10)))

    made = await writer(forge).post_review(3, sha=SHA, body="Two findings.")

    assert made.id == 10


async def test_i38_a_review_whose_answer_was_lost_is_tried_later_by_looking() -> None:
    forge = Scripted().on("GET", "pulls/3/reviews", Reply([]), Reply([]), Reply([review(9)]))
    forge.on("POST", "pulls/3/reviews", Reply(error=httpx.ReadTimeout))
    asked = writer(forge)

    with pytest.raises(TryLater):
        await asked.post_review(3, sha=SHA, body="Two findings.")
    made = await asked.post_review(3, sha=SHA, body="Two findings.")

    assert made.id == 9
    assert forge.writes == [f"POST {ROOT}/pulls/3/reviews"]


async def test_a_finding_off_the_diff_is_said_in_the_forges_words() -> None:
    said = {"message": "Unprocessable", "errors": ["Line could not be resolved"]}
    forge = Scripted().on("GET", "pulls/3/reviews", Reply([]))
    forge.on("POST", "pulls/3/reviews", Reply(said, status=422))

    with pytest.raises(BadInput, match="Line could not be resolved"):
        await writer(forge).post_review(3, sha=SHA, body="x", notes=[ReviewNote("a", 999, "y")])


async def test_one_person_is_asked() -> None:
    forge = Scripted().on("POST", "pulls/3/requested_reviewers", Reply(pull(3), status=201))

    await writer(forge).request_review(3, "ada")

    assert forge.bodies("POST") == [{"reviewers": ["ada"]}]
