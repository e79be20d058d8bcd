"""Home, a repository's overview, one commit, and what waits for the person."""

from pathlib import Path

import httpx
from sqlalchemy import create_engine
from starlette.applications import Starlette

from services.local_forge.domain.forge import Forge
from services.local_forge.domain.reviews import NewReview
from services.local_forge.pages import words
from services.local_forge.pages.routes import page_routes
from services.local_forge.tables import Base
from shared.clock import FakeClock
from tests.local_forge.pages.conftest import URL, Browser, World


async def test_the_overview_shows_what_waits_first(world: World, you: Browser) -> None:
    html = (await you.get("/octo/hello")).text
    assert "1 issue waits for your approval: Remove the unused function" in html
    assert 'href="/octo/hello/issues/1"' in html
    assert "ready to merge" not in html
    world.forge.issues.create(world.repo, actor=world.fleet, title="Another", labels=["proposed"])
    assert "2 issues wait for your approval" in (await you.get("/octo/hello")).text
    assert "2 issues wait for your approval" in (await you.get("/")).text


async def test_a_pull_request_is_ready_only_when_nothing_speaks_against_it(
    world: World, you: Browser
) -> None:
    pull, head = world.issue(3), world.shas["head"]
    ready = "1 pull request is ready to merge: Add type hints"
    assert "checks failed" in (await you.get("/octo/hello")).text
    await world.check("gatefleet/review", head, "success")
    html = (await you.get("/octo/hello")).text
    assert ready in html
    assert "all checks passed" in html
    asked = NewReview("REQUEST_CHANGES", "Not yet.")
    await world.forge.reviews.create(pull, actor=world.you, ask=asked)
    html = (await you.get("/octo/hello")).text
    assert ready not in html
    assert "changes were asked for" in html


async def test_i30_the_fleets_gate_decides_what_is_ready_where_it_spoke(
    world: World, you: Browser
) -> None:
    head, ready = world.shas["head"], "1 pull request is ready to merge"
    await world.check("gatefleet/gate", head, "failure")
    html = (await you.get("/octo/hello")).text
    assert (ready in html, "the fleet&#39;s gate is shut" in html) == (False, True)
    assert "The fleet&#39;s gate is shut" in (await you.get("/octo/hello/pull/3")).text

    await world.check("gatefleet/review", head, "success")
    assert ready not in (await you.get("/octo/hello")).text
    await world.check("gatefleet/gate", head, "success")
    assert ready in (await you.get("/octo/hello")).text


async def test_an_open_gate_without_the_label_leaves_it_to_the_other_checks(
    world: World, you: Browser
) -> None:
    head, ready = world.shas["head"], "1 pull request is ready to merge"
    await world.check("gatefleet/gate", head, "success")
    assert ready not in (await you.get("/octo/hello")).text

    world.forge.labels.add(world.issue(3), actor=world.fleet, names=["gatefleet:ready"])

    assert ready in (await you.get("/octo/hello")).text
    assert "Ready to merge" in (await you.get("/octo/hello/pull/3")).text


async def test_a_conflict_is_not_ready(world: World, you: Browser) -> None:
    await world.check("gatefleet/review", world.shas["head"], "success")
    await world.push("main", "Conflict", {"src/greet.py": b"other\n"})
    html = (await you.get("/octo/hello")).text
    assert "ready to merge" not in html
    assert "has conflicts with its base" in html


async def test_the_overview_has_commits_readme_and_how_to_clone(you: Browser) -> None:
    html = (await you.get("/octo/hello")).text
    assert "<h1>Hello</h1>" in html
    assert ">First</a>" in html
    assert f"git clone {URL}/octo/hello.git" in html


async def test_an_empty_forge_and_an_empty_repository_say_what_will_appear(
    tmp_path: Path,
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'forge.db'}")
    Base.metadata.create_all(engine)
    forge = Forge(engine, state=tmp_path, url=URL, clock=FakeClock())
    transport = httpx.ASGITransport(Starlette(routes=list(page_routes(forge))))
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        assert words.NO_REPOSITORIES_MORE in (await client.get("/")).text
        await forge.seed("octo", "empty", None)
        html = (await client.get("/octo/empty")).text
        found = [words.NOTHING_WAITS, words.NO_ISSUES, words.NO_PULLS, words.NO_COMMITS_MORE]
        assert [said for said in found if said not in html] == []
        assert words.NONE_MATCH in (await client.get("/octo/empty/issues?state=closed")).text
    forge.context.store.close()


async def test_a_commit_shows_its_changes(world: World, you: Browser) -> None:
    head = world.shas["head"]
    html = (await you.get(f"/octo/hello/commit/{head}")).text
    assert "2 files changed" in html
    assert '<td class="code">def greet(name: str) -&gt; str:</td>' in html
    git = world.forge.repositories.git(world.repo)
    first = (await git.commit(head)).parents[0]
    html = (await you.get(f"/octo/hello/commit/{first[:10]}")).text
    assert '<span class="badge tiny">added</span>' in html


async def test_an_odd_file_name_is_shown_whole(world: World, you: Browser) -> None:
    name = 'a <b>\n"c"/ü.txt'
    head = await world.push("odd", "Odd", {name: b"x\n"})
    html = (await you.get(f"/octo/hello/commit/{head}")).text
    assert "a &lt;b&gt;\n&#34;c&#34;/ü.txt" in html
