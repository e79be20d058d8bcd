"""What people and the world do in a simulation. Each act picks its objects by a chance of its own, so
that a story from which some acts were left out still makes sense."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from services.local_forge.problems import Problem
from shared.errors import GatefleetError
from tests.simulation import mishaps as m
from tests.simulation import on_issues as i
from tests.simulation import on_pulls as p

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(frozen=True)
class Act:
    """One thing that happens: after how long, what, and the chance that picks the rest."""

    wait: float
    name: str
    chance: int

    def __str__(self) -> str:
        return f"{self.name}({self.chance}) after {self.wait:g} s"


Doing = Callable[["World", Random], "Awaitable[str] | str"]

DOINGS: dict[str, tuple[int, Doing]] = {
    "open_issue": (10, i.open_issue), "label": (14, i.label), "unlabel": (3, i.unlabel),
    "approve": (12, i.approve), "unapprove": (2, i.unapprove), "talk": (3, i.talk),
    "retract": (3, i.retract), "edit": (5, i.edit), "command": (8, i.command), "close": (3, i.close),
    "reopen": (3, i.reopen), "merge": (10, p.merge), "close_pull": (2, p.close_pull),
    "reopen_pull": (2, p.reopen_pull), "judge": (6, p.judge), "role": (4, p.role),
    "take_over": (3, p.take_over), "move_base": (5, p.move_base), "policy": (3, p.policy),
    "stop_label": (1, m.stop_label), "go_label": (3, m.go_label), "stop_file": (1, m.stop_file),
    "storm": (3, m.storm), "calm": (3, m.calm), "trouble": (5, m.trouble), "crash": (8, m.crash),
    "crash_all": (2, m.crash_all), "restart": (2, m.restart), "wait": (3, m.wait),
}  # fmt: skip
"""Every act with how often it happens."""

WAITS = (0.0, 0.0, 0.01, 0.1, 0.3, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0, 5.0, 8.0, 20.0)


ALWAYS = ("open_issue", "label", "approve", "wait")
UNDONE_BY = {"stop_label": "go_label", "storm": "calm", "close": "reopen"}


def story(seed: str, acts: int) -> list[Act]:
    """What happens under this seed. Each seed leaves some kinds of acts out altogether: what is rare
    where everything happens is common where little does."""
    random = Random(f"{seed} story")
    kinds = {*ALWAYS, *(name for name in DOINGS if random.random() < 0.55)}
    kinds |= {UNDONE_BY[name] for name in kinds & UNDONE_BY.keys()}
    names = [name for name in DOINGS if name in kinds]
    weights = [DOINGS[name][0] for name in names]
    first = [
        Act(0.1, name, random.getrandbits(32)) for name in ("open_issue",) * 3 + ("label",) * 2
    ]
    return first + [
        Act(random.choice(WAITS), random.choices(names, weights)[0], random.getrandbits(32))
        for _ in range(acts)
    ]


IMPOSSIBLE = (IndexError, Problem, GatefleetError)
"""There is nothing to do it to, or the forge does not let them: it just does not happen."""
