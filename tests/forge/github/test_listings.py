"""Complete listings: by Link and by time."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import Refused, TryLater
from tests.forge.scripted import ROOT, Reply, Scripted, comment, issue, reader

T0 = datetime(2030, 1, 1, tzinfo=UTC)


def link(page: int, host: str = "https://forge.example") -> dict[str, str]:
    # GitHub's own links are by the repository's id, a path that the guard does not know.
    return {
        "Link": f'<{host}/repositories/1/x?per_page=100&page={page}>; rel="next", <x>; rel="last"'
    }


def at(second: int) -> str:
    return (T0 + timedelta(seconds=second)).isoformat()


async def test_every_page_is_read_over_our_own_path() -> None:
    forge = Scripted().on(
        "GET",
        "issues/1/comments",
        Reply([comment(1)], headers=link(2)),
        Reply([comment(2)], headers=link(3)),
        Reply([comment(3)]),
    )

    found = await reader(forge).comments(1)

    assert [each.id for each in found] == [1, 2, 3]
    assert [dict(each.url.params).get("page") for each in forge.seen] == [None, "2", "3"]
    assert {each.url.path for each in forge.seen} == {f"{ROOT}/issues/1/comments"}


async def test_the_token_does_not_follow_a_link_to_another_host() -> None:
    forge = Scripted().on(
        "GET", "issues/1/comments", Reply([comment(1)], headers=link(2, "https://evil.example"))
    )

    with pytest.raises(Refused, match=r"another host \(evil\.example\)"):
        await reader(forge).comments(1)

    assert len(forge.seen) == 1


async def test_a_listing_that_turns_in_place_ends() -> None:
    forge = Scripted().on("GET", "issues/1/comments", Reply([comment(1)], headers=link(2)))

    with pytest.raises(TryLater, match="does not end"):
        await reader(forge).comments(1)


async def test_i25_a_page_that_fails_fails_the_listing() -> None:
    forge = Scripted().on(
        "GET",
        "issues/1/comments",
        Reply([comment(1)], headers=link(2)),
        Reply(status=500),
    )

    with pytest.raises(TryLater):
        await reader(forge).comments(1)


async def test_changes_go_on_from_the_last_time_seen_so_that_a_move_skips_nothing() -> None:
    moved = issue(1, updated_at=at(9))
    forge = Scripted().on(
        "GET",
        "issues",
        Reply([issue(1, updated_at=at(1)), issue(2, updated_at=at(2))], headers=link(2)),
        Reply([issue(2, updated_at=at(2)), issue(3, updated_at=at(3)), moved]),
    )

    found = await reader(forge).issues_since(T0)

    assert [each.number for each in found.issues] == [2, 3, 1]
    assert [each.url.params["since"] for each in forge.seen] == [
        "2030-01-01T00:00:00Z",
        "2030-01-01T00:00:02Z",
    ]
    assert all(each.url.params["state"] == "all" for each in forge.seen)


async def test_more_changes_in_one_second_than_a_page_holds_are_turned_by_page() -> None:
    same = [issue(1, updated_at=at(0)), issue(2, updated_at=at(0))]
    forge = Scripted().on(
        "GET", "issues", Reply(same, headers=link(2)), Reply([issue(3, updated_at=at(0))])
    )

    found = await reader(forge).issues_since(T0)

    assert [each.number for each in found.issues] == [1, 2, 3]
    assert [dict(each.url.params).get("page") for each in forge.seen] == [None, "2"]


async def test_nothing_new_costs_nothing_and_keeps_the_etag() -> None:
    forge = Scripted().on(
        "GET",
        "issues",
        Reply([issue(1), issue(2, pull_request={"url": "x"})], headers={"ETag": 'W/"abc"'}),
        Reply(status=304),
    )
    asked = reader(forge)

    first = await asked.issues_since(T0)
    second = await asked.issues_since(T0, etag=first.etag)

    assert [each.number for each in first.issues] == [1]
    assert first.pull_requests == (2,)
    assert second.not_modified
    assert second.issues == ()
    assert second.etag == 'W/"abc"'
    assert forge.seen[1].headers["if-none-match"] == 'W/"abc"'


async def test_an_etag_of_the_first_of_many_pages_is_not_given_away() -> None:
    forge = Scripted().on(
        "GET",
        "issues",
        Reply([issue(1, updated_at=at(1))], headers={**link(2), "ETag": 'W/"abc"'}),
        Reply([issue(2, updated_at=at(2))], headers={"ETag": 'W/"def"'}),
    )

    found = await reader(forge).issues_since(T0)

    assert found.etag is None


async def test_a_comment_of_the_repositorys_listing_knows_its_issue() -> None:
    forge = Scripted().on("GET", "issues/comments", Reply([comment(5)]))

    found = await reader(forge).comments_since(T0)

    assert [(each.id, each.number) for each in found] == [(5, 1)]
