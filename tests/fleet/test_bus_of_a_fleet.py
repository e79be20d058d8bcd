"""Saying events to a fleet without a broker, and its dead letters: the real thing."""

from pathlib import Path

from tests.cli.commands import LOOPS
from tests.fleet.world import World


@LOOPS
def test_a_fleet_answers_an_event_and_keeps_no_dead_letter(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.up("--repo", str(world.repo())):
        unheard = world.run("publish", "custom.sentry.alert", "title=x", "--wait")
        assert (unheard.code, unheard.last) == (
            1, "accepted; nobody listens: triggers: has no custom.sentry.alert",
        )  # fmt: skip
        wrong = world.run("publish", "custom.propose", "more=x", "--wait")
        assert (wrong.code, wrong.last) == (
            1, "not taken: the event.more is not a field of this event",
        )  # fmt: skip
        said = world.run("publish", "custom.propose", "--output", "json")
        assert (said.code, said.json()["confirmed"]) == (0, True)
        assert world.run("dead", "list").out == "no dead letters\n"
