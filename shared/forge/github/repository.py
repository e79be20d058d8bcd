"""The repository itself, who we are in it, and who others are: reads."""

from base64 import b64decode
from collections.abc import Mapping

from shared.errors import BadInput, GatefleetError, TryLater
from shared.forge.facts import Capabilities, Identity, Rate, RepositoryFacts, Role, Unreadable
from shared.forge.github.client import Client
from shared.forge.github.errors import UNREADABLE, NotFound, NotReady
from shared.forge.github.pages import Listing, everything
from shared.forge.github.resource import Resource
from shared.forge.github.shapes import LabelShape, Shape, UserShape
from shared.forge.paths import segment, segments
from shared.messages.base import Repo
from shared.messages.objects import Actor

NOT_A_FILE = "{subject}: {path} is not a plain file of at most 1 MB; put one there"
NO_ACCOUNT = "{subject}: an account without an id has no role"
OTHER_ACCOUNT = "{subject}: {login} is another account now (id {found}, was {wanted})"
NO_ROLE_NAME = "{subject}: the forge does not name the role of {login}"


class PermissionsShape(Shape):
    """What the token may do in the repository."""

    admin: bool = False


class RepositoryShape(Shape):
    """The repository."""

    id: int
    name: str
    owner: UserShape
    default_branch: str
    private: bool = False
    archived: bool = False
    permissions: PermissionsShape | None = None


class _RoleShape(Shape):
    role_name: str | None = None
    user: UserShape | None = None


class _ObjectShape(Shape):
    sha: str


class _RefShape(Shape):
    ref: str
    object: _ObjectShape


class _FileShape(Shape):
    type: str
    encoding: str = ""
    content: str = ""


class RepositoryReads(Resource):
    """The repository, accounts, files and branches."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._identity: Identity | None = None

    def rate(self) -> Rate | None:
        """The allowance that the last answer told of; None before the first."""
        return self._client.rate

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def repository(self) -> RepositoryFacts:
        """Identity, default branch, its head and the names of all labels."""
        subject = self._subject()
        found = (await self._client.get(self._root, subject=subject)).read(
            RepositoryShape, subject=subject
        )
        listing = Listing(f"{self._root}/labels", subject, {})
        labels = await everything(self._client, listing, shape=LabelShape)
        return RepositoryFacts(
            repo=Repo(owner=found.owner.login, name=found.name, id=str(found.id)),
            default_branch=found.default_branch,
            head_sha=await self.branch_sha(found.default_branch),
            labels=tuple(label.name for label in labels),
            private=found.private,
            archived=found.archived,
        )

    async def me(self) -> Identity:
        """Who the token is; asked once and remembered. An App's token cannot ask for itself."""
        if self._identity is None:
            address = self._client.address
            slug = address.app_slug
            path = f"/users/{segment(f'{slug}[bot]')}" if slug else "/user"
            answer = await self._client.get(path, subject=self._subject())
            user = answer.read(UserShape, subject=self._subject())
            app_id = address.app_id or user.app_id
            self._identity = Identity(user.id, user.login, user.type, app_id)
        return self._identity

    async def capabilities(self) -> Capabilities:
        """What this forge and this token can do: only an App writes check runs."""
        return Capabilities(
            check_runs=(await self.me()).app_id is not None,
            redelivery=self._client.address.hook_id is not None,
        )

    async def role(self, actor: Actor) -> Role | Unreadable:
        """The role the account has now. Any error, and a login that changed hands: `Unreadable`."""
        subject = self._subject()
        if actor.id <= 0:
            return Unreadable(NO_ACCOUNT.format(subject=subject))
        path = f"{self._root}/collaborators/{segment(actor.login)}/permission"
        try:
            found = (await self._client.get(path, subject=subject)).read(
                _RoleShape, subject=subject
            )
        except GatefleetError as error:
            return Unreadable(str(error), error.after if isinstance(error, TryLater) else None)
        if not found.role_name or found.user is None:
            return Unreadable(NO_ROLE_NAME.format(subject=subject, login=actor.login))
        if found.user.id != actor.id:
            cause = OTHER_ACCOUNT.format(
                subject=subject, login=actor.login, found=found.user.id, wanted=actor.id
            )
            return Unreadable(cause)
        return Role(found.role_name, found.user.id)

    async def file(self, path: str, *, ref: str) -> bytes | None:
        """A file's bytes at a branch or SHA; None when there is no such file."""
        subject = self._subject()
        try:
            answer = await self._client.get(
                f"{self._root}/contents/{segments(path)}", subject=subject, params={"ref": ref}
            )
        except NotFound:
            return None
        if answer.content.lstrip().startswith(b"["):
            raise BadInput(NOT_A_FILE.format(subject=subject, path=path))
        found = answer.read(_FileShape, subject=subject)
        if found.type != "file" or found.encoding != "base64":
            raise BadInput(NOT_A_FILE.format(subject=subject, path=path))
        try:
            return b64decode(found.content)
        except ValueError:
            cause = f"{path} is not base64"
            raise TryLater(UNREADABLE.format(subject=subject, cause=cause)) from None

    async def branch_sha(self, branch: str) -> str | None:
        """The branch's head; None when there is no such branch."""
        path = f"{self._root}/git/ref/heads/{segments(branch)}"
        try:
            answer = await self._client.get(path, subject=self._subject())
        except (NotFound, NotReady):
            return None
        return answer.read(_RefShape, subject=self._subject()).object.sha

    async def branches(self, prefix: str) -> Mapping[str, str]:
        """Branches whose name begins with `prefix`, with their heads."""
        below = "/".join(segment(part) for part in ("heads", *prefix.split("/")) if part)
        path = f"{self._root}/git/matching-refs/{below}"
        listing = Listing(path, self._subject(), {}, per_page=None)
        refs = await everything(self._client, listing, shape=_RefShape)
        named = {ref.ref.removeprefix("refs/heads/"): ref.object.sha for ref in refs}
        return {name: sha for name, sha in named.items() if name.startswith(prefix)}
