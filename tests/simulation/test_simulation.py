"""A small share of the simulation, and that it would catch what it looks for.

`make simulate SEEDS=1..50` runs more of it.
"""

from dataclasses import fields
from itertools import count
from pathlib import Path
from random import Random

import pytest

from services.gatekeeper.desk import Desk
from services.gatekeeper.roles import Role
from shared.messages.objects import Actor
from tests.simulation.acting import Act, story
from tests.simulation.asked import Asked
from tests.simulation.choosing import MAY, who
from tests.simulation.ground import PEOPLE
from tests.simulation.running import prepare, simulate

SEEDS = ("1", "2", "3")
ACTS = 12


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("simulation") / "template")


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_the_invariants_hold_and_it_converges(seed: str, template: Path) -> None:
    told = simulate(Asked(seed, story(seed, ACTS)), template)

    assert (told.failure, told.lines if told.failure else []) == ("", [])
    assert told.kinds["act"] >= ACTS
    assert told.kinds["message"] > 0


def test_a_seed_is_the_same_story_whenever_it_is_told(template: Path) -> None:
    first, second = (simulate(Asked("7", story("7", 6)), template) for _ in range(2))

    assert first.lines == second.lines
    assert (first.steps, first.digest) == (second.steps, second.digest)


class Trusting(Desk):
    """A gatekeeper's desk that takes everybody for a writer: the planted fault."""

    async def _role(self, actor: Actor) -> Role:
        return Role("write")


def trusting(desk: Desk) -> Desk:
    """The same desk with the fault."""
    return Trusting(**{each.name: getattr(desk, each.name) for each in fields(Desk) if each.init})


MOST_ISSUES = 7
TRIAGE = "tri"
"""May label, and not write."""


def by_a_stranger(name: str) -> Act:
    """An act on the first issue, however many there are by then, by somebody who may not."""
    return next(Act(3.0, name, chance) for chance in count() if _by_a_stranger_on_the_first(chance))


def _by_a_stranger_on_the_first(chance: int) -> bool:
    for issues in range(1, MOST_ISSUES + 1):
        random = Random(chance)
        if random.choice(range(issues)) != 0 or who(random) != TRIAGE:
            return False
    return True


CAUGHT = {
    "approve": "without an approval that stands (I-13)",
    "label": "lives, and nothing that people did bears it",
}
"""By what is done under it, or by the approval itself, which is looked at when the story has ended."""


@pytest.mark.parametrize("name", sorted(CAUGHT))
def test_i02_a_gatekeeper_that_trusts_everybody_is_caught(name: str, template: Path) -> None:
    opened = Act(0.1, "open_issue", next(n for n in count() if _by_writer(n)))
    acts = [opened, by_a_stranger(name), *[Act(20.0, "wait", n) for n in range(6)]]

    healthy = simulate(Asked("planted", acts), template)
    faulty = simulate(Asked("planted", acts, desk=trusting), template)

    assert healthy.failure == ""
    assert CAUGHT[name] in faulty.failure


def _by_writer(chance: int) -> bool:
    return Random(chance).choice((*MAY, *sorted(PEOPLE))) == "ada"
