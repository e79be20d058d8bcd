"""A draft and its bundle: made the same again, thin, and nothing of the folder is run."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.git.commits import commits_between
from shared.git.export import export
from shared.git.failures import GitBadInput
from shared.git.objects import entries
from shared.git.snapshot import DRAFT_REF, TooLarge, bundle, commit_draft, write_tree
from tests.git.making import ENV, Files, Repo, git, plant

AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
PLANTED: Files = {b"a.txt": b"one\n", b".gitattributes": b"*.txt filter=evil\n"}


async def test_i46_nothing_planted_in_the_folder_runs(
    origin: Repo, scratch: Path, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    base, work = origin.commit(PLANTED), scratch / "work"
    await export(origin.git_dir, base, work)
    plant(work, canary)
    # The trap is real: ordinary git in that folder springs it.
    subprocess.run(["git", "status"], cwd=work, env=ENV, capture_output=True, check=False)
    assert canary.exists()
    canary.unlink()
    (work / "a.txt").write_bytes(b"changed\n")

    tree = await write_tree(origin.git_dir, work, base)
    commit = await commit_draft(origin.git_dir, tree, base, at=AT)
    made = await bundle(origin.git_dir, base, commit)

    assert isinstance(made, bytes)
    assert not canary.exists()
    found = {entry.path for entry in await entries(origin.git_dir, tree)}
    assert found == {".gitattributes", "a.txt"}


async def test_a_draft_is_one_commit_and_the_same_when_made_again(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})
    tree = origin.tree({b"a": b"2"})

    commit = await commit_draft(origin.git_dir, tree, base, at=AT)

    assert commit == await commit_draft(origin.git_dir, tree, base, at=AT)
    (only,) = await commits_between(origin.git_dir, base, commit, first_parent=False)
    assert (only.tree, only.parents, only.authored_at) == (tree, (base,), AT)


async def test_a_bundle_is_thin_has_one_ref_and_leaves_none_behind(
    origin: Repo, tmp_path: Path
) -> None:
    large = os.urandom(200_000)
    base = origin.commit({b"big": large, b"a": b"1"})
    commit = await commit_draft(
        origin.git_dir, origin.tree({b"big": large + b"x", b"a": b"2"}), base, at=AT
    )

    made = await bundle(origin.git_dir, base, commit)

    assert isinstance(made, bytes)
    assert len(made) < 5_000
    (tmp_path / "b").write_bytes(made)
    heads = git(origin.git_dir, "bundle", "list-heads", str(tmp_path / "b"))
    assert heads == f"{commit} {DRAFT_REF}"
    assert git(origin.git_dir, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


async def test_a_bundle_over_the_limit_is_too_large(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})
    commit = await commit_draft(
        origin.git_dir, origin.tree({b"a": os.urandom(50_000)}), base, at=AT
    )

    assert await bundle(origin.git_dir, base, commit, limit_bytes=40_000) == TooLarge(40_000)


async def test_nothing_to_bundle_says_so(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})

    with pytest.raises(GitBadInput, match="nothing to bundle"):
        await bundle(origin.git_dir, base, base)
