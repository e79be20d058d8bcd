"""What a new forge starts with: the person, the fleet, their tokens, a protected repository."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.local_forge.domain.accounts import ORGANIZATION, Accounts
from services.local_forge.domain.actor import Scope
from services.local_forge.domain.context import Context
from services.local_forge.domain.labels import Labels
from services.local_forge.domain.protection import Protection, RulesetSpec
from services.local_forge.domain.repositories import NewRepository, Repositories
from services.local_forge.domain.roles import Roles
from services.local_forge.git.repositories import BareRepository
from services.local_forge.problems import BadCredentials
from services.local_forge.tables import Repository
from shared.errors import BadInput

PERSON = "you"
FLEET_SLUG = "gatefleet"
FLEET = f"{FLEET_SLUG}[bot]"
LABELS: Mapping[str, tuple[str, str]] = {
    "proposed": ("c5def5", "Proposed by an agent; a person decides"),
    "approved": ("0e8a16", "A person lets agents work on it"),
}
RULESET = "default branch"
TOKENS: Mapping[str, tuple[str, Scope]] = {
    "you": (PERSON, "write"),
    "fleet": (FLEET, "write"),
    "reader": (FLEET, "read"),
}
"""Each token's file, whose it is and what it may."""
NO_TOKEN = "{path}: the token cannot be read ({why}); make the file readable"  # noqa: S105
SHORT_TOKEN = "{path}: a token has {least} characters or more; make one with `openssl rand -hex 32`"  # noqa: S105
LEAST_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class SeedParts:
    """What seeding needs of the other parts."""

    accounts: Accounts
    roles: Roles
    repositories: Repositories
    labels: Labels
    protection: Protection


class Seeding:
    """Makes accounts once, and any number of repositories."""

    def __init__(self, context: Context, parts: SeedParts) -> None:
        self._context = context
        self._parts = parts

    def people(self) -> None:
        """The person, the fleet's application and their tokens, unless they are there."""
        self._accounts()
        for file, (login, scope) in TOKENS.items():
            self._token(file, login, scope=scope)

    def people_with(self, tokens: Path) -> None:
        """The same with the tokens of that folder, and no other ones. BadInput for one that is none."""
        given = {file: _read(tokens / file) for file in TOKENS}
        self._accounts()
        for file, (login, scope) in TOKENS.items():
            if not self._is_known(given[file]):
                self._parts.accounts.accept_token(given[file], login, scope=scope)
            path = self._context.state / "tokens" / file
            path.unlink(missing_ok=True)
            self._keep(path, given[file])

    def _accounts(self) -> None:
        accounts = self._parts.accounts
        if accounts.find(PERSON) is None:
            accounts.add(PERSON)
        if accounts.app(FLEET_SLUG) is None:
            accounts.add_app(FLEET_SLUG, name="Gatefleet")

    def _token(self, file: str, login: str, *, scope: Scope) -> None:
        path = self._context.state / "tokens" / file
        if path.exists() and self._is_known(path.read_text(encoding="utf-8").strip()):
            return
        path.unlink(missing_ok=True)  # the token of a database that is gone
        self._keep(path, self._parts.accounts.issue_token(login, scope=scope))

    def _keep(self, path: Path, token: str) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(f"{token}\n")

    def _is_known(self, token: str) -> bool:
        try:
            self._parts.accounts.authenticate(token)
        except BadCredentials:
            return False
        return True

    async def repository(
        self, owner: str, name: str, source: Path | None, *, default_branch: str | None
    ) -> Repository:
        """`owner/name`, cloned bare from `source` (never written to) or empty.

        Does nothing where it is there. BadInput says what is wrong with `source`.
        """
        self.people()
        repositories = self._parts.repositories
        found = repositories.find(owner, name)
        if found is not None:
            return found
        folder = self._context.state / "git" / owner / f"{name}.git"
        branch = default_branch or "main"
        git = BareRepository(folder)
        if source is None:
            await git.create(branch)
        else:
            branch = await git.clone_from(source, default_branch)
        return self._rows(owner, name, branch)

    def _rows(self, owner: str, name: str, branch: str) -> Repository:
        parts = self._parts
        with self._context.store.transaction():
            account = parts.accounts.find(owner) or parts.accounts.add(owner, kind=ORGANIZATION)
            repo = parts.repositories.add(account, NewRepository(name, default_branch=branch))
            parts.roles.set(repo, PERSON, "admin")
            parts.roles.set(repo, FLEET, "write")
            you = parts.accounts.actor(PERSON)
            for label, (color, description) in LABELS.items():
                parts.labels.create(
                    repo, actor=you, name=label, color=color, description=description
                )
            parts.protection.add(repo, RulesetSpec(RULESET))
            return repo


def _read(path: Path) -> str:
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise BadInput(NO_TOKEN.format(path=path, why=why)) from None
    if len(token) < LEAST_CHARACTERS:
        raise BadInput(SHORT_TOKEN.format(path=path, least=LEAST_CHARACTERS))
    return token
