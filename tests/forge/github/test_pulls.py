"""Pull requests and reviews: reads."""

from datetime import UTC, datetime

import pytest

from shared.errors import TryLater
from tests.forge.scripted import Reply, Scripted, pull, reader, review, user

SINCE = datetime(2030, 1, 1, tzinfo=UTC)
OLD = "2029-12-31T00:00:00Z"
FORK = {"ref": "gatefleet/issue-1/abc", "sha": "c" * 40, "repo": {"full_name": "eve/hello"}}


async def test_a_merged_pull_request_names_who_merged_and_what() -> None:
    shown = pull(3, state="closed", merged_at=OLD, merged_by=user(), merge_commit_sha="d" * 40)
    forge = Scripted().on("GET", "pulls/3", Reply(shown))

    found = await reader(forge).pull_request(3)

    assert found is not None
    assert found.merged
    assert found.merged_by is not None
    assert (found.merged_by.id, found.merge_sha) == (1, "d" * 40)


async def test_a_trial_merge_is_not_a_merge() -> None:
    forge = Scripted().on("GET", "pulls/3", Reply(pull(3, merge_commit_sha="d" * 40)))

    found = await reader(forge).pull_request(3)

    assert found is not None
    assert (found.merged, found.merge_sha) == (False, None)


async def test_a_pull_request_that_is_not_there() -> None:
    assert await reader(Scripted()).pull_request(3) is None


async def test_a_fork_that_is_gone_leaves_no_repository() -> None:
    gone = {"ref": "x", "sha": "c" * 40, "repo": None}
    forge = Scripted().on("GET", "pulls", Reply([pull(3, head=gone)]))

    (found,) = await reader(forge).open_pull_requests()

    assert found.head_repo is None


async def test_a_branch_of_the_same_name_in_a_fork_is_not_ours() -> None:
    other = {"ref": "other", "sha": "c" * 40, "repo": {"full_name": "octo/hello"}}
    shown = [pull(3), pull(4, head=FORK), pull(5, head=other), pull(6)]
    forge = Scripted().on("GET", "pulls", Reply(shown))

    found = await reader(forge).pull_requests_of_branch("gatefleet/issue-1/abc")

    assert [each.number for each in found] == [6, 3]
    assert forge.seen[0].url.params["head"] == "octo:gatefleet/issue-1/abc"


async def test_closed_ones_are_read_back_to_a_time_and_by_prefix() -> None:
    more = {"Link": '<https://forge.example/x?page=2>; rel="next"'}
    shown = [
        pull(3, state="closed"),
        pull(4, state="closed", head=FORK),
        pull(5, state="closed", updated_at=OLD),
    ]
    forge = Scripted().on("GET", "pulls", Reply(shown, headers=more))

    found = await reader(forge).closed_pull_requests(SINCE, head_prefix="gatefleet/")

    assert [each.number for each in found] == [3]
    assert len(forge.seen) == 1


async def test_i27_the_count_of_files_is_known_or_asked_again() -> None:
    counted = Scripted().on("GET", "pulls/3", Reply(pull(3, changed_files=301)))
    uncounted = Scripted().on("GET", "pulls/3", Reply(pull(3)))

    assert await reader(counted).changed_file_count(3) == 301
    for forge in (uncounted, Scripted()):
        with pytest.raises(TryLater, match=r"^octo/hello#3: "):
            await reader(forge).changed_file_count(3)


async def test_reviews_in_capitals_without_drafts() -> None:
    draft = review(10, state="PENDING", submitted_at=None)
    forge = Scripted().on("GET", "pulls/3/reviews", Reply([review(9, state="approved"), draft]))

    (found,) = await reader(forge).reviews(3)

    assert (found.id, found.state, found.sha, found.pull_request) == (9, "APPROVED", "a" * 40, 3)


async def test_comments_on_lines_even_outdated_ones() -> None:
    shown = {"id": 1, "pull_request_review_id": 9, "user": user(), "path": "a.py", "line": None}
    forge = Scripted().on("GET", "pulls/3/comments", Reply([{**shown, "body": "Why?"}]))

    (found,) = await reader(forge).review_comments(3)

    assert (found.review, found.path, found.line, found.body) == (9, "a.py", None, "Why?")
