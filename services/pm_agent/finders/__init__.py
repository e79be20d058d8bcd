"""What looks for something to propose: one file each, found by being here.

A finder's file has `find` (what is there), `issues` (how it is worded for people) and `RUNS_CODE`
(whether looking runs the repository's own code, which may change the tree for those after it).
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from services.pm_agent.found import Found
from services.pm_agent.issue import Issue
from services.pm_agent.tree import Tree


class Finder(Protocol):
    """What every file of this folder is."""

    RUNS_CODE: bool

    async def find(self, tree: Tree) -> list[Found]:
        """Everything it finds. What people must know beside that goes to `tree.say`."""
        ...

    def issues(
        self, found: Sequence[Found], everything: Mapping[str, Sequence[Found]]
    ) -> list[Issue]:
        """Its findings as issues; `everything` is what all finders found, by finder."""
        ...


def registry() -> dict[str, Finder]:
    """Every finder by its name, which is its file's; those that run code last."""
    names = sorted(module.name for module in iter_modules(__path__))
    known = {name: cast(Finder, import_module(f"{__name__}.{name}")) for name in names}
    return dict(sorted(known.items(), key=lambda item: (item[1].RUNS_CODE, item[0])))
