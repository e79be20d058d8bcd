"""Lists of issues, one issue, and what a person can do there."""

import pytest

from services.local_forge.domain.listing import Listing
from tests.local_forge.pages.conftest import Browser, World

ONE = "/octo/hello/issues/1"


async def titles(browser: Browser, path: str) -> list[str]:
    """The titles in a list, in its order."""
    html = (await browser.get(path)).text
    return [part.split("<", 1)[0].split(">", 1)[1] for part in html.split('<a class="title"')[1:]]


async def test_lists_filter_by_state_and_label(world: World, you: Browser) -> None:
    world.forge.issues.close(world.issue(1), actor=world.you)
    here = "/octo/hello/issues"
    assert await titles(you, here) == ["Type hints are missing"]
    assert await titles(you, f"{here}?state=closed") == ["Remove the unused function"]
    assert len(await titles(you, f"{here}?state=all")) == 2
    assert await titles(you, f"{here}?state=all&label=proposed") == ["Remove the unused function"]
    assert await titles(you, f"{here}?state=all&label=proposed&label=approved") == []
    assert await titles(you, f"{here}?state=nonsense") == ["Type hints are missing"]
    assert await titles(you, "/octo/hello/pulls") == ["Add type hints"]


async def test_a_long_list_has_pages(world: World, you: Browser) -> None:
    for number in range(60):
        world.forge.issues.create(world.repo, actor=world.you, title=f"T{number}")
    first = await titles(you, "/octo/hello/issues")
    second = await titles(you, "/octo/hello/issues?page=2")
    assert (len(first), first[0], len(second)) == (50, "T59", 12)


async def test_an_issue_shows_its_text_and_its_story(world: World, you: Browser) -> None:
    html = (await you.get(ONE)).text
    assert "<strong>Why</strong>" in html
    assert "&lt;!-- gatefleet:x --&gt;" in html
    assert "This issue waits for your approval" in html
    html = (await you.get("/octo/hello/issues/2")).text
    assert "Working on it." in html
    assert "waits for your approval" not in html
    assert "mentioned this in" in html


async def test_a_pull_requests_number_leads_to_its_page(you: Browser) -> None:
    answer = await you.get("/octo/hello/issues/3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/octo/hello/pull/3")


async def test_approving_adds_the_label_in_the_persons_name(world: World, you: Browser) -> None:
    answer = await you.submit(ONE, f"{ONE}/approve")
    assert (answer.status_code, answer.headers["location"]) == (303, ONE)
    last = world.forge.timeline.of(world.issue(1))[-1]
    assert (last.kind, last.actor.login, last.app) == ("labeled", "you", None)
    assert last.detail["label"]["name"] == "approved"
    assert "waits for your approval" not in (await you.get(ONE)).text


async def test_an_approval_counts_for_the_text_that_was_shown(world: World, you: Browser) -> None:
    page = (await you.get(ONE)).text
    csrf, digest = (
        page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "digest")
    )
    world.forge.issues.edit(world.issue(1), actor=world.fleet, body="Something else.")
    answer = await you.client.post(f"{ONE}/approve", data={"csrf": csrf, "digest": digest})
    assert answer.status_code == 409
    assert "its text changed since you read it" in answer.text
    assert "approved" not in [label.name for label in world.issue(1).labels]


async def test_declining_says_why_and_closes_as_not_planned(world: World, you: Browser) -> None:
    answer = await you.submit(ONE, f"{ONE}/decline", body="We need it.\r\nReally.")
    issue = world.issue(1)
    assert answer.status_code == 303
    assert (issue.state, issue.state_reason) == ("closed", "not_planned")
    (comment,) = world.forge.comments.of(issue)
    assert (comment.body, comment.author.login) == ("We need it.\nReally.", "you")
    html = (await you.get(ONE)).text
    assert "declined this" in html
    assert '<span class="badge">Declined</span>' in html


async def test_a_person_comments_labels_closes_and_reopens(world: World, you: Browser) -> None:
    await you.submit(ONE, f"{ONE}/comment", body="Hello")
    await you.submit(ONE, f"{ONE}/labels/remove", label="proposed")
    await you.submit(ONE, f"{ONE}/labels/add", label="approved")
    await you.submit(ONE, f"{ONE}/close")
    await you.submit(ONE, f"{ONE}/reopen")
    kinds = [event.kind for event in world.forge.timeline.of(world.issue(1))]
    assert kinds[1:] == ["commented", "unlabeled", "labeled", "closed", "reopened"]


async def test_an_empty_comment_is_refused_with_its_reason(you: Browser) -> None:
    answer = await you.submit(ONE, f"{ONE}/comment", body="  ")
    assert answer.status_code == 422
    assert "octo/hello#1: the text is empty; write something" in answer.text


async def test_a_label_that_does_not_exist_is_not_made(world: World, you: Browser) -> None:
    answer = await you.submit(ONE, f"{ONE}/labels/add", label="brand new")
    assert answer.status_code == 404
    assert [label.name for label in world.forge.labels.list(world.repo)] == ["approved", "proposed"]


async def test_a_new_issue(world: World, you: Browser) -> None:
    page = "/octo/hello/issues/new"
    answer = await you.submit(page, page, title="Mine", body="Please.")
    assert answer.headers["location"] == "/octo/hello/issues/4"
    assert (world.issue(4).title, world.issue(4).author.login) == ("Mine", "you")
    answer = await you.submit(page, page, title=" ")
    assert answer.status_code == 422
    assert len(world.forge.issues.list(world.repo, Listing(kind="issues"))) == 3


@pytest.mark.parametrize("action", ["approve", "decline", "labels/add", "labels/remove", "close"])
async def test_a_reader_reads_and_comments_but_decides_nothing(
    world: World, anybody: Browser, action: str
) -> None:
    world.forge.accounts.add("robin")
    await anybody.log_in(world, "robin")
    html = (await anybody.get(ONE)).text
    assert [word for word in ("/approve", "/decline", "/labels/") if word in html] == []
    before = world.issue(1)
    answer = await anybody.submit(ONE, f"{ONE}/{action}", label="approved", body="no")
    assert answer.status_code == 403
    after = world.issue(1)
    assert (after.state, len(after.labels), after.comments) == (
        before.state,
        len(before.labels),
        before.comments,
    )
    assert (await anybody.submit(ONE, f"{ONE}/comment", body="Hi")).status_code == 303


async def test_an_edited_text_says_who_edited_it(world: World, you: Browser) -> None:
    world.forge.issues.edit(world.issue(1), actor=world.you, body="New.")
    assert "edited by you" in (await you.get(ONE)).text
