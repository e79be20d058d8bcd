"""A forge that is not ours: told by settings, polled, and worked on by one fleet of this machine."""

from pathlib import Path

from services.fleet.address import find
from tests.cli.commands import LOOPS, require_bubblewrap
from tests.demo.repositories import FILES
from tests.fleet.world import World, forge_elsewhere

pytestmark = LOOPS


def test_a_pass_works_on_a_forge_in_another_process(tmp_path: Path) -> None:
    require_bubblewrap()
    world = World(tmp_path)
    with forge_elsewhere(tmp_path, world.repo(FILES)) as there:
        ran = world.run("tick", "--propose", state=None, **there)

        assert ran.code == 0, ran.err
        assert ran.out.splitlines()[0].startswith("proposed #1: ")
        assert "; 1 thing waits for you; " in ran.out


def test_it_says_where_and_keeps_a_second_fleet_off_the_repository(tmp_path: Path) -> None:
    world = World(tmp_path)
    with forge_elsewhere(tmp_path, world.repo()) as there, world.up(**there) as up:
        url = there["GATEFLEET_FORGE_URL"]
        assert up.first.startswith("octo/hello as gatefleet[bot] · bus memory · ")
        assert up.first.endswith(f"{url}/octo/hello")
        running = find(world.state)
        assert running is not None
        assert (running.forge_url, running.person_token_file) == (url, None)

        other = world.run("tick", state=tmp_path / "other", **there)

        assert other.code == 2
        assert f"in use by gatefleet on octo/hello, process {up.process.pid}; stop that one" in (
            other.last
        )


def test_a_folder_made_for_one_repository_is_not_used_for_another(tmp_path: Path) -> None:
    world = World(tmp_path)
    repo = world.repo()
    assert world.run("tick", "--repo", str(repo)).code == 0
    with forge_elsewhere(tmp_path, repo) as there:
        ran = world.run("tick", state=None, **there)

    assert ran.code == 2
    assert ran.last == (
        f"gatefleet: {world.state}: was made for the embedded forge, not for "
        f"{there['GATEFLEET_FORGE_URL']}/octo/hello; name another folder with --state"
    )


def test_a_forge_that_is_away_is_one_line_and_1(tmp_path: Path) -> None:
    world = World(tmp_path)
    with forge_elsewhere(tmp_path, world.repo()) as there:
        pass

    ran = world.run("tick", state=None, **there)

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "octo/hello: " in ran.last


def test_a_token_that_is_not_known_there_is_one_line(tmp_path: Path) -> None:
    world = World(tmp_path)
    with forge_elsewhere(tmp_path, world.repo()) as there:
        wrong = tmp_path / "wrong"
        wrong.write_text("nobody's\n")
        ran = world.run("tick", state=None, **there | {"GATEFLEET_FLEET_TOKEN_FILE": str(wrong)})

    assert ran.code == 2, ran.out + ran.err
    assert ran.err == (
        "gatefleet: octo/hello: the forge does not accept the token (Bad credentials); renew it\n"
    )
