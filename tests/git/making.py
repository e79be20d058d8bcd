"""Repositories for tests, made byte by byte, so that they can hold what git itself would refuse."""

import hashlib
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C.UTF-8",
    "GIT_AUTHOR_NAME": "A Person",
    "GIT_AUTHOR_EMAIL": "person@example.org",
    "GIT_AUTHOR_DATE": "@1893456000 +0100",
    "GIT_COMMITTER_NAME": "A Person",
    "GIT_COMMITTER_EMAIL": "person@example.org",
    "GIT_COMMITTER_DATE": "@1893456000 +0100",
}

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


@dataclass(frozen=True)
class File:
    """A file of a tree that is to be made."""

    content: bytes
    mode: str = "100644"


def link(target: str) -> File:
    return File(target.encode(), "120000")


def module(commit: str) -> File:
    return File(commit.encode(), "160000")


Files = Mapping[bytes, File | bytes]


def git(where: Path, *args: str, input: bytes = b"", ok: bool = True) -> str:
    """Ordinary git, started inside `where`, as a person would."""
    ran = subprocess.run(
        ["git", *args], cwd=where, env=ENV, input=input, capture_output=True, check=ok
    )
    return ran.stdout.decode("utf-8", "surrogateescape").strip()


class Repo:
    """A bare repository whose commits hold exactly the files that a test names."""

    def __init__(self, git_dir: Path) -> None:
        self.git_dir = git_dir
        if not git_dir.exists():
            git_dir.mkdir(parents=True)
            git(git_dir, "init", "--quiet", "--bare", "--initial-branch=main", ".")

    @property
    def url(self) -> str:
        return self.git_dir.as_uri()

    def commit(
        self,
        files: Files,
        *,
        parents: Sequence[str] = (),
        branch: str | None = "main",
        message: str = "A change\n",
    ) -> str:
        named = [option for parent in parents for option in ("-p", parent)]
        tree = self.tree(files)
        sha = git(self.git_dir, "commit-tree", tree, *named, input=message.encode())
        if branch:
            git(self.git_dir, "update-ref", f"refs/heads/{branch}", sha)
        return sha

    def tree(self, files: Files) -> str:
        made = {p: f if isinstance(f, File) else File(f) for p, f in files.items()}
        blobs = {f.content for f in made.values() if f.mode != "160000"}
        stream = b"".join(b"blob\ndata %d\n%s\n" % (len(blob), blob) for blob in blobs)
        git(self.git_dir, "fast-import", "--quiet", input=stream)
        return self._tree(made)

    def _tree(self, files: Mapping[bytes, File]) -> str:
        rows: dict[bytes, bytes] = {}
        below: dict[bytes, dict[bytes, File]] = {}
        for path, file in files.items():
            first, slash, rest = path.partition(b"/")
            if slash:
                below.setdefault(first, {})[rest] = file
                continue
            sha = file.content.decode() if file.mode == "160000" else blob_sha(file.content)
            rows[first] = b"%s %s\0%s" % (file.mode.encode(), first, bytes.fromhex(sha))
        for name, inner in below.items():
            rows[name + b"/"] = b"40000 %s\0%s" % (name, bytes.fromhex(self._tree(inner)))
        raw = b"".join(rows[name] for name in sorted(rows))
        return git(
            self.git_dir, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", input=raw
        )

    def bundle(self, base: str, head: str, *, ref: str = "refs/gatefleet/draft") -> bytes:
        git(self.git_dir, "update-ref", ref, head)
        out = self.git_dir / "out.bundle"
        git(self.git_dir, "bundle", "create", "--quiet", str(out), ref, f"^{base}")
        git(self.git_dir, "update-ref", "-d", ref)
        return out.read_bytes()


def blob_sha(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def plant(work: Path, canary: Path) -> None:
    """A repository whose configuration runs a program at every turn."""
    git(work, "init", "--quiet")
    trap = work / ".git/trap"
    trap.write_text(f"#!/bin/sh\ntouch {canary}\ncat\n")
    trap.chmod(0o755)
    for key in (
        *("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "diff.external"),
        *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "gpg.program"),
    ):
        git(work, "config", key, str(trap))
    for hook in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction"):
        (work / ".git/hooks").mkdir(exist_ok=True)
        (work / ".git/hooks" / hook).symlink_to(trap)
    (work / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
