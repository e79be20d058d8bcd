"""What goes wrong, and the kill switch."""

from random import Random
from typing import TYPE_CHECKING

from tests.simulation.choosing import issues

if TYPE_CHECKING:
    from tests.simulation.world import World


def stop_label(world: "World", chance: Random) -> str:
    """Somebody sets the kill switch."""
    issue = chance.choice(issues(world))
    world.forge.labels.add(issue, actor=world.ground.actor("you"), names=["gatefleet:stop"])
    return f"you stop the fleet on #{issue.number}"


def go_label(world: "World", chance: Random) -> str:
    """And takes it back."""
    found = [
        i for i in world.all_issues() if any(each.name == "gatefleet:stop" for each in i.labels)
    ]
    for issue in found:
        world.forge.labels.remove(issue, actor=world.ground.actor("you"), name="gatefleet:stop")
    return "you let the fleet go on"


def stop_file(world: "World", chance: Random) -> str:
    """The kill switch of the machine."""
    path = world.state / "gatekeeper" / "STOP"
    if path.exists():
        path.unlink()
        return "the STOP file is gone"
    path.write_text("for a while\n")
    return "there is a STOP file"


def storm(world: "World", chance: Random) -> str:
    """Messages, webhooks and requests fare badly for a while."""
    world.weather.bad = chance.choice((0.3, 1.0))
    return f"bad weather: {world.weather.bad}"


def calm(world: "World", chance: Random) -> str:
    """They fare well again."""
    world.weather.bad = 0.0
    return "good weather"


def trouble(world: "World", chance: Random) -> str:
    """The forge fails some requests."""
    faults, times = world.forge.faults, chance.choice((1, 3, 10))
    match chance.randrange(5):
        case 0:
            faults.fail(500, times=times)
        case 1:
            faults.fail(404, method="GET", times=times)
        case 2:
            faults.fail_after_commit(method="POST", times=times)
        case 3:
            faults.fail_after_commit(method="PATCH", times=times)
        case _:
            faults.limit(retry_after_s=chance.choice((1, 20)), times=1)
    return f"the forge fails {times} request(s)"


def crash(world: "World", chance: Random) -> str:
    """A service is killed after some more transactions."""
    name, after = chance.choice(world.crashable), chance.choice((0, 1, 2, 3, 5, 8, 13, 30))
    world.lives.doomed[name] = after
    return f"{name} is killed after {after} more points"


def crash_all(world: "World", chance: Random) -> str:
    """The whole fleet is killed, and started again."""
    world.lives.crash_all()
    for name in world.order:
        world.lives.restart(name)
    return "the whole fleet is killed and started"


async def restart(world: "World", chance: Random) -> str:
    """A service is stopped in order and started."""
    name = chance.choice(world.crashable)
    await world.lives.stop(name)
    world.lives.restart(name)
    return f"{name} is stopped and started"


def wait(world: "World", chance: Random) -> str:
    """Nothing, for a while."""
    return "time passes"
