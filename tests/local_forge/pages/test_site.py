"""Sessions, CSRF, headers, and how a no is shown."""

import re

import httpx
import pytest

from services.local_forge.domain.listing import Listing
from services.local_forge.pages.look import stylesheet, stylesheet_source
from services.local_forge.pages.routes import ACTING, READING
from services.local_forge.pages.site import NEEDS_SESSION, TOO_LARGE, WRONG_CSRF
from tests.local_forge.pages.conftest import URL, Browser, World

POSTS = sorted(
    path.replace("{owner}", "octo")
    .replace("{name}", "hello")
    .replace("{number:int}", "3" if "/pull/" in path else "1")
    for path in ACTING
)
PAGES = [
    "/",
    "/octo/hello",
    "/octo/hello/issues",
    "/octo/hello/issues/1",
    "/octo/hello/pulls",
    "/octo/hello/pull/3",
    "/octo/hello/pull/3/commits",
    "/octo/hello/pull/3/files",
    "/nothing/here",
]


_ACTIVE = re.compile(
    r"<script|\son\w+=|\sstyle=|<iframe|<img" r'|<link(?! rel="icon" href="/icon\.svg")'
)


def everything(world: World) -> list[tuple[object, ...]]:
    """All that an action could change: the timelines and texts of all that there is."""
    return [
        (one.number, one.title, one.state, len(world.forge.timeline.of(one)))
        for one in world.forge.issues.list(world.repo, Listing(state="all"))
    ]


async def test_no_action_goes_through_without_a_session(world: World, anybody: Browser) -> None:
    before = everything(world)
    for path in POSTS:
        sent = {"body": "x", "title": "x", "label": "proposed"}
        answer = await anybody.client.post(path, data=sent)
        assert (path, answer.status_code, NEEDS_SESSION in answer.text) == (path, 403, True)
    assert everything(world) == before


async def test_no_action_goes_through_with_another_sessions_token(
    world: World, you: Browser
) -> None:
    before = everything(world)
    for path in POSTS:
        for csrf in ({}, {"csrf": ""}, {"csrf": "ü"}, {"csrf": "x" * 43}):
            answer = await you.client.post(path, data={"body": "x", "title": "x", **csrf})
            assert (path, answer.status_code, WRONG_CSRF in answer.text) == (path, 403, True)
    assert everything(world) == before
    assert (await you.get("/")).text.count("Log out") == 1


async def test_every_page_has_a_strict_policy_and_no_script(you: Browser) -> None:
    for path in PAGES:
        answer = await you.get(path)
        headers = ("x-content-type-options", "x-frame-options", "cache-control", "referrer-policy")
        assert answer.headers["content-security-policy"] == (
            f"default-src 'none'; style-src {stylesheet_source()}; img-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        assert [answer.headers[name] for name in headers] == [
            "nosniff",
            "DENY",
            "no-store",
            "same-origin",
        ]
        html = answer.text
        assert f"<style>{stylesheet()}</style>" in html
        assert _ACTIVE.findall(html) == []


async def test_a_login_link_works_once_and_its_cookie_is_kept_from_scripts(
    world: World, anybody: Browser
) -> None:
    link = world.forge.sessions.one_time_link().removeprefix(URL)
    preview = await anybody.client.head(link)
    assert (preview.status_code, preview.headers.get("set-cookie")) == (204, None)
    answer = await anybody.client.get(link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "log out" in (await anybody.get("/")).text.lower()
    again = await anybody.client.get(link)
    assert again.status_code == 403
    assert "used before" in again.text


async def test_a_cookie_over_https_stays_there(world: World) -> None:
    link = world.forge.sessions.one_time_link().removeprefix(URL)
    transport = httpx.ASGITransport(world.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://forge.test") as client:
        answer = await client.get(link)
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_an_old_session_is_none(world: World, you: Browser) -> None:
    world.clock.advance(13 * 3600)
    assert "Log out" not in (await you.get("/")).text


async def test_logging_out_ends_the_session(you: Browser) -> None:
    cookies = dict(you.client.cookies)
    answer = await you.submit("/", "/logout")
    assert answer.status_code == 303
    you.client.cookies.update(cookies)
    assert "Log out" not in (await you.get("/")).text


async def test_a_form_that_is_too_large_is_refused(you: Browser) -> None:
    answer = await you.submit(
        "/octo/hello/issues/1", "/octo/hello/issues/1/comment", body="x" * 600_000
    )
    assert (answer.status_code, TOO_LARGE in answer.text) == (413, True)


@pytest.mark.parametrize(
    "path",
    [
        "/octo/nothing",
        "/octo/hello/issues/99",
        "/octo/hello/pull/1",
        "/octo/hello/commit/0000000",
        "/octo/hello/commit/--all",
        "/octo/hello/nothing",
        "/nobody",
        "/octo/hello/issues/99999999999999999999",
    ],
)
async def test_what_is_not_there_is_a_page_that_says_so(you: Browser, path: str) -> None:
    answer = await you.get(path)
    assert (answer.status_code, "There is no such page here" in answer.text) == (404, True)


async def test_a_private_repository_is_not_there_for_a_stranger(
    world: World, anybody: Browser
) -> None:
    with world.forge.context.store.transaction() as session:
        repo = world.forge.repositories.get("octo", "hello")
        repo.private = True
        session.merge(repo)
    assert [(await anybody.get(path)).status_code for path in PAGES[1:]] == [404] * 8
    assert "octo/hello" not in (await anybody.get("/")).text
    world.forge.accounts.add("stranger")
    await anybody.log_in(world, "stranger")
    assert [(await anybody.get(path)).status_code for path in PAGES[1:]] == [404] * 8


@pytest.mark.parametrize("path", ["/repos/octo", "/user", "/users/you", "/graphql", "/app/x"])
async def test_pages_leave_the_rest_sides_addresses_alone(you: Browser, path: str) -> None:
    answer = await you.get(path)
    assert (answer.status_code, answer.text) == (404, "Not Found")


async def test_only_browsers_get_a_page_for_an_unknown_address(anybody: Browser) -> None:
    answer = await anybody.client.get("/x/y/z", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.text) == (404, "Not Found")
    answer = await anybody.client.post("/x/y/z")
    assert (answer.status_code, answer.text) == (404, "Not Found")


def test_reading_and_acting_are_told_apart() -> None:
    assert set(READING) & set(ACTING) == {"/{owner}/{name}/issues/new"}


async def test_every_page_names_an_icon_that_is_there(anybody: Browser, world: World) -> None:
    found = re.search(r'<link rel="icon" href="([^"]+)"', (await anybody.get("/")).text)
    assert found is not None
    answer = await anybody.client.get(found[1])
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg ")
    assert not world.forge.witness.unknown_routes
