"""Whom and what an act of the simulation is about."""

from random import Random
from typing import TYPE_CHECKING

from services.local_forge.tables import Issue
from tests.simulation.ground import PEOPLE

if TYPE_CHECKING:
    from tests.simulation.world import World

MAY = ("you", "ada", "max")
"""Who mostly acts; the others try."""


def issues(world: "World", *, state: str | None = "open") -> list[Issue]:
    """Issues, without pull requests."""
    found = world.all_issues()
    return [each for each in found if not each.pull and state in (None, each.state)]


def pulls(world: "World", *, state: str | None = "open") -> list[Issue]:
    """Pull requests."""
    return [each for each in world.all_issues() if each.pull and state in (None, each.state)]


def who(chance: Random) -> str:
    """Somebody; mostly one who may."""
    return chance.choice(MAY) if chance.random() < 0.8 else chance.choice(sorted(PEOPLE))
