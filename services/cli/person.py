"""A person's own hand on the forge: which forge, whose token, and who that is.

    async with at_forge(state, "approve", clock) as here:
        await here.hand.say(7, "/approve")

Whatever stands in the way is one line that says what to do. The fleet's token is never used here.
"""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from services.fleet.address import Running, find
from services.fleet.hosting import Hosted, host
from services.fleet.settings import Settings
from shared.clock import Clock
from shared.errors import BadInput, Refused, TryLater
from shared.forge.facts import ForgeAddress, Identity, RepositoryFacts, Unreadable
from shared.forge.github.person import GitHubPerson, open_person
from shared.messages.objects import Actor
from shared.runtime.holding import hold, is_held
from shared.runtime.settings import read_settings

TOKEN = "GATEFLEET_PERSON_TOKEN"  # noqa: S105 - the variable's name
NOTHING_RUNS = "nothing runs; the embedded forge was opened for this alone, so nobody answers yet"
NOT_HERE = "nothing runs; the forge is asked itself, so nobody answers here"
NO_FLEET = (
    "{state}: nothing runs here and no forge is here; start `gatefleet up`, or name the folder with "
    "--state"
)
BUSY = "{state}: a fleet is starting, stopping or passing there; try again in a moment"
NOT_YOURS = (
    "{host}: no token of yours; set {variable} or {variable}_FILE to your own token, or log in with "
    "`gh auth login --hostname {host}`"
)
UNREADABLE = "{path}: your token cannot be read ({why}); set {variable} instead"
MACHINE = (
    "{host}: the token belongs to {who}, which is no person; set {variable} to a token of your own"
)
FLEETS = "{host}: that is the fleet's own token, which never acts for a person; set {variable}"
NOT_A_WRITER = (
    "{repo}: {who} has the role {role}, and this needs one who may write; ask somebody who may"
)
ROLE_UNKNOWN = "{repo}: your role cannot be read ({why}); try again"
GH_S = 10
PUBLIC_API, PUBLIC = "api.github.com", "github.com"
WRITERS = frozenset({"write", "maintain", "admin"})
FLEET_TOKENS = ("GATEFLEET_FLEET_TOKEN", "GATEFLEET_GATEKEEPER_TOKEN")


@dataclass(frozen=True)
class Here:
    """A person at a forge."""

    hand: GitHubPerson
    me: Identity
    facts: RepositoryFacts
    state: Path
    running: Running | None
    note: str
    """What to know of who does not run; empty while a fleet does."""
    pages: str
    """Where a person reads what is asked about here."""

    @property
    def actor(self) -> Actor:
        """The person as the forge names them."""
        return Actor(id=self.me.user_id, login=self.me.login, kind=self.me.kind)

    async def may_write(self, roles: frozenset[str] = WRITERS) -> str:
        """The person's role. Refused when it is not one of those that may."""
        role = await self.hand.role(self.actor)
        repo = self.facts.repo
        if isinstance(role, Unreadable):
            raise Refused(ROLE_UNKNOWN.format(repo=repo, why=role.cause))
        if role.name not in roles:
            who = self.me.login
            raise Refused(NOT_A_WRITER.format(repo=repo, who=who, role=role.name or "none"))
        return role.name


@asynccontextmanager
async def at_forge(
    state: Path, what: str, clock: Clock, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Here]:
    """The forge that the fleet of this state folder works on, as the person who types."""
    env = os.environ if environment is None else environment
    running = find(state)
    if running is not None:
        owner, _, name = running.repository.partition("/")
        address = ForgeAddress(running.forge_url, owner, name)
        token = _token(env, running.forge_url, running.person_token_file)
        async with _as_person(address, token, clock, state=state, running=running) as here:
            yield here
        return
    if is_held(state):
        raise Refused(BUSY.format(state=state))
    elsewhere = read_settings(Settings, env)
    if elsewhere.forge_url and elsewhere.repository:
        owner, _, name = elsewhere.repository.partition("/")
        address = ForgeAddress(elsewhere.forge_url, owner, name)
        token = _token(env, elsewhere.forge_url, None)
        async with _as_person(address, token, clock, state=state, note=NOT_HERE) as here:
            yield here
        return
    if not (state / "forge" / "tokens").is_dir():
        raise Refused(NO_FLEET.format(state=state))
    with hold(state, what):
        hosted = await host(state / "forge", None, None, clock)
        try:
            address = ForgeAddress(hosted.url, hosted.owner, hosted.name)
            token = _token(env, hosted.url, hosted.tokens / "you")
            _not_the_fleets(token, hosted)
            async with _as_person(address, token, clock, state=state, note=NOTHING_RUNS) as here:
                yield here
        finally:
            await hosted.stop()


@asynccontextmanager
async def _as_person(
    address: ForgeAddress, token: str, clock: Clock, *, state: Path,
    running: Running | None = None, note: str = "",
) -> AsyncIterator[Here]:  # fmt: skip
    hand = open_person(address, token=lambda: token, clock=clock)
    try:
        try:
            me = await hand.me()
            _is_person(me, address.base_url)
            facts = await hand.repository()
            pages = running.pages if running is not None else host_of(address.base_url)
            yield Here(hand, me, facts, state, running, note, pages)
        except (BadInput, TryLater) as error:  # nothing on the command line is wrong
            raise Refused(str(error)) from None
    finally:
        await hand.close()


def host_of(url: str) -> str:
    """The host as people and `gh` name it."""
    found = urlsplit(url).netloc
    return PUBLIC if found == PUBLIC_API else found


def _token(env: Mapping[str, str], url: str, file: Path | None) -> str:
    """The person's own token. Refused with one line when there is none."""
    given = env.get(TOKEN, "").strip()
    if not given and env.get(f"{TOKEN}_FILE"):
        given = _read(Path(env[f"{TOKEN}_FILE"]).expanduser())
    if not given and file is not None:
        given = _read(file)
    if not given:
        given = _of_gh(host_of(url))
    if not given:
        raise Refused(NOT_YOURS.format(host=host_of(url), variable=TOKEN))
    if given in {env.get(name, "").strip() for name in FLEET_TOKENS}:
        raise Refused(FLEETS.format(host=host_of(url), variable=TOKEN))
    return given


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise Refused(UNREADABLE.format(path=path, why=why, variable=TOKEN)) from None


def _of_gh(host: str) -> str:
    """What GitHub's own command keeps for this host; empty when it is not here or knows none."""
    if shutil.which("gh") is None or host.startswith(("127.0.0.1", "localhost")):
        return ""
    try:
        asked = subprocess.run(
            ["gh", "auth", "token", "--hostname", host], capture_output=True, text=True,
            timeout=GH_S, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _not_the_fleets(token: str, hosted: Hosted) -> None:
    if token in (hosted.token("fleet"), hosted.token("reader")):
        raise Refused(FLEETS.format(host="the embedded forge", variable=TOKEN))


def _is_person(me: Identity, url: str) -> None:
    """I-03: what a machine says approves nothing and commands nothing."""
    if me.kind != "User" or me.login.lower().endswith("[bot]"):
        raise Refused(MACHINE.format(host=host_of(url), who=me.login, variable=TOKEN))
