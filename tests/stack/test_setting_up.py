"""Set-up of the stack: settings checked as a whole, secrets made once and dealt to who needs them."""

import io
import json
import stat
from pathlib import Path

import pytest

from services.stack.__main__ import main
from services.stack.broker import broker_definitions
from services.stack.dealing import ON_BUS, RENEWED
from services.stack.settings import Settings
from services.stack.vault import Vault
from shared.runtime.settings import read_settings

RIGHT = {
    "GATEFLEET_BUS_FILE": "/run/gatefleet/bus",
    "GATEFLEET_GITHUB_INGEST_REPOSITORY": "octo/hello",
    "GATEFLEET_GITHUB_INGEST_WEBHOOK_SECRET_FILE": "/run/gatefleet/webhook",
    "GATEFLEET_LOCAL_FORGE_STATE": "/var/lib/gatefleet/local-forge",
}


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {**RIGHT, "GATEFLEET_STACK_SECRETS": str(folder), **more}


def act(folder: Path, *arguments: str, given: str = "", **more: str) -> int:
    return main(arguments, environment(folder, **more), io.StringIO(given))


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*")
            if path.is_file()}  # fmt: skip


def test_everything_is_made_once_and_dealt_to_who_needs_it(tmp_path: Path) -> None:
    assert act(tmp_path) == 0
    made = files(tmp_path)
    assert act(tmp_path) == 0

    assert files(tmp_path) == made
    for service in ON_BUS:
        assert made[f"{service}/bus"].startswith(f"amqp://{service}:")
        assert made[f"{service}/bus"].endswith("@rabbitmq:5672/\n")
    assert made["gatekeeper/token"] == made["local-forge/fleet"]
    assert made["dev-agent/token"] == made["local-forge/reader"]
    assert made["github-ingest/webhook"] == made["local-forge/webhook"]
    assert {name for name in made if name.startswith("scheduler/")} == {"scheduler/bus"}


def test_only_the_gatekeeper_and_the_forge_hold_what_may_write(tmp_path: Path) -> None:
    act(tmp_path)

    writes = Vault(tmp_path).own("fleet")
    holders = {name.split("/")[0] for name, text in files(tmp_path).items() if writes in text}
    assert holders == {"own", "gatekeeper", "local-forge"}


def test_secrets_are_for_their_readers_eyes_only(tmp_path: Path) -> None:
    act(tmp_path)

    modes = {
        name: stat.S_IMODE((tmp_path / name).stat().st_mode) & 0o377 for name in files(tmp_path)
    }
    shared = [name for name, mode in modes.items() if mode]
    assert shared == ["rabbitmq/definitions.json"]
    assert modes["rabbitmq/definitions.json"] == 0o040


def test_the_broker_is_told_hashes_and_no_password(tmp_path: Path) -> None:
    act(tmp_path)

    told = (tmp_path / "rabbitmq/definitions.json").read_text()
    users = {user["name"]: user for user in json.loads(told)["users"]}
    assert set(ON_BUS) < set(users)
    assert "guest" not in users
    passwords = [path.read_text().strip() for path in (tmp_path / "own/passwords").iterdir()]
    assert len(passwords) == len(users)
    assert [password for password in passwords if password in told] == []


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {
        "GATEFLEET_SCHEDULER_TICK_S": "0",
        "GATEFLEET_CONSOEL_PORT": "1",
        "GATEFLEET_GATEKEEPER_TOKEN": "ghp_written_into_the_file",
        "GATEFLEET_STACK_BROKER": "amqp://user:password@broker/",
        "GATEFLEET_LOCAL_FORGE_PORT": "no",
    }
    assert act(tmp_path, **wrong) == 2

    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert len(lines) == len(wrong)
    for name in wrong:
        assert any(line.startswith(f"{name}:") for line in lines), name
    assert "ghp_written_into_the_file" not in said.err + said.out
    assert files(tmp_path) == {}


