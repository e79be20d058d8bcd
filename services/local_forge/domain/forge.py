"""The forge as one object: what the REST routes, the git side and the web pages all act through.

Rows (`services.local_forge.tables`) come back detached: read them, never write them. Methods that need
git are `async`; the others are plain and run in the store's transaction. What may not be done raises a
`Problem` (`services.local_forge.problems`) whose `explain()` is a line for people.
"""

from collections import Counter
from pathlib import Path

from sqlalchemy import Engine

from services.local_forge.domain.accounts import Accounts
from services.local_forge.domain.actor import Actor
from services.local_forge.domain.checks import Checks
from services.local_forge.domain.comments import Comments
from services.local_forge.domain.context import Context
from services.local_forge.domain.edits import Edits
from services.local_forge.domain.faults import Faults
from services.local_forge.domain.gitside import GitSide
from services.local_forge.domain.issues import Issues
from services.local_forge.domain.labels import Labels
from services.local_forge.domain.merging import Merging, Parts
from services.local_forge.domain.protection import Protection
from services.local_forge.domain.pulls import Pulls
from services.local_forge.domain.pushes import Followers, Pushes
from services.local_forge.domain.repositories import Repositories
from services.local_forge.domain.reviews import Reviews
from services.local_forge.domain.roles import Roles
from services.local_forge.domain.seeding import Seeding, SeedParts
from services.local_forge.domain.sessions import Sessions
from services.local_forge.domain.statuses import Statuses
from services.local_forge.domain.voice import Timeline, Voice
from services.local_forge.domain.webhooks import Webhooks
from services.local_forge.domain.witness import Witness, Write
from services.local_forge.shape.links import Links
from services.local_forge.store import Store
from services.local_forge.tables import Repository
from services.local_forge.tables.people import Role
from shared.clock import Clock


class Forge:
    """Every part of the forge, wired together."""

    def __init__(self, engine: Engine, *, state: Path, url: str, clock: Clock) -> None:
        """`state` holds `git/` and `tokens/`; `url` is where listeners and people reach it."""
        self.context = Context(Store(engine), clock, state, Links(url.rstrip("/")))
        self.faults = Faults()
        self.witness = Witness()
        self.webhooks = Webhooks(self.context)
        self.accounts = Accounts(self.context)
        self.roles = Roles(self.context)
        self.repositories = Repositories(self.context, self.roles)
        self.timeline = Timeline(self.context)
        self.edits = Edits(self.context)
        self.protection = Protection(self.context, self.roles)
        self.sessions = Sessions(self.context, self.accounts)
        self._converse()
        self._judge()
        self.seeding = Seeding(
            self.context,
            SeedParts(
                accounts=self.accounts,
                roles=self.roles,
                repositories=self.repositories,
                labels=self.labels,
                protection=self.protection,
            ),
        )

    def _converse(self) -> None:
        """Issues, comments and pull requests."""
        context, roles = self.context, self.roles
        self.voice = voice = Voice(context, self.webhooks)
        self.labels = Labels(context, roles, voice)
        self.issues = Issues(
            context, roles=roles, voice=voice, labels=self.labels, edits=self.edits
        )
        self.comments = Comments(
            context, roles=roles, voice=voice, timeline=self.timeline, edits=self.edits
        )
        self.pulls = Pulls(
            context, roles=roles, voice=voice, issues=self.issues, repositories=self.repositories
        )

    def _judge(self) -> None:
        """Reviews, checks, pushes and merges."""
        context, roles, voice = self.context, self.roles, self.voice
        repositories = self.repositories
        self.reviews = Reviews(context, roles=roles, voice=voice, pulls=self.pulls)
        self.statuses = Statuses(context, roles=roles, voice=voice, repositories=repositories)
        self.checks = Checks(context, roles=roles, voice=voice, repositories=repositories)
        self.pushes = Pushes(
            context,
            voice=voice,
            followers=Followers(self.issues, self.pulls, self.reviews),
            protection=self.protection,
            repositories=repositories,
        )
        self.merging = Merging(
            context,
            Parts(
                roles=roles,
                voice=voice,
                issues=self.issues,
                pulls=self.pulls,
                reviews=self.reviews,
                statuses=self.statuses,
                checks=self.checks,
                protection=self.protection,
                pushes=self.pushes,
                repositories=repositories,
            ),
        )
        self.gitside = GitSide(
            accounts=self.accounts,
            roles=roles,
            repositories=repositories,
            protection=self.protection,
            pushes=self.pushes,
            witness=self.witness,
        )

    async def seed(
        self, owner: str, name: str, source: Path | None, *, default_branch: str | None = None
    ) -> Repository:
        """The person, the fleet and a protected repository, unless they are there."""
        return await self.seeding.repository(owner, name, source, default_branch=default_branch)

    def join(self, login: str, repo: Repository, role: Role) -> Actor:
        """An account (made if it is new) with that role in a repository."""
        if self.accounts.find(login) is None:
            self.accounts.add(login)
        self.roles.set(repo, login, role)
        return self.accounts.actor(login)

    @property
    def write_log(self) -> list[Write]:
        """Every mutating REST call and every pushed ref, oldest first."""
        return self.witness.write_log

    @property
    def requests(self) -> Counter[str]:
        """How often each route was asked, by `METHOD /path/{template}`."""
        return self.witness.requests

    @property
    def unknown_routes(self) -> Counter[str]:
        """What was asked and is not offered, by `METHOD /path`."""
        return self.witness.unknown_routes

    @property
    def merge_calls(self) -> int:
        """How often REST was asked to merge."""
        return self.witness.merge_calls

    def token(self, name: str) -> str:
        """A seeded token: `you`, `fleet` or `reader`."""
        path = self.context.state / "tokens" / name
        return path.read_text(encoding="utf-8").strip()
