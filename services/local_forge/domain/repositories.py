"""Repositories: found, made, and their git side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.domain.roles import Roles
from services.local_forge.git.repositories import BareRepository
from services.local_forge.problems import Unknown
from services.local_forge.tables import Account, Repository


@dataclass(frozen=True, slots=True)
class NewRepository:
    """What a repository is made of."""

    name: str
    default_branch: str = "main"
    description: str | None = None
    private: bool = False


class Repositories:
    """Which repositories there are."""

    def __init__(self, context: Context, roles: Roles) -> None:
        self._context = context
        self._roles = roles
        self._git: dict[Path, BareRepository] = {}

    def all(self) -> Sequence[Repository]:
        """Every repository, in the order in which they were made."""
        if (residents := self._context.store.residents()) is not None:
            return list(residents.repositories.values())
        with self._context.store.reading() as session:
            return session.scalars(select(Repository).order_by(Repository.id)).all()

    def find(self, owner: str, name: str) -> Repository | None:
        """The repository `owner/name`, whatever the case."""
        if (residents := self._context.store.residents()) is not None:
            return residents.repositories.get((owner.lower(), name.lower()))
        query = (
            select(Repository)
            .join(Account, Account.id == Repository.owner_id)
            .where(
                func.lower(Account.login) == owner.lower(),
                func.lower(Repository.name) == name.lower(),
            )
        )
        with self._context.store.reading() as session:
            return session.scalar(query)

    def get(self, owner: str, name: str, *, reader: Actor | None = None) -> Repository:
        """The repository, if `reader` may read it; Unknown otherwise."""
        found = self.find(owner, name)
        if found is None or (reader is not None and not self.may_read(found, reader)):
            raise Unknown
        return found

    def may_read(self, repo: Repository, reader: Actor) -> bool:
        """A public one: everybody; a private one: who has a role in it."""
        return not repo.private or self._roles.can(repo, reader.account, "read")

    def git(self, repo: Repository) -> BareRepository:
        """Its git side."""
        folder = self._context.state / "git" / repo.owner.login / f"{repo.name}.git"
        if folder not in self._git:
            self._git[folder] = BareRepository(folder)
        return self._git[folder]

    def add(self, owner: Account, new: NewRepository) -> Repository:
        """The row of a new repository; the git side is the caller's."""
        now = self._context.now()
        with self._context.store.transaction() as session:
            repo = Repository(
                owner_id=owner.id,
                name=new.name,
                description=new.description,
                private=new.private,
                default_branch=new.default_branch,
                next_number=1,
                created_at=now,
                updated_at=now,
                pushed_at=now,
            )
            session.add(repo)
            session.flush()
            session.refresh(repo)
            return repo
