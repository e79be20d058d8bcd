"""The repository, who we are, what role others have."""

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from shared.errors import BadInput
from shared.forge.facts import Role, Unreadable
from shared.messages.objects import Actor
from tests.forge.scripted import ADDRESS, ROOT, SHA, Reply, Scripted, reader, user

ADA = Actor(id=1, login="ada", kind="User")
PERMISSION = "collaborators/ada/permission"


def permission(**changes: object) -> dict[str, object]:
    # The legacy word says `write` for maintain and `read` for triage: it must not be what is used.
    return {"permission": "write", "role_name": "maintain", "user": user(), **changes}


@pytest.mark.parametrize("name", ["admin", "maintain", "write", "triage", "read", "release-crew"])
async def test_i02_the_role_is_the_forges_role_name(name: str) -> None:
    forge = Scripted().on("GET", PERMISSION, Reply(permission(role_name=name)))

    assert await reader(forge).role(ADA) == Role(name, 1)


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"message": "Not Found"}, status=404),
        Reply({"message": "Forbidden"}, status=403),
        Reply(status=401),
        Reply(status=500),
        Reply(status=301, headers={"Location": "https://forge.example/x"}),
        Reply(error=httpx.ReadTimeout),
        Reply(error=httpx.ConnectError),
        Reply("not an object"),
        Reply(None),
        Reply(permission(role_name=None)),
        Reply(permission(role_name="")),
        Reply(permission(user=None)),
        Reply({"permission": "admin", "user": user()}),
    ],
)
async def test_i02_an_error_is_no_role_and_says_why(reply: Reply) -> None:
    forge = Scripted().on("GET", PERMISSION, reply)

    answer = await reader(forge).role(ADA)

    assert isinstance(answer, Unreadable)
    assert answer.cause.startswith("octo/hello: ")


async def test_i02_a_limit_says_when_to_ask_again() -> None:
    forge = Scripted().on("GET", PERMISSION, Reply(status=403, headers={"Retry-After": "77"}))

    answer = await reader(forge).role(ADA)

    assert isinstance(answer, Unreadable)
    assert answer.after == timedelta(seconds=77)


async def test_i03_a_login_that_is_another_account_now_has_no_role() -> None:
    forge = Scripted().on("GET", PERMISSION, Reply(permission(user=user(99))))

    answer = await reader(forge).role(ADA)

    assert isinstance(answer, Unreadable)
    assert "another account" in answer.cause


async def test_i03_an_account_that_is_gone_is_not_even_asked_for() -> None:
    forge = Scripted()

    answer = await reader(forge).role(Actor(id=0, login="ghost", kind="User"))

    assert isinstance(answer, Unreadable)
    assert forge.seen == []


async def test_a_login_with_brackets_stays_one_segment() -> None:
    forge = Scripted()

    await reader(forge).role(Actor(id=2, login="x[bot]", kind="Bot"))

    assert forge.seen[0].url.raw_path.decode() == f"{ROOT}/collaborators/x%5Bbot%5D/permission"


async def test_a_login_that_is_a_path_reaches_nothing() -> None:
    forge = Scripted()

    answer = await reader(forge).role(Actor(id=2, login="../../x", kind="User"))

    assert isinstance(answer, Unreadable)
    assert forge.seen == []


async def test_a_token_asks_who_it_is_once() -> None:
    forge = Scripted().on("GET", "/user", Reply(user(7, "gatefleet[bot]", kind="Bot")))
    asked = reader(forge)

    first, second = await asked.me(), await asked.me()

    assert first == second
    assert (first.user_id, first.kind, first.app_id) == (7, "Bot", None)
    assert forge.calls == ["GET /user"]


async def test_an_app_asks_for_its_bot_account() -> None:
    address = replace(ADDRESS, app_id=42, app_slug="gatefleet", hook_id=1)
    forge = Scripted().on("GET", "/users/gatefleet[bot]", Reply(user(7, "gatefleet[bot]")))
    asked = reader(forge, address)

    assert (await asked.me()).app_id == 42
    capabilities = await asked.capabilities()
    assert (capabilities.check_runs, capabilities.redelivery) == (True, True)


async def test_the_repository_with_its_head_and_labels() -> None:
    repo = {"id": 9, "name": "hello", "owner": user(3, "octo"), "default_branch": "main"}
    ref = {"ref": "refs/heads/main", "object": {"sha": SHA}}
    forge = (
        Scripted()
        .on("GET", "", Reply(repo))
        .on("GET", "labels", Reply([{"name": "bug"}, {"name": "approved"}]))
        .on("GET", "git/ref/heads/main", Reply(ref))
    )

    found = await reader(forge).repository()

    assert (str(found.repo), found.repo.id, found.head_sha) == ("octo/hello", "9", SHA)
    assert found.labels == ("bug", "approved")


@pytest.mark.parametrize("status", [404, 409])
async def test_a_branch_that_is_not_there_has_no_head(status: int) -> None:
    forge = Scripted().on("GET", "git/ref/heads/feature/x", Reply(status=status))

    assert await reader(forge).branch_sha("feature/x") is None


async def test_branches_by_prefix() -> None:
    refs = [
        {"ref": f"refs/heads/{name}", "object": {"sha": SHA}}
        for name in ("gatefleet/issue-1/a", "gatefleet-x")
    ]
    forge = Scripted().on("GET", "git/matching-refs/heads/gatefleet", Reply(refs))

    assert await reader(forge).branches("gatefleet/") == {"gatefleet/issue-1/a": SHA}


async def test_a_file_is_its_bytes() -> None:
    content = b64encode("schlüssel: 1\n".encode()).decode()
    found = {"type": "file", "encoding": "base64", "content": f"{content[:4]}\n{content[4:]}\n"}
    forge = Scripted().on("GET", "contents/docs/a b.yml", Reply(found))

    assert await reader(forge).file("docs/a b.yml", ref=SHA) == "schlüssel: 1\n".encode()
    assert forge.seen[0].url.params["ref"] == SHA


async def test_a_file_that_is_not_there_is_none() -> None:
    assert await reader(Scripted()).file(".gatefleet.yml", ref="main") is None


@pytest.mark.parametrize(
    "found",
    [
        [{"type": "file"}],
        {"type": "submodule"},
        {"type": "symlink", "encoding": "base64", "content": ""},
        {"type": "file", "encoding": "none", "content": ""},
    ],
)
async def test_what_is_not_a_plain_file_is_said(found: object) -> None:
    forge = Scripted().on("GET", "contents/x", Reply(found))

    with pytest.raises(BadInput, match=r"^octo/hello: x is not a plain file"):
        await reader(forge).file("x", ref="main")
