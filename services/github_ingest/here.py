"""Which repository this is: asked of the forge once, then remembered."""

from services.github_ingest.publishing import REPOSITORY, last
from shared.forge.port import Reader
from shared.messages.base import Repo
from shared.messages.observed import RepositoryObserved
from shared.store import Store

FLEET_PREFIX = "gatefleet/"
"""Branches of ours begin with it."""


class Here:
    """The repository's identity. `repo` is None until it is known."""

    def __init__(self, reader: Reader, store: Store) -> None:
        self.repo: Repo | None = None
        self._reader = reader
        self._store = store

    async def remember(self) -> None:
        """Take what an earlier life said of it, without asking the forge."""
        said = await self._store.run(lambda session: last(session, RepositoryObserved, ""))
        if said is not None:
            self.repo = said.repo

    async def ask(self) -> Repo:
        """The identity; TryLater when the forge does not tell it."""
        if self.repo is None:
            self.repo = (await self._reader.repository()).repo
        return self.repo

    def id(self) -> str | None:
        """The forge's own id; None until it is known."""
        return None if self.repo is None else self.repo.id


__all__ = ["FLEET_PREFIX", "REPOSITORY", "Here"]