@pytest.mark.parametrize("name", RENEWED)
def test_a_renewed_secret_reaches_everybody_who_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    act(tmp_path)
    of = RENEWED[name]
    path = f"own/passwords/{name}" if of.broker else f"own/{name}"
    before = files(tmp_path)
    old = before[path].strip()

    assert act(tmp_path, "rotate", name) == 0

    after = files(tmp_path)
    left = {each for each, text in after.items() if old in text}
    assert left <= {"github-ingest/webhook-before", "own/given/github-ingest/webhook-before"}
    changed = {each.split("/")[0] for each in after if after[each] != before.get(each)}
    assert set(of.restart) <= changed
    said = capsys.readouterr().out
    assert ("rabbitmqctl import_definitions" in said) == of.broker


def test_a_forge_elsewhere_needs_a_token_for_each_service_put_in_by_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github = {"GATEFLEET_STACK_FORGE_URL": "https://api.github.com"}
    assert act(tmp_path, **github) == 2
    assert len(capsys.readouterr().err.splitlines()) == 5

    for service in ("gatekeeper", "github-ingest", "pm-agent", "dev-agent", "qa-agent"):
        assert act(tmp_path, "put", service, "token", given=f"token-of-{service}\n", **github) == 0
    assert act(tmp_path, **github) == 0

    made = files(tmp_path)
    assert made["gatekeeper/token"] == "token-of-gatekeeper\n"
    assert made["qa-agent/token"] == "token-of-qa-agent\n"
    assert not any(name.startswith("local-forge/") for name in made)


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (["put", "gatekeeper", "token"], " \n", "token: nothing came in"),
        (["put", "gatekeeper", "../x"], "y", "../x: no name of a secret"),
        (["put", "somebody", "token"], "y", "somebody: not a service"),
        (["rotate", "somebody"], "", "somebody: there is no such secret; one of github-ingest"),
        (["join", "gatekeeper"], "", "gatekeeper: not a service that joins"),
        (["dance"], "", "usage: setup"),
    ],
)
def test_what_cannot_be_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], given: str, said: str
) -> None:
    assert act(tmp_path, *arguments, given=given) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(said)


def test_a_developer_is_handed_the_agents_own_user_and_a_name_nobody_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    act(tmp_path)
    capsys.readouterr()

    act(tmp_path, "join", "dev-agent", GATEFLEET_STACK_AMQP_PORT="5699")
    act(tmp_path, "join", "dev-agent", GATEFLEET_STACK_AMQP_PORT="5699")

    lines = capsys.readouterr().out.splitlines()
    password = Vault(tmp_path).own("passwords/dev-agent")
    bus = f"export GATEFLEET_DEV_AGENT_BUS=amqp://dev-agent:{password}@127.0.0.1:5699/"
    assert lines.count(bus) == 2
    names = [line for line in lines if "INSTANCE" in line]
    assert len(set(names)) == 2
    assert Vault(tmp_path).own("fleet") not in "".join(lines)


def test_postgresql_has_a_user_and_a_database_for_each_store(tmp_path: Path) -> None:
    assert act(tmp_path, GATEFLEET_STACK_DATABASE="postgresql") == 0

    made = files(tmp_path)
    assert made["scheduler/database"].startswith("postgresql://scheduler:")
    assert made["github-ingest/database"].endswith("@postgres:5432/github_ingest\n")
    password = made["own/databases/scheduler"].strip()
    assert f"create role scheduler login password '{password}'" in made["postgres/users.sql"]
    assert "dev-agent/database" not in made


def test_a_volume_of_another_user_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own").write_text("no folder")

    assert act(tmp_path) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_vhost_of_the_broker_is_the_definitions_vhost(tmp_path: Path) -> None:
    settings = read_settings(Settings, {"GATEFLEET_STACK_BROKER": "amqps://broker.example/team"})

    told = json.loads(broker_definitions(Vault(tmp_path), settings))
    assert told["vhosts"] == [{"name": "team"}]
