"""Our bare copy of a remote's branches: fetched with a read token, read by id, never checked out."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

from shared.git.failures import AGAIN, GitBadInput, GitFailed
from shared.git.hardening import credential
from shared.git.locks import remove_stale_locks
from shared.git.objects import require_sha, text
from shared.git.remote import is_local, require_url
from shared.git.repository import init_bare
from shared.git.runner import OUTPUT_LIMIT_BYTES, Git, Setting

NO_BRANCH = "{url}: has no branch {branch!r}; push a first commit to it, or name another branch"
BUSY = "{folder}: another process fetches into it; {again}"

FETCH_TIMEOUT = timedelta(minutes=10)
_HEADS = "+refs/heads/*:refs/heads/*"
_LOCK_NAME = "gatefleet-fetch"
# A repository on this machine may belong to another account than ours; a person named it, and
# upload-pack neither runs its hooks nor follows its configuration into programs.
_UPLOAD_PACK = "--upload-pack=git -c safe.directory='*' upload-pack"


class Mirror:
    """A bare mirror of `url` in `folder`; `token` is asked for at each fetch, None for without."""

    def __init__(self, folder: Path, url: str, token: Callable[[], Awaitable[str | None]]) -> None:
        self._folder = folder.absolute()
        self._url = require_url(url)
        self._token = token
        self._fetching = asyncio.Lock()

    @property
    def git_dir(self) -> Path:
        """The bare repository; it exists after the first `fetch`."""
        return self._folder

    @property
    def is_there(self) -> bool:
        """Whether there was a `fetch`; it may have been killed."""
        return (self._folder / "HEAD").exists()

    async def fetch(self) -> None:
        """Make our branches exactly the remote's. Raises GitFailed, GitRefused, GitBadInput."""
        async with self._fetching:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _sole_writer(self._folder):
                # A fetch that was killed leaves its lock files, which would stop all later ones.
                await asyncio.to_thread(remove_stale_locks, self._folder)
                await init_bare(self._folder)
                await self._fetch_heads()

    async def _fetch_heads(self) -> None:
        options = ["--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--refmap="]
        if is_local(self._url):
            options.append(_UPLOAD_PACK)
        setting = Setting(config=credential(await self._token()))
        git = Git(self._folder, timeout=FETCH_TIMEOUT, subject=self._url)
        await git.call("fetch", *options, "--", self._url, _HEADS, setting=setting)

    async def tip(self, branch: str) -> str:
        """The commit at a branch as of the last fetch. Raises GitBadInput when there is none."""
        tips = await self.branches()
        if branch not in tips:
            raise GitBadInput(NO_BRANCH.format(url=self._url, branch=branch))
        return tips[branch]

    async def branches(self) -> dict[str, str]:
        """Every branch with its commit, as of the last fetch."""
        listing = "--format=%(objectname) %(refname)"
        out = await Git(self._folder).run("for-each-ref", listing, "refs/heads")
        pairs = (line.split(" ", 1) for line in text(out).splitlines())
        return {name.removeprefix("refs/heads/"): sha for sha, name in pairs}

    async def has(self, sha: str) -> bool:
        """Is this commit here?"""
        asked = f"{require_sha(sha)}\n".encode()
        answer = await Git(self._folder).run("cat-file", "--batch-check", input=asked)
        return answer.split()[1:2] == [b"commit"]

    async def read(
        self, sha: str, path: str, *, limit_bytes: int = OUTPUT_LIMIT_BYTES
    ) -> bytes | None:
        """A file's bytes at a commit; None when there is no such file (a folder is none).

        Raises GitBadInput when the commit is not here: only then is "no file" not an answer.
        """
        if not await self.has(sha):
            raise GitBadInput(f"{self._url}: has no commit {sha}; fetch first")
        if "\0" in path or path.startswith(("./", "../", "/")) or not path:
            return None
        asked = f"{sha}:{path}".encode("utf-8", "surrogateescape") + b"\0"
        git = Git(self._folder, subject=f"{self._url} {path}")
        # cat-file's answer is one header line longer than the file.
        limit = limit_bytes + 128
        ran = await git.call("cat-file", "--batch", "-z", input=asked, limit_bytes=limit)
        header, _, content = ran.out.partition(b"\n")
        if header[40:46] != b" blob ":
            return None
        return content[: int(header[46:])]

    async def paths(self, sha: str) -> list[str]:
        """Every path of a commit, in git's order; not UTF-8 comes as surrogate escapes."""
        git = Git(self._folder, subject=self._url)
        listing = ("ls-tree", "-r", "-z", "--name-only", "--full-tree")
        out = await git.run(*listing, require_sha(sha))
        return [text(path) for path in out.split(b"\0")[:-1]]


@contextlib.contextmanager
def _sole_writer(folder: Path) -> Iterator[None]:
    """Hold the folder against other processes; the lock ends with ours, however that ends."""
    lock = os.open(folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise GitFailed(BUSY.format(folder=folder.name, again=AGAIN)) from error
        yield
    finally:
        os.close(lock)
