"""The forge's answers to git over HTTP: who may come in, and what a push led to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.witness import Write, body_digest
from services.local_forge.git.facts import GitGrant, RefUpdate
from services.local_forge.problems import BadCredentials
from services.local_forge.tables import Repository

if TYPE_CHECKING:
    from services.local_forge.domain.forge import Forge

_NOBODY = GitGrant(login=None, may_read=False, may_write=False)


class GitSide:
    """The two callbacks of `services.local_forge.git.http.GitHttp`."""

    def __init__(self, forge: "Forge") -> None:
        self._forge = forge

    async def authorise(self, owner: str, name: str, token: str | None, service: str) -> GitGrant:
        """What a token may do with a repository; one that does not exist is never readable."""
        try:
            actor = self._forge.accounts.authenticate(token) if token is not None else None
        except BadCredentials:
            return _NOBODY
        repo = self._forge.repositories.find(owner, name)
        if actor is None or repo is None:
            public = repo is not None and not repo.private
            return GitGrant(actor.login if actor else None, may_read=public, may_write=False)
        forge = self._forge
        return GitGrant(
            actor.login,
            may_read=forge.repositories.may_read(repo, actor),
            may_write=actor.scope == "write" and forge.roles.can(repo, actor.account, "write"),
            protected=await self._protected(repo, actor, service),
        )

    async def _protected(self, repo: Repository, actor: Actor, service: str) -> frozenset[str]:
        if service != "git-receive-pack":
            return frozenset()
        names = {repo.default_branch, *await self._forge.repositories.git(repo).branches()}
        rules = self._forge.protection
        return frozenset(n for n in names if rules.by_pull_request_only(repo, n, actor))

    async def on_push(
        self, owner: str, name: str, login: str, updates: Sequence[RefUpdate]
    ) -> None:
        """Refs moved: write it down, then bring pull requests up to date."""
        forge = self._forge
        repo = forge.repositories.get(owner, name)
        for update in updates:
            body = body_digest(f"{update.old} {update.new}".encode())
            path = f"/{repo.full_name}.git/{update.ref}"
            forge.witness.wrote(Write(login, "PUSH", path, body, 200))
        await forge.pushes.landed(repo, forge.accounts.actor(login), updates)
