"""The forge's answers to git over HTTP: who may come in, and what a push led to."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.local_forge.domain.accounts import Accounts
from services.local_forge.domain.actor import Actor
from services.local_forge.domain.protection import Protection
from services.local_forge.domain.pushes import Pushes
from services.local_forge.domain.repositories import Repositories
from services.local_forge.domain.roles import Roles
from services.local_forge.domain.witness import Witness, Write, body_digest
from services.local_forge.git.facts import GitGrant, RefUpdate
from services.local_forge.problems import BadCredentials
from services.local_forge.tables import Repository

_NOBODY = GitGrant(login=None, may_read=False, may_write=False)


@dataclass(frozen=True, kw_only=True)
class GitSide:
    """The two callbacks of `services.local_forge.git.http.GitHttp`."""

    accounts: Accounts
    roles: Roles
    repositories: Repositories
    protection: Protection
    pushes: Pushes
    witness: Witness

    async def authorise(self, owner: str, name: str, token: str | None, service: str) -> GitGrant:
        """What a token may do with a repository; one that does not exist is never readable."""
        try:
            actor = self.accounts.authenticate(token) if token is not None else None
        except BadCredentials:
            return _NOBODY
        repo = self.repositories.find(owner, name)
        if actor is None or repo is None:
            public = repo is not None and not repo.private
            return GitGrant(actor.login if actor else None, may_read=public, may_write=False)
        return GitGrant(
            actor.login,
            may_read=self.repositories.may_read(repo, actor),
            may_write=actor.scope == "write" and self.roles.can(repo, actor.account, "write"),
            protected=await self._protected(repo, actor, service),
        )

    async def _protected(self, repo: Repository, actor: Actor, service: str) -> frozenset[str]:
        if service != "git-receive-pack":
            return frozenset()
        names = {repo.default_branch, *await self.repositories.git(repo).branches()}
        rules = self.protection
        return frozenset(n for n in names if rules.by_pull_request_only(repo, n, actor))

    async def on_push(
        self, owner: str, name: str, login: str, updates: Sequence[RefUpdate]
    ) -> None:
        """Refs moved: write it down, then bring pull requests up to date."""
        repo = self.repositories.get(owner, name)
        for update in updates:
            body = body_digest(f"{update.old} {update.new}".encode())
            path = f"/{repo.full_name}.git/{update.ref}"
            self.witness.wrote(Write(login, "PUSH", path, body, 200))
        await self.pushes.landed(repo, self.accounts.actor(login), updates)
