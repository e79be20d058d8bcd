"""The address of a repository: which ones git may be pointed at."""

from pathlib import Path
from urllib.parse import urlsplit

from shared.git.failures import GitBadInput

NOT_AN_ADDRESS = "{url}: not an address that git may use; give http(s)://…, file://… or /a/folder"
HOLDS_A_CREDENTIAL = "{host}: the address holds a user name or a password; set a token instead"
_SCHEMES = ("http", "https", "file")


def require_url(url: str) -> str:
    """`url` if it is http(s), file or an absolute folder, and holds no credential.

    Raises GitBadInput otherwise. An address travels in argument lists and error messages, so it may
    hold no secret; and git runs programs for other schemes (`ext::`, ssh).
    """
    if url.startswith("/") and "\n" not in url:
        return url
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise GitBadInput(HOLDS_A_CREDENTIAL.format(host=parts.hostname))
    if parts.scheme not in _SCHEMES or any(character.isspace() for character in url):
        raise GitBadInput(NOT_AN_ADDRESS.format(url=url[:200]))
    return url


def is_local(url: str) -> bool:
    """Does this address name a folder of this machine?"""
    return url.startswith(("/", "file:"))


def folder_url(folder: Path) -> str:
    """The file:// address of a folder."""
    return folder.absolute().as_uri()
