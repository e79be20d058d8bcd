"""local-forge inside this process: the embedded default when no other forge is given."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.local_forge.app import LocalForge, build
from services.local_forge.domain.seeding import FLEET_SLUG
from services.local_forge.settings import LocalForgeSettings
from shared.clock import Clock
from shared.errors import BadInput
from shared.forge.facts import ForgeAddress
from shared.runtime.serving import Served, address, listen

NOTHING_HERE = "{folder}: no repository is here yet; name one with --repo"
ANOTHER_HERE = (
    "{folder}: holds {found}, not {name}; leave --repo out to go on with {found}, or name another folder "
    "with --state"
)


@dataclass(frozen=True)
class Hosted:
    """A forge that answers, with what a fleet needs to work on one of its repositories."""

    local: LocalForge
    server: Served
    url: str
    owner: str
    name: str
    tokens: Path
    app_id: int | None

    def token(self, who: str) -> str:
        """The token of `you`, `fleet` or `reader`."""
        return (self.tokens / who).read_text(encoding="utf-8").strip()

    def bare(self) -> Path:
        """The repository itself."""
        return self.tokens.parent / "git" / self.owner / f"{self.name}.git"

    def link(self) -> str:
        """A link that logs the person in, once."""
        return self.local.forge.sessions.one_time_link()

    def hook(self, url: str, secret: str) -> None:
        """Send signed webhooks there from now on, and nowhere else: a fleet listens anew each time."""
        forge = self.local.forge
        repository = forge.repositories.find(self.owner, self.name)
        assert repository is not None
        forge.webhooks.retire(repository)
        forge.webhooks.create(
            repository, sender=forge.accounts.get("you"), url=url, secret=secret, events=["*"]
        )

    def address(self) -> ForgeAddress:
        """Where the fleet reaches the repository, as its own application."""
        return ForgeAddress(
            self.url, self.owner, self.name, app_id=self.app_id, app_slug=FLEET_SLUG,
            write_spacing=timedelta(0),
        )  # fmt: skip

    async def stop(self) -> None:
        """Stop answering."""
        await self.server.stop()
        await self.local.close()


async def host(
    state: Path, repository: str | None, source: Path | None, clock: Clock, *, port: int = 0
) -> Hosted:
    """Start local-forge below `state` with one repository, cloned from `source` if it is new.

    Without a name it is the one that an earlier start made; BadInput when there is none.
    """
    listener = listen("127.0.0.1", port)
    url = address(listener)
    settings = LocalForgeSettings(state=state, public_url=url)
    local = build(settings, clock)
    try:
        owner, _, name = _the_one(local, state, repository).partition("/")
        await local.forge.seed(owner, name, source)
    except BaseException:
        listener.close()
        await local.close()
        raise
    server = Served(local.app, listener)
    await server.start()
    await local.start()
    app = local.forge.accounts.app(FLEET_SLUG)
    return Hosted(
        local, server, url, owner, name, state / "tokens", app.id if app is not None else None
    )


def _the_one(local: LocalForge, state: Path, wanted: str | None) -> str:
    """One folder, one repository: the databases beside the forge tell of that one."""
    known = [each.full_name for each in local.forge.repositories.all()]
    if wanted is None and not known:
        raise BadInput(NOTHING_HERE.format(folder=state.parent))
    if wanted is not None and known and wanted not in known:
        raise BadInput(ANOTHER_HERE.format(folder=state.parent, found=known[0], name=wanted))
    return wanted or known[0]
