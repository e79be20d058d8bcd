"""A pull request's pages, and gate 2 as a person works it."""

from services.local_forge.domain.pulls import NewPull
from services.local_forge.domain.reviews import Inline, NewReview
from tests.local_forge.pages.conftest import Browser, World

PULL = "/octo/hello/pull/3"


async def test_the_conversation_shows_checks_reviews_and_findings(you: Browser) -> None:
    html = (await you.get(PULL)).text
    assert "<b>gatefleet/tests</b>" in html
    assert "The <strong>return type</strong> is not tested." in html
    assert "One finding." in html
    assert "src/greet.py:1</a>" in html
    assert "Test the <code>str</code> here." in html
    assert "Checks failed" in html


async def test_commits_and_files(world: World, you: Browser) -> None:
    html = (await you.get(f"{PULL}/commits")).text
    assert f'href="/octo/hello/commit/{world.shas["head"]}">Add type hints</a>' in html
    html = (await you.get(f"{PULL}/files")).text
    assert "docs/a b.md" in html
    assert '<tr class="removed"><td class="no" data-line="1">' in html
    line = html.index("def greet(name: str)")
    assert line < html.index("Test the <code>str</code> here.") < html.index("return f&#34;Hello")


async def test_a_finding_on_an_earlier_head_does_not_pose_as_one_on_this(
    world: World, you: Browser
) -> None:
    await world.push("gatefleet/issue-2/x", "More", {"src/greet.py": b"x = 1\n"})
    html = (await you.get(f"{PULL}/files")).text
    assert f"on line 1 of an earlier version, {world.shas['head'][:8]}" in html


async def test_a_finding_on_a_removed_line_stands_on_the_left(world: World, you: Browser) -> None:
    finding = Inline("src/greet.py", 1, "Why remove this?", side="LEFT")
    review = NewReview("COMMENT", comments=[finding])
    await world.forge.reviews.create(world.issue(3), actor=world.you, ask=review)
    html = (await you.get(f"{PULL}/files")).text
    assert html.index("Why remove this?") < html.index("def greet(name: str)")


async def test_merging_records_the_persons_approval_first(world: World, you: Browser) -> None:
    answer = await you.submit(PULL, f"{PULL}/merge")
    assert (answer.status_code, answer.headers["location"]) == (303, PULL)
    pull = world.issue(3).pull
    assert pull is not None
    assert pull.merged_by is not None
    assert pull.merged_by.login == "you"
    reviews = world.forge.reviews.of(world.issue(3))
    assert [(r.state, r.author.login, r.commit_id) for r in reviews[1:]] == [
        ("APPROVED", "you", world.shas["head"])
    ]
    git = world.forge.repositories.git(world.repo)
    assert await git.head("main") == pull.merge_commit_sha
    assert world.issue(2).state == "closed"
    html = (await you.get(PULL)).text
    assert "Merged" in html
    assert f"{PULL}/merge" not in html
    assert "merged this" in html
    assert "closed this" not in html
    assert "closed this by merging" in (await you.get("/octo/hello/issues/2")).text


async def test_what_was_pushed_since_is_not_merged_or_approved(world: World, you: Browser) -> None:
    page = (await you.get(PULL)).text
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    old = {"csrf": csrf, "head": world.shas["head"], "body": "Fine."}
    new = await world.push("gatefleet/issue-2/x", "Later", {"src/evil.py": b"x\n"})
    for action in ("merge", "approve", "changes"):
        answer = await you.client.post(f"{PULL}/{action}", data=old)
        assert (answer.status_code, "It changed meanwhile" in answer.text) == (409, True)
    assert len(world.forge.reviews.of(world.issue(3))) == 1
    assert world.issue(3).state == "open"
    git = world.forge.repositories.git(world.repo)
    assert await git.is_ancestor(new, await git.head("main") or "") is False


async def test_a_conflict_is_the_reason_why_the_button_is_off(world: World, you: Browser) -> None:
    await world.push("main", "Conflict", {"src/greet.py": b"other\n"})
    html = (await you.get(PULL)).text
    assert "it has conflicts with main; the branch must be mended first" in html
    assert f'action="{PULL}/merge"' not in html
    answer = await you.client.post(
        f"{PULL}/merge",
        data={
            "csrf": html.split('name="csrf" value="')[1].split('"')[0],
            "head": world.shas["head"],
        },
    )
    assert answer.status_code == 405
    assert "it has conflicts with main" in answer.text
    assert world.issue(3).state == "open"


async def test_asking_for_changes_needs_words_and_blocks_the_merge_for_others(
    world: World, you: Browser
) -> None:
    answer = await you.submit(PULL, f"{PULL}/changes", body="")
    assert answer.status_code == 422
    answer = await you.submit(PULL, f"{PULL}/changes", body="Test the type.")
    assert answer.status_code == 303
    last = world.forge.reviews.of(world.issue(3))[-1]
    assert (last.state, last.body, last.author.login) == (
        "CHANGES_REQUESTED",
        "Test the type.",
        "you",
    )
    assert "asked for changes" in (await you.get(PULL)).text


async def test_another_writers_objection_keeps_the_button_off(world: World, you: Browser) -> None:
    other = world.forge.join("wendy", world.repo, "write")
    objection = NewReview("REQUEST_CHANGES", "No.")
    await world.forge.reviews.create(world.issue(3), actor=other, ask=objection)
    html = (await you.get(PULL)).text
    assert "wendy asked for changes" in html
    assert f'action="{PULL}/merge"' not in html


async def test_approving_is_a_review_of_this_head(world: World, you: Browser) -> None:
    await you.submit(PULL, f"{PULL}/approve", body="Good.")
    last = world.forge.reviews.of(world.issue(3))[-1]
    assert (last.state, last.body, last.commit_id) == ("APPROVED", "Good.", world.shas["head"])


async def test_ones_own_pull_request_offers_no_review(world: World, you: Browser) -> None:
    await world.push("mine", "Mine", {"mine.txt": b"x\n"})
    ask = NewPull("By hand", "mine", "main")
    pull = await world.forge.pulls.create(world.repo, actor=world.you, ask=ask)
    page = f"/octo/hello/pull/{pull.number}"
    html = (await you.get(page)).text
    assert "Ask for changes" not in html
    assert "main asks for 1 approving review(s)" in html
    assert f'action="{page}/merge"' not in html


async def test_a_reader_may_not_merge_and_reads_why(world: World, anybody: Browser) -> None:
    assert "log in to merge" in (await anybody.get(PULL)).text
    world.forge.accounts.add("robin")
    await anybody.log_in(world, "robin")
    html = (await anybody.get(PULL)).text
    assert "merging needs the write role, and you have read" in html
    answer = await anybody.submit(PULL, f"{PULL}/merge")
    assert answer.status_code == 403
    assert world.issue(3).state == "open"


async def test_closing_without_merging(world: World, you: Browser) -> None:
    await you.submit(PULL, f"{PULL}/close")
    pull = world.issue(3)
    assert (pull.state, pull.pull is not None and pull.pull.merged) == ("closed", False)
    assert "Closed without merging" in (await you.get(PULL)).text


async def test_a_force_push_and_a_dismissed_approval_are_in_the_story(
    world: World, you: Browser
) -> None:
    await you.submit(PULL, f"{PULL}/approve", body="")
    await world.push("gatefleet/issue-2/x", "More", {"x.txt": b"x\n"})
    html = (await you.get(PULL)).text
    assert "dismissed an approval: the branch moved since" in html
    assert "approved, before the branch moved" in html
