"""Puts everything up that a demo plays on: forge, fleet, person, and what takes them down again."""

import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.demo.browser import Browser
from services.demo.inspecting import policy_of, remarks
from services.demo.keys import Keys
from services.demo.options import Options
from services.demo.people import AtTerminal, Person, Played
from services.demo.playing import Pages, Play
from services.demo.preparing import Folder, prepare_folder, prepare_sandbox, prepare_source
from services.demo.reading import Shelf
from services.demo.screen import Screen
from services.fleet.assembly import Fleet, Plan, assemble_fleet
from services.fleet.hosting import Hosted, host
from shared.clock import Clock
from shared.runtime.holding import hold
from shared.runtime.logs import to_file
from shared.sandbox import Sandbox

TITLE = "Gatefleet demo: {repo} on {url}"
WHERE = "sandbox: {isolation}"
LOG = "demo.log"
PLAYED_BY = "the demo presses"


@dataclass
class Stage:
    """A play that is ready to begin."""

    play: Play
    engine: str
    link: Callable[[], str]
    """A link that logs the person's browser in, once."""
    _folder: Folder

    async def start(self) -> None:
        """Start the fleet and have the forge tell it of everything."""
        fleet, hosted = self.play.fleet, self.play.hosted
        await fleet.start()
        self._folder.stays = self._is_kept
        assert fleet.ingest.server is not None
        hosted.hook(fleet.ingest.server.url, fleet.webhook_secret)

    _is_kept: bool = False


async def put_up(options: Options, screen: Screen, clock: Clock, stack: AsyncExitStack) -> Stage:
    """Everything built; `stack` takes it down in the right order. GatefleetError says what is wrong."""
    folder = prepare_folder(options)
    stack.callback(folder.put_away)
    stack.enter_context(hold(folder.path, "demo"))
    stack.callback(to_file(folder.path / LOG).close)
    source, name = await prepare_source(options, folder.path)
    sandbox = await prepare_sandbox(options, clock)
    hosted = await host(folder.path / "forge", name, source, clock, port=options.port)
    stack.push_async_callback(hosted.stop)
    fleet = await assemble_fleet(_plan(hosted, folder, sandbox), clock)
    stack.push_async_callback(fleet.stop)
    facts = await fleet.reader.repository()
    head = facts.head_sha or ""
    policy = await policy_of(hosted.bare(), head, repo=str(options.repo or name))
    screen.title(TITLE.format(repo=name, url=hosted.url))
    screen.say(0, WHERE.format(isolation=sandbox.isolation), "quiet")
    if options.repo is not None:
        said = await remarks(
            source, hosted.bare(), branch=facts.default_branch, head=head, scratch=folder.path
        )
        for line in said:
            screen.say(0, line, "bad")
    play = await _play(options, fleet, hosted, screen, clock, stack)
    engine = policy.engines.dev.name
    return Stage(play, engine, hosted.link, folder, _is_kept=options.keep is not None)


def _plan(hosted: Hosted, folder: Folder, sandbox: Sandbox) -> Plan:
    return Plan(
        state=folder.path / "fleet", address=hosted.address(), git_url=hosted.url,
        write_token=hosted.token("fleet"), read_token=hosted.token("reader"), sandbox=sandbox,
        propose_at_start=True,
    )  # fmt: skip


async def _play(
    options: Options, fleet: Fleet, hosted: Hosted, screen: Screen, clock: Clock,
    stack: AsyncExitStack,
) -> Play:  # fmt: skip
    browser = Browser(hosted.url)
    stack.push_async_callback(browser.close)
    await browser.log_in(hosted.link())
    pages = Pages(hosted, Shelf(fleet.reader, hosted.bare()))
    if options.yes:
        person: Person = Played()
        return Play(fleet, hosted, screen, person, browser, pages, clock, who=PLAYED_BY)
    keys = stack.enter_context(Keys(sys.stdin.fileno()))
    return Play(fleet, hosted, screen, AtTerminal(screen, keys, pages), browser, pages, clock)
