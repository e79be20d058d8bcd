"""How the tests stand on a base before anything is changed there: said once, never blamed later."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from shared.checkers import NotRun, TestRun
from shared.checkers.outcome import Kind
from shared.workspaces.naming import readable

RED = "{count} test(s) red on the base already, not blamed on the change: {names}"
NO_RESULT = "the tests give no result on the base already: {why}"
MORE = " and {count} more"

SET_UP_FAILED: Kind = "failed"
"""Perhaps only for now: a package index was away."""

SHOWN = 3
KEPT = 100
"""Bases that are remembered; of older ones the tests are run again."""

Key: TypeAlias = tuple[str, str, str]
"""Repository id, base SHA, policy digest: the policy says how tests are run."""


@dataclass(frozen=True)
class BaseTests:
    """What is known of bases within this process. Two runs on one base test it once."""

    _known: dict[Key, TestRun | NotRun] = field(default_factory=dict)
    _asking: dict[Key, asyncio.Lock] = field(default_factory=dict)

    async def of(
        self, key: Key, run: Callable[[], Awaitable[TestRun | NotRun]]
    ) -> TestRun | NotRun:
        """The result of that base; `run` is called where it is not known. Raises what `run` raises,
        and then nothing is known."""
        async with self._asking.setdefault(key, asyncio.Lock()):
            if key in self._known:
                return self._known[key]
            result = await run()
            if not (isinstance(result, NotRun) and result.kind == SET_UP_FAILED):
                self._known[key] = result
                self._forget_the_oldest()
            return result

    def _forget_the_oldest(self) -> None:
        while len(self._known) > KEPT:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._asking.pop(oldest, None)


def said_of_base(run: TestRun | NotRun) -> str:
    """One line for people where not all is well on the base; empty where it is, or has no tests."""
    if isinstance(run, NotRun):
        return "" if run.kind == "no_tests" else NO_RESULT.format(why=run.why)
    names = sorted(run.red)
    if not names:
        return ""
    more = MORE.format(count=len(names) - SHOWN) if len(names) > SHOWN else ""
    shown = ", ".join(readable(name) for name in names[:SHOWN])
    return RED.format(count=len(names), names=shown + more)
