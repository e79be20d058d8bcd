"""Dead letters of a fleet on the memory bus: in each service's store, and back through its outbox."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from services.cli.letters.stored import StoredLetters
from shared.bus import MemoryBus, Service
from shared.clock import FakeClock
from shared.errors import Refused
from shared.messages.gate import FleetStopped
from shared.runtime.holding import hold
from shared.store import Handling, Store
from tests.bus.settling import settle
from tests.bus.worlds import STOPPED, running, stopped
from tests.cli.consoles import told

QUEUE = f"scheduler.{STOPPED}"


class Fleet:
    """A gatekeeper, a scheduler that does not take it until it is mended, and a console."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.clock = FakeClock()
        self.mended = False
        self.heard: list[tuple[str, str]] = []
        (state / "fleet" / "databases").mkdir(parents=True)

    def services(self) -> tuple[Service, ...]:
        """As they are at each start."""
        bus = MemoryBus(self.clock)
        made = {name: self._service(bus, name) for name in ("gatekeeper", "scheduler", "console")}

        def take(message: FleetStopped, at: Handling) -> None:
            if not self.mended:
                raise Refused("octo/hello: not yet \x1b[31m")
            self.heard.append(("scheduler", at.sender))

        def note(message: FleetStopped, at: Handling) -> None:
            self.heard.append(("console", at.sender))

        made["scheduler"].hears(take)
        made["console"].hears(note)
        return tuple(made.values())

    def _service(self, bus: MemoryBus, name: str) -> Service:
        store = Store(f"sqlite:///{self.state / 'fleet' / 'databases' / name}.db")
        return Service(name, driver=bus.driver(), store=store, clock=self.clock, instance="1")

    async def once(self, *whys: str) -> None:
        """Start, have the gatekeeper say something, settle, stop."""
        services = self.services()

        def tick(at: Handling) -> list[FleetStopped]:
            return [stopped(why) for why in whys]

        async with running(*services):
            if whys:
                await services[0].commit("say", tick)
            await settle(services, self.clock)


@pytest.fixture
async def fleet(tmp_path: Path) -> Fleet:
    """One that has stopped, with one dead letter."""
    made = Fleet(tmp_path / "state")
    await made.once("x")
    return made


Capture = pytest.CaptureFixture[str]


async def ask(capsys: Capture, fleet: Fleet, *arguments: str) -> tuple[int, str, str]:
    """The command: exit code, stdout, stderr."""
    capsys.readouterr()  # what the services of this process logged
    code = await told("dead", *arguments, "--state", str(fleet.state))
    seen = capsys.readouterr()
    return code, seen.out, seen.err


async def listed(capsys: Capture, fleet: Fleet) -> list[dict[str, str]]:
    """The letters as a program sees them."""
    found = json.loads((await ask(capsys, fleet, "list", "--json"))[1])["letters"]
    assert isinstance(found, list)
    return found


async def test_they_are_listed_and_shown_with_reason_and_traceback(
    fleet: Fleet, capsys: Capture
) -> None:
    letter = (await listed(capsys, fleet))[0]
    assert (letter["queue"], letter["sender"]) == (QUEUE, "gatekeeper")
    code, out, _ = await ask(capsys, fleet, "list")
    assert (code, out.splitlines()[0]) == (0, "1 dead letter(s)")
    assert out.splitlines()[2] == "    Refused: octo/hello: not yet"
    _, out, _ = await ask(capsys, fleet, "show", letter["id"])
    assert "in take" in out
    assert '"why": "x"' in out
    assert "\x1b" not in out


async def test_replayed_it_is_handled_at_the_next_start_and_by_nobody_twice(
    fleet: Fleet, capsys: Capture
) -> None:
    letter = (await listed(capsys, fleet))[0]
    assert fleet.heard == [("console", "gatekeeper")]
    fleet.mended = True
    code, out, _ = await ask(capsys, fleet, "replay", letter["id"])
    assert (code, out.splitlines()) == (
        0, [f"{letter['id']} → {QUEUE}", "1 will be handled at the next start: `gatefleet up`"],
    )  # fmt: skip
    await fleet.once()
    assert fleet.heard == [("console", "gatekeeper"), ("scheduler", "gatekeeper")]
    assert await ask(capsys, fleet, "list") == (0, "no dead letters\n", "")


async def test_what_is_replayed_too_early_dies_again_and_is_one_letter(
    fleet: Fleet, capsys: Capture
) -> None:
    before = await listed(capsys, fleet)
    assert (await ask(capsys, fleet, "replay", "--all"))[0] == 0
    assert await listed(capsys, fleet) == []
    await fleet.once()
    assert [each["id"] for each in await listed(capsys, fleet)] == [each["id"] for each in before]


async def test_what_is_older_than_inboxes_remember_is_not_replayed(
    fleet: Fleet, capsys: Capture
) -> None:
    fleet.clock.advance(timedelta(days=35).total_seconds())
    stored = StoredLetters(fleet.state, fleet.clock, {})
    async for letter in stored.letters():
        with pytest.raises(Refused, match="would do it twice; drop it"):
            await stored.replay(letter)
    assert len(await listed(capsys, fleet)) == 1


async def test_what_is_dropped_is_gone_and_only_that(fleet: Fleet, capsys: Capture) -> None:
    await fleet.once("y", "z")
    ids = [each["id"] for each in await listed(capsys, fleet)]
    code, _, err = await ask(capsys, fleet, "drop", ids[0])
    assert (code, "give --yes" in err) == (2, True)  # nobody can be asked here
    assert (await ask(capsys, fleet, "drop", ids[0], "--yes"))[0] == 0
    assert [each["id"] for each in await listed(capsys, fleet)] == ids[1:]
    assert (await ask(capsys, fleet, "drop", "--all", "--queue", "else", "--yes"))[0] == 0
    assert (await ask(capsys, fleet, "drop", "--all", "--queue", QUEUE, "--yes"))[0] == 0
    assert await listed(capsys, fleet) == []


async def test_while_a_fleet_runs_they_are_read_and_not_touched(
    fleet: Fleet, capsys: Capture
) -> None:
    with hold(fleet.state, "up"):
        for action in ("replay", "drop"):
            code, _, err = await ask(capsys, fleet, action, "--all", "--yes")
            assert (code, len(err.splitlines())) == (1, 1)
            assert "stop it first" in err
        assert (await ask(capsys, fleet, "list"))[0] == 0


async def test_an_id_that_is_none_and_a_folder_without_a_fleet_are_one_line(
    fleet: Fleet, capsys: Capture, tmp_path: Path
) -> None:
    for action in ("show", "replay"):
        code, out, err = await ask(capsys, fleet, action, "nothing")
        assert (code, out) == (1, "")
        assert err == (
            "gatefleet: nothing: no dead letter has this id; `gatefleet dead list` lists them\n"
        )
    code = await told("dead", "list", "--state", str(tmp_path / "empty"))
    assert (code, "nothing has run here yet" in capsys.readouterr().err) == (1, True)
    assert not (tmp_path / "empty").exists()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("list", "x"), "takes no ids"),
        (("show",), "which? give ids"),
        (("replay",), "which? give ids, or --all"),
        (("drop", "x", "--all"), "not both"),
        (("burn",), "is not one of"),
    ],
)
async def test_what_is_asked_wrongly_is_told_before_anything_is_read(
    arguments: tuple[str, ...], line: str, capsys: Capture
) -> None:
    assert await told("dead", *arguments) == 2
    assert line in capsys.readouterr().err
