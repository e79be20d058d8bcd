"""Folders, names, and what is said of a repository before the loop works on it."""

import os
from pathlib import Path

import pytest

from services.demo.inspecting import policy_of, remarks
from services.demo.options import Options
from services.demo.preparing import prepare_folder, prepare_source
from shared.errors import BadInput
from tests.demo.repositories import FILES, checksum, commit, git, repository, write

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4' * 64}\nsize 12345\n"


def clone(source: Path, folder: Path) -> Path:
    git(source, "clone", "--quiet", "--bare", str(source), str(folder))
    return folder


async def said(source: Path, tmp_path: Path) -> list[str]:
    bare = clone(source, tmp_path / "bare.git")
    head = git(bare, "rev-parse", "main")
    before = checksum(source)
    found = await remarks(source, bare, branch="main", head=head, scratch=tmp_path)
    assert checksum(source) == before
    assert sorted(os.listdir(tmp_path)) == ["bare.git", source.name]
    return [line.replace(head[:12], "HEAD") for line in found]


async def test_a_clean_repository_needs_no_words(tmp_path: Path) -> None:
    assert await said(repository(tmp_path / "r"), tmp_path) == []


async def test_uncommitted_changes_are_counted_without_obeying_the_repository(
    tmp_path: Path,
) -> None:
    source = repository(tmp_path / "r", {**FILES, ".gitattributes": "*.py filter=own\n"})
    git(source, "config", "filter.own.clean", f"touch {tmp_path}/ran; cat")
    git(source, "config", "core.fsmonitor", f"touch {tmp_path}/ran")
    write(source, ".git/info/exclude", "ignored.txt\n")
    write(source, "ignored.txt", "x")
    write(source, "zwölf.txt", "x")
    (source / "thing.py").unlink()
    assert await said(source, tmp_path) == [
        "2 uncommitted change(s) are left out, such as thing.py: the loop works from HEAD"
    ]


async def test_submodules_and_lfs_pointers_are_said(tmp_path: Path) -> None:
    source = repository(tmp_path / "r", {**FILES, "big.bin": POINTER})
    git(source, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendor/lib")
    git(source, "commit", "--quiet", "--message", "A submodule")
    write(source, "big.bin", "the real content, which only looks like a change")
    assert await said(source, tmp_path) == [
        "1 submodule(s) stay empty folders here, such as vendor/lib",
        "1 file(s) kept in Git LFS are pointers only here, such as big.bin",
    ]


async def test_a_detached_or_unborn_head_is_said(tmp_path: Path) -> None:
    source = repository(tmp_path / "r")
    first = git(source, "rev-parse", "HEAD")[:12]
    write(source, "more.txt", "x")
    commit(source)
    git(source, "checkout", "--quiet", "--detach", "HEAD~1")
    assert await said(source, tmp_path) == [
        f"HEAD is detached at {first}; the loop works from the branch main at HEAD"
    ]
    git(source, "checkout", "--quiet", "--orphan", "fresh")
    bare = tmp_path / "bare.git"
    head = git(bare, "rev-parse", "main")
    assert await remarks(source, bare, branch="main", head=head, scratch=tmp_path) == [
        f"fresh has no commit yet; the loop works from the branch main at {head[:12]}"
    ]


async def test_a_policy_is_checked_before_anything_starts(tmp_path: Path) -> None:
    text = "sizes: {flag: 1}\nreview:\n  rounds: many\n"
    source = repository(tmp_path / "r", {".gatefleet.yml": text})
    bare = clone(source, tmp_path / "bare.git")
    with pytest.raises(BadInput) as error:
        await policy_of(bare, git(bare, "rev-parse", "main"), repo="mine")
    first, second = str(error.value).splitlines()
    assert first.startswith("mine: .gatefleet.yml: line 1: ")
    assert "sizes" in first
    assert "proposals" in first  # one of the valid ones
    assert second.startswith("mine: .gatefleet.yml: line 3: ")


async def test_no_policy_is_the_default_one(tmp_path: Path) -> None:
    bare = clone(repository(tmp_path / "r", {"a": "b"}), tmp_path / "bare.git")
    policy = await policy_of(bare, git(bare, "rev-parse", "main"), repo="mine")
    assert policy.engines.dev.name == "command"


async def test_the_name_on_the_forge_comes_from_the_folder(tmp_path: Path) -> None:
    for folder, name in (
        ("my répo", "local/my-r-po"),
        ("x.git", "local/x"),
        ("日本", "local/repository"),
    ):
        (tmp_path / folder).mkdir()
        options = Options(repo=tmp_path / folder)
        assert await prepare_source(options, tmp_path) == (tmp_path / folder, name)


def test_keep_takes_a_new_or_an_empty_folder_only(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("mine")
    for keep, why in (
        (tmp_path / "full", "is not empty; name a new folder"),
        (tmp_path / "full/mine", "is not empty; name a new folder"),
        (tmp_path / "full/mine/below", "cannot be made"),
        (tmp_path / "repo/state", "which is never written to"),
    ):
        with pytest.raises(BadInput, match=why):
            prepare_folder(Options(repo=tmp_path / "repo", keep=keep))
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_a_folder_vanishes_unless_it_stays(tmp_path: Path) -> None:
    new = prepare_folder(Options(keep=tmp_path / "new/state"))
    assert new.path.stat().st_mode & 0o777 == 0o700
    new.put_away()
    assert not (tmp_path / "new/state").exists()
    (tmp_path / "empty").mkdir()
    empty = prepare_folder(Options(keep=tmp_path / "empty"))
    (empty.path / "demo.log").write_text("log")
    empty.put_away()
    assert list((tmp_path / "empty").iterdir()) == []
    kept = prepare_folder(Options(keep=tmp_path / "kept"))
    kept.stays = True
    kept.put_away()
    assert kept.path.is_dir()
