"""Single issues: there, gone, or something else."""

import pytest

from tests.forge.scripted import Reply, Scripted, comment, issue, reader


async def test_an_issue_with_labels_of_both_shapes_and_an_author_who_is_gone() -> None:
    shown = issue(1, labels=["bug", {"name": "approved"}], user=None, body=None)
    forge = Scripted().on("GET", "issues/1", Reply(shown))

    found = await reader(forge).issue(1)

    assert found is not None
    assert found.labels == ("bug", "approved")
    assert (found.author.id, found.author.kind) == (0, "Deleted")
    assert found.body == ""


@pytest.mark.parametrize("status", [404, 410, 301])
async def test_i08_an_issue_that_was_deleted_or_moved_is_not_there(status: int) -> None:
    forge = Scripted().on("GET", "issues/1", Reply(status=status))

    assert await reader(forge).issue(1) is None


async def test_a_pull_request_is_no_issue() -> None:
    forge = Scripted().on("GET", "issues/1", Reply(issue(1, pull_request={"url": "x"})))

    assert await reader(forge).issue(1) is None


async def test_open_issues_leave_out_pull_requests() -> None:
    forge = Scripted().on("GET", "issues", Reply([issue(1), issue(2, pull_request={})]))

    assert [each.number for each in await reader(forge).open_issues()] == [1]


async def test_i19_open_issues_with_the_label_that_stops() -> None:
    stop = issue(1, labels=[{"name": "Gatefleet:Stop"}])
    forge = Scripted().on("GET", "issues", Reply([stop, issue(2)]))

    found = await reader(forge).open_issues(label="gatefleet:stop")

    assert [each.number for each in found] == [1]
    assert forge.seen[0].url.params["labels"] == "gatefleet:stop"


async def test_i03_a_comment_written_through_an_app_says_so() -> None:
    shown = comment(5, performed_via_github_app={"id": 42})
    forge = Scripted().on("GET", "issues/1/comments", Reply([shown, comment(6)]))

    found = await reader(forge).comments(1)

    assert [(each.id, each.number, each.app_id) for each in found] == [(5, 1, 42), (6, 1, None)]
