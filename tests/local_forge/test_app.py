"""The forge as a whole: seeds, restarts, settings, tables."""

import asyncio
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from services.local_forge.app import MIGRATIONS, build
from services.local_forge.domain.sessions import LINK_LIFE, SESSION_LIFE
from services.local_forge.settings import LocalForgeSettings, load
from services.local_forge.tables import Base
from shared.clock import FakeClock
from shared.errors import BadInput
from shared.store.engine import open_engine
from shared.store.migrate import migrate
from tests.local_forge.place import REPO, Place, json_of, make_source


async def test_a_seeded_forge_has_people_tokens_labels_and_a_protected_branch(
    place: Place,
) -> None:
    folder = place.forge.context.state / "tokens"

    assert sorted(path.name for path in folder.iterdir()) == ["fleet", "reader", "you"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    whos = [(await c.get("/user")).json()["login"] for c in (place.you, place.fleet, place.reader)]
    assert whos == ["you", "gatefleet[bot]", "gatefleet[bot]"]
    assert [label.name for label in place.forge.labels.list(place.repo)] == ["approved", "proposed"]
    assert json_of(await place.you.get(REPO))["permissions"]["admin"] is True
    assert json_of(await place.fleet.get(REPO))["permissions"] == {
        "pull": True,
        "triage": True,
        "push": True,
        "maintain": False,
        "admin": False,
    }


async def test_seeding_twice_changes_nothing(place: Place) -> None:
    token = place.forge.token("you")

    again = await place.forge.seed("octo", "hello", None)

    assert again.id == place.repo.id
    assert place.forge.token("you") == token
    assert len(place.forge.repositories.all()) == 1


async def test_locks_of_gits_that_were_killed_are_gone_with_the_next_start(tmp_path: Path) -> None:
    settings = LocalForgeSettings(state=tmp_path / "state")
    first = build(settings, FakeClock())
    repo = await first.forge.seed("octo", "hello", make_source(tmp_path / "source"))
    folder = first.forge.repositories.git(repo).path
    await first.close()
    locks = [folder / name for name in ("packed-refs.lock", "refs/heads/main.lock")]
    for lock in locks:
        lock.touch()

    second = build(settings, FakeClock())

    assert [lock for lock in locks if lock.exists()] == []
    await second.close()


async def test_a_restart_on_the_same_folder_finds_everything(tmp_path: Path) -> None:
    settings = LocalForgeSettings(state=tmp_path / "state")
    first = build(settings, FakeClock())
    repo = await first.forge.seed("octo", "hello", make_source(tmp_path / "source"))
    you = first.forge.accounts.actor("you")
    first.forge.issues.create(repo, actor=you, title="kept", labels=["proposed"])
    await first.close()

    second = build(settings, FakeClock())
    again = second.forge.repositories.get("octo", "hello")
    (issue,) = second.forge.issues.list(again)
    await second.close()

    assert (issue.title, [label.name for label in issue.labels]) == ("kept", ["proposed"])
    assert issue.repository.default_branch == "main"
    assert again.next_number == 2


async def test_ids_of_deleted_comments_are_never_used_again(place: Place) -> None:
    await place.issue(place.you)
    path = f"{REPO}/issues/1/comments"
    first = json_of(await place.you.post(path, json={"body": "a"}), 201)
    await place.you.delete(f"{REPO}/issues/comments/{first['id']}")

    second = json_of(await place.you.post(path, json={"body": "b"}), 201)

    assert second["id"] > first["id"]


async def test_many_writers_at_once_lose_nothing(place: Place) -> None:
    await place.issue(place.you)
    body = {"body": "hi"}

    async with asyncio.TaskGroup() as group:
        for client in (place.you, place.fleet) * 5:
            group.create_task(client.post(f"{REPO}/issues/1/comments", json=body))
            group.create_task(client.post(f"{REPO}/issues", json={"title": "t"}))

    numbers = [issue.number for issue in place.forge.issues.list(place.repo)]
    assert sorted(numbers) == list(range(1, 12))
    assert place.forge.issues.get(place.repo, 1).comments == 10


def test_the_migrations_make_the_tables_that_the_code_knows() -> None:
    migrated, declared = open_engine("sqlite://"), create_engine("sqlite://")
    migrate(migrated, MIGRATIONS)
    Base.metadata.create_all(declared)
    left, right = inspect(migrated), inspect(declared)

    assert set(left.get_table_names()) - {"version_local_forge"} == set(right.get_table_names())
    for table in right.get_table_names():
        described = [
            [(column["name"], str(column["type"]), column["nullable"]) for column in columns]
            for columns in (left.get_columns(table), right.get_columns(table))
        ]
        assert described[0] == described[1], table
        indexes = [{index["name"] for index in side.get_indexes(table)} for side in (left, right)]
        assert indexes[0] == indexes[1], table
    migrated.dispose()
    declared.dispose()


def test_a_login_link_works_once_and_not_for_long(place: Place) -> None:
    sessions = place.forge.sessions
    token = sessions.one_time_link().rpartition("=")[2]
    late = sessions.one_time_link().rpartition("=")[2]

    cookie = sessions.redeem(token)
    found = sessions.find(cookie)

    assert found is not None
    assert (found.actor.login, len(found.csrf) >= 32) == ("you", True)
    assert sessions.redeem(token) is None
    assert sessions.redeem("guess") is None
    place.clock.advance((LINK_LIFE + timedelta(seconds=1)).total_seconds())
    assert sessions.redeem(late) is None
    place.clock.advance(SESSION_LIFE.total_seconds())
    assert sessions.find(cookie) is None


def test_a_session_can_be_ended(place: Place) -> None:
    sessions = place.forge.sessions
    cookie = sessions.redeem(sessions.one_time_link().rpartition("=")[2])
    assert cookie is not None

    sessions.end(cookie)

    assert sessions.find(cookie) is None


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    found = load(
        {"GATEFLEET_LOCAL_FORGE_STATE": str(tmp_path), "GATEFLEET_LOCAL_FORGE_PORT": "0", "X": "y"}
    )

    assert (found.state, found.port, found.url) == (tmp_path, 0, "http://127.0.0.1:0")


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"GATEFLEET_LOCAL_FORGE_PROT": "1"}, "GATEFLEET_LOCAL_FORGE_PROT: there is no such"),
        ({"GATEFLEET_LOCAL_FORGE_PORT": "no"}, "GATEFLEET_LOCAL_FORGE_PORT: "),
        ({"GATEFLEET_LOCAL_FORGE_REPOSITORY": "x"}, "GATEFLEET_LOCAL_FORGE_REPOSITORY: "),
    ],
)
def test_unknown_and_wrong_settings_stop_the_start(extra: dict[str, str], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        load({"GATEFLEET_LOCAL_FORGE_STATE": "/x", **extra})

    assert str(caught.value).startswith(said)


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(BadInput, match="GATEFLEET_LOCAL_FORGE_STATE: field required"):
        load({})


async def test_tokens_of_a_database_that_is_gone_are_made_anew(place: Place) -> None:
    path = place.forge.context.state / "tokens" / "you"
    path.write_text("lf_of_another_database\n")

    place.forge.seeding.people()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert place.forge.accounts.authenticate(place.forge.token("you")).login == "you"
