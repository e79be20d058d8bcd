"""One repository's desk: the only write credential, its git, and live reads that decide."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from services.gatekeeper.roles import Fleet, Role, Roles, Unreadable
from services.gatekeeper.tables import Repository
from shared.clock import Clock
from shared.errors import BadInput, GatefleetError, Held, Missing, TryLater
from shared.forge.facts import Identity
from shared.forge.facts import Role as ForgeRole
from shared.forge.port import Writer
from shared.git.commits import Person
from shared.git.mirror import Mirror
from shared.git.push import Remote
from shared.messages import Repo
from shared.messages.objects import Actor
from shared.policy import FILE, Policy, digest, load, parse
from shared.store import Store

STOP_AGE_S = 2.0
"""The kill switch's label may have been looked for so long ago: effects end within 5 s (I-19)."""
ROLE_AGE_S = 60.0
"""A role may be remembered for so long (I-02)."""
STOP_FILE = "STOP"
STOP_LABEL = "gatefleet:stop"
STOPPED_BY_FILE = f"the file {STOP_FILE} stands in the gatekeeper's state folder:"


@dataclass(frozen=True)
class PolicyAt:
    """The policy that holds, and the default branch's tip it was read at."""

    policy: Policy
    digest: str
    tip: str
    branch: str


@dataclass
class Desk:
    """What the gatekeeper has at hand for one repository."""

    repo: Repo
    forge: Writer
    mirror: Mirror
    push_url: str
    token: Callable[[], Awaitable[str | None]]
    scratch: Path
    state: Path
    author: Person
    clock: Clock
    store: Store
    secrets: tuple[bytes, ...] = ()
    _roles: dict[int, tuple[float, Role]] = field(default_factory=dict)
    _policies: dict[str, PolicyAt] = field(default_factory=dict)
    _identity: Identity | None = None
    _branch: str = ""
    _runs_at: float = -STOP_AGE_S
    """When no stop was found last."""

    async def fleet(self) -> Fleet:
        """Every identity that the system owns, by number."""
        if self._identity is None:
            self._identity = await self.forge.me()
        app = self._identity.app_id
        return Fleet(
            user_ids=frozenset({self._identity.user_id}),
            app_ids=frozenset() if app is None else frozenset({app}),
        )

    async def is_person(self) -> bool:
        """Whether the fleet's token belongs to an account that people work with."""
        await self.fleet()
        return self._identity is not None and self._identity.kind == "User"

    async def roles(self, actors: Iterable[Actor]) -> Roles:
        """Live roles; an error is `Unreadable`, never a default."""
        found: dict[int, Role | Unreadable] = {}
        for actor in {actor.id: actor for actor in actors}.values():
            found[actor.id] = await self._role(actor)
        return found

    async def policy(self) -> PolicyAt | Unreadable:
        """The policy at the default branch's tip, the last good one if that is broken."""
        try:
            if not self._branch:
                self._branch = (await self.forge.repository()).default_branch
            tip = await self.forge.branch_sha(self._branch)
            if tip is None:
                self._branch = ""  # renamed, or still empty: the next look asks anew
                return Unreadable(f"{self.repo}: the default branch has no commit; push one")
            if tip not in self._policies:
                self._policies = {tip: await self._read_policy(tip, self._branch)}
            return self._policies[tip]
        except GatefleetError as error:
            return Unreadable(str(error))

    async def stopped(self, *, fresh: bool = False) -> str | Unreadable | None:
        """Why the kill switch is set; unreadable counts as set wherever it is asked.

        That no issue carries its label may be known for `STOP_AGE_S`; its file is always looked at.
        """
        now = self.clock.monotonic()
        known = not fresh and now - self._runs_at < STOP_AGE_S
        self._runs_at = self._runs_at if known else -STOP_AGE_S
        try:
            stop = self.state / STOP_FILE
            if stop.exists():
                said = stop.read_text(encoding="utf-8", errors="replace").strip()[:200]
                return " ".join([STOPPED_BY_FILE, *said.split()])
            if known:
                return None
            for issue in await self.forge.open_issues(label=STOP_LABEL):
                return f"issue #{issue.number} carries the label {STOP_LABEL}"
        except (GatefleetError, OSError) as error:
            return Unreadable(str(error))
        self._runs_at = now
        return None

    async def may_act(self) -> None:
        """Raise while the kill switch is set (Held) or cannot be read (TryLater): before every
        effect."""
        stopped = await self.stopped()
        if isinstance(stopped, Unreadable):
            why = f"{self.repo}: the fleet is stopped: {stopped.cause}"
            raise TryLater(why, after=timedelta(seconds=5))
        if stopped is not None:
            why = f"{self.repo}: the fleet is stopped: {stopped}"
            raise Held(why, after=timedelta(seconds=60))

    def remote(self, branch: str, token: str | None) -> Remote:
        """Where branches of ours are pushed."""
        return Remote(self.push_url, token, branch)

    async def _role(self, actor: Actor) -> Role | Unreadable:
        now = self.clock.monotonic()
        known = self._roles.get(actor.id)
        if known is not None and now - known[0] < ROLE_AGE_S:
            return known[1]
        try:
            role = await self.forge.role(actor)
        except GatefleetError as error:
            return Unreadable(str(error))
        if not isinstance(role, ForgeRole):
            return Unreadable(role.cause)
        self._roles[actor.id] = (now, Role(role.name))
        return Role(role.name)

    async def _read_policy(self, tip: str, branch: str) -> PolicyAt:
        text = await self.forge.file(FILE, ref=tip)
        try:
            policy = parse(text)
        except BadInput:
            policy = await self._last_good()
        return PolicyAt(policy, digest(policy), tip, branch)

    async def _last_good(self) -> Policy:
        """The one that was observed last before it broke; without one nothing is known."""
        row = await self.store.run(lambda session: session.get(Repository, self.repo.id))
        if row is None or not row.policy:
            raise Missing(f"{self.repo}: {FILE} is broken and no good one is known; mend it")
        return load(row.policy)
