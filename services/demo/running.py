"""`gatefleet demo`: everything started, played through, and put away."""

import asyncio
import sys
from contextlib import AsyncExitStack
from copy import deepcopy
from dataclasses import dataclass, field

from services.demo.options import Options
from services.demo.people import PLAYED
from services.demo.playing import Play
from services.demo.result import Result
from services.demo.screen import Screen
from services.demo.stage import Stage, put_up
from services.demo.stopping import Stopped, Stopping
from shared.clock import SystemClock
from shared.errors import BadInput
from shared.git.merging import is_ancestor
from shared.runtime.logs import hear_the_loop

NO_TERMINAL = "no terminal to ask on: run `gatefleet demo --yes` to let it play the person"
LOG_IN = "see it in a browser; this link logs you in, once:"
SERVING = "the pages stay open at {url} until Ctrl-C; what you do there goes on here"
KEPT = "forge, fleet and demo.log are kept; `gatefleet up --state {folder}` opens them again"
GONE = "nothing of it is kept; `gatefleet demo` asks you at both gates and serves the pages"
YOURS = (
    "on a clone of your own repository: `gatefleet demo --repo PATH`, or `gatefleet up --repo PATH`"
)


async def run_demo(options: Options, *, is_terminal: bool) -> Result:
    """Play the whole loop once. GatefleetError when it cannot start, Stopped when a signal ends it."""
    if not is_terminal and not options.yes:
        raise BadInput(NO_TERMINAL)
    demo = _Demo(options, Screen(sys.stderr if options.as_json else sys.stdout))
    with Stopping() as stopping:
        try:
            return await demo.run()
        except asyncio.CancelledError:
            if stopping.by is None:
                raise
            if demo.result is not None:  # it only served its pages: this is how that ends
                return demo.result
            raise Stopped(stopping.by) from None


@dataclass
class _Demo:
    options: Options
    screen: Screen
    result: Result | None = None
    """Set while the loop is at rest and nobody is asked."""
    _clock: SystemClock = field(default_factory=SystemClock)

    async def run(self) -> Result:
        hear_the_loop(asyncio.get_running_loop())
        async with AsyncExitStack() as stack:
            try:
                stage = await put_up(self.options, self.screen, self._clock, stack)
                return await self._play(stage)
            finally:
                self.screen.still()

    async def _play(self, stage: Stage) -> Result:
        play = stage.play
        self.screen.say(0, PLAYED if self.options.yes else LOG_IN, "ask")
        if not self.options.yes:
            self.screen.link(stage.link())
        began = self._clock.monotonic()
        await stage.start()
        at_rest = await play.until_rest(self.options.limit_s)
        result = await self._conclude(stage, began, at_rest=at_rest)
        if self.options.yes or self.options.as_json or not at_rest:
            return result
        self.screen.say(0, SERVING.format(url=play.hosted.url), "ask")
        while True:
            self.result = result
            await play.until_moved()
            self.result = None
            if not await play.until_rest(self.options.limit_s):
                return await self._conclude(stage, began, at_rest=False)
            result = await self._conclude(stage, began, at_rest=True, before=result)

    async def _conclude(
        self, stage: Stage, began: float, *, at_rest: bool, before: Result | None = None
    ) -> Result:
        """Say what came of it, unless that was said `before`."""
        seconds = self._clock.monotonic() - began
        self.screen.still()
        limit = None if at_rest else self.options.limit_s
        result = await _result(stage.play, seconds, stage.engine, limit)
        goes_on = at_rest and not (self.options.yes or self.options.as_json)
        is_news = before is None or before.left() != result.left()
        if is_news and (goes_on or result.code == 0):  # else its one line ends the command
            for line in result.left():
                self.screen.say(line.issue, line.text, line.tone)
            if result.merged:
                self.screen.say(0, result.line(), "good")
        if self.options.keep is not None and before is None:
            self.screen.say(0, KEPT.format(folder=self.options.keep), "quiet")
        elif self.options.yes and result.code == 0:
            self.screen.say(0, GONE, "quiet")
        if self.options.yes and self.options.repo is None and result.code == 0:
            self.screen.say(0, YOURS, "quiet")
        return result


async def _result(play: Play, seconds: float, engine: str, limit_s: float | None) -> Result:
    bare = play.hosted.bare()
    facts = await play.fleet.reader.repository()
    held: set[str] = set()
    for sha in (view.merged_sha for view in play.shown() if view.merged_sha):
        if facts.head_sha and await is_ancestor(bare, sha, facts.head_sha):
            held.add(sha)
    return Result(
        repo=str(play.fleet.repo), story=deepcopy(play.story), messages=dict(play.fleet.bus.published),
        seconds=seconds, engine=engine, in_history=frozenset(held), out_of_time_s=limit_s,
    )  # fmt: skip
