"""Where repositories are fetched from: one mirror for each, with a token that may only read."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from pydantic import SecretStr

from shared.git.mirror import Mirror
from shared.messages import Repo
from shared.messages.ids import slug


def mirrors(folder: Path, url: str, token: SecretStr | None) -> Callable[[Repo], Mirror]:
    """The mirror of a repository: the same one each time, so that it is fetched once at a time.

    `url`: the address below which repositories lie as `owner/name.git`. The token is handed to git
    by its environment, never by an address or an argument.
    """
    known: dict[Repo, Mirror] = {}

    async def secret() -> str | None:
        return token.get_secret_value() if token else None

    def mirror(repo: Repo) -> Mirror:
        if repo not in known:
            place = folder / f"{quote(slug(repo), safe='')}.git"
            known[repo] = Mirror(place, repository_url(url, repo), secret)
        return known[repo]

    return mirror


def repository_url(url: str, repo: Repo) -> str:
    """The address of one repository below `url`."""
    return f"{url.rstrip('/')}/{quote(repo.owner)}/{quote(repo.name)}.git"
