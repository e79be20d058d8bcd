"""The mirror: exactly the remote's branches, by folder and by HTTP, the token never in the open."""

import asyncio
import fcntl
import os
import shutil
from pathlib import Path

import pytest

from shared.git.failures import GitBadInput, GitFailed, GitRefused, OutputTooLarge
from shared.git.mirror import Mirror
from tests.git.http_remote import serving
from tests.git.making import File, Repo, git, link

TOKEN = "secret-token-for-tests"


async def nobody() -> str | None:
    return None


async def someone() -> str | None:
    return TOKEN


async def test_a_mirror_has_the_branches_and_only_them(origin: Repo, tmp_path: Path) -> None:
    first = origin.commit({b"a.txt": b"one\n"})
    side = origin.commit({b"a.txt": b"two\n"}, parents=[first], branch="feature/é")
    git(origin.git_dir, "tag", "v1", first)
    git(origin.git_dir, "update-ref", "refs/pull/1/head", first)
    mirror = Mirror(tmp_path / "mirror.git", origin.url, nobody)

    await mirror.fetch()

    refs = git(mirror.git_dir, "for-each-ref", "--format=%(refname)").splitlines()
    assert sorted(refs) == ["refs/heads/feature/é", "refs/heads/main"]
    assert await mirror.tip("main") == first
    assert await mirror.tip("feature/é") == side
    assert await mirror.has(first)
    assert not await mirror.has("0" * 39 + "1")


async def test_what_is_gone_or_rewritten_at_the_remote_is_here_too(
    origin: Repo, tmp_path: Path
) -> None:
    first = origin.commit({b"a": b"1"})
    origin.commit({b"a": b"2"}, parents=[first], branch="side")
    mirror = Mirror(tmp_path / "mirror.git", str(origin.git_dir), nobody)
    await mirror.fetch()
    git(origin.git_dir, "update-ref", "-d", "refs/heads/side")
    rewritten = origin.commit({b"a": b"3"})

    await mirror.fetch()

    assert await mirror.branches() == {"main": rewritten}


async def test_a_repository_without_commits_says_so(origin: Repo, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "mirror.git", origin.url, nobody)
    await mirror.fetch()

    assert await mirror.branches() == {}
    with pytest.raises(GitBadInput, match="has no branch 'main'; push a first commit"):
        await mirror.tip("main")


async def test_what_is_not_a_repository_says_so(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    mirror = Mirror(tmp_path / "mirror.git", str(tmp_path / "plain"), nobody)

    with pytest.raises(GitBadInput, match="does not appear to be a git repository"):
        await mirror.fetch()


async def test_files_are_read_at_a_commit_whatever_they_are_called(
    origin: Repo, tmp_path: Path
) -> None:
    odd = b"dir with space/new\nline \xc3\xa9.txt"
    latin = b"caf\xe9.txt"
    sha = origin.commit(
        {odd: b"odd\n", latin: b"latin", b"empty": b"", b"bin": b"\0\n\0", b"l": link("bin")}
    )
    mirror = Mirror(tmp_path / "mirror.git", origin.url, nobody)
    await mirror.fetch()

    assert await mirror.read(sha, odd.decode()) == b"odd\n"
    assert await mirror.read(sha, latin.decode("utf-8", "surrogateescape")) == b"latin"
    assert await mirror.read(sha, "empty") == b""
    assert await mirror.read(sha, "bin") == b"\0\n\0"
    assert await mirror.paths(sha) == sorted(
        ["bin", "caf\udce9.txt", odd.decode(), "empty", "l"], key=lambda p: os.fsencode(p)
    )


@pytest.mark.parametrize("path", ["nothing", "dir", "dir/", "", "../a", "./a", "/a", "a/b", "a\0b"])
async def test_what_is_no_file_reads_as_none(path: str, origin: Repo, tmp_path: Path) -> None:
    sha = origin.commit({b"a": b"1", b"dir/b": b"2"})
    mirror = Mirror(tmp_path / "mirror.git", origin.url, nobody)
    await mirror.fetch()

    assert await mirror.read(sha, path) is None


async def test_reading_at_a_commit_that_is_not_here_is_an_error_not_an_absence(
    origin: Repo, tmp_path: Path
) -> None:
    origin.commit({b"a": b"1"})
    mirror = Mirror(tmp_path / "mirror.git", origin.url, nobody)
    await mirror.fetch()

    with pytest.raises(GitBadInput, match="fetch first"):
        await mirror.read("1" * 40, "a")
    with pytest.raises(GitBadInput, match="not an object id"):
        await mirror.read("main", "a")
    with pytest.raises(GitBadInput, match="not an object id"):
        await mirror.paths("--output=/tmp/x")


async def test_a_file_over_the_limit_is_not_read(origin: Repo, tmp_path: Path) -> None:
    sha = origin.commit({b"big": b"x" * 10_000, b"fits": b"y" * 100})
    mirror = Mirror(tmp_path / "mirror.git", origin.url, nobody)
    await mirror.fetch()

    assert await mirror.read(sha, "fits", limit_bytes=100) == b"y" * 100
    with pytest.raises(OutputTooLarge, match="big"):
        await mirror.read(sha, "big", limit_bytes=100)


async def test_many_fetches_at_once_are_one_after_the_other(origin: Repo, tmp_path: Path) -> None:
    sha = origin.commit({b"a": b"1"})
    mirror = Mirror(tmp_path / "mirror.git", origin.url, nobody)

    await asyncio.gather(*(mirror.fetch() for _ in range(5)))

    assert await mirror.branches() == {"main": sha}


async def test_another_process_in_the_same_folder_is_waited_out(
    origin: Repo, tmp_path: Path
) -> None:
    origin.commit({b"a": b"1"})
    mirror = Mirror(tmp_path / "mirror.git", origin.url, nobody)
    await mirror.fetch()

    with (mirror.git_dir / "gatefleet-fetch").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(GitFailed, match="another process"):
            await mirror.fetch()
    await mirror.fetch()


async def test_locks_that_a_killed_fetch_left_do_not_stop_the_next(
    origin: Repo, tmp_path: Path
) -> None:
    sha = origin.commit({b"a": b"1"})
    mirror = Mirror(tmp_path / "mirror.git", origin.url, nobody)
    await mirror.fetch()
    newer = origin.commit({b"a": b"2"}, parents=[sha])
    (mirror.git_dir / "refs/heads/main.lock").write_text("")
    (mirror.git_dir / "packed-refs.lock").write_text("")

    await mirror.fetch()

    assert await mirror.tip("main") == newer


async def test_a_fetch_by_http_needs_the_token(origin: Repo, tmp_path: Path) -> None:
    sha = origin.commit({b"a": b"1"})
    with serving(origin.git_dir.parent, TOKEN) as address:
        mirror = Mirror(tmp_path / "mirror.git", f"{address}/origin.git", someone)
        await mirror.fetch()
        with pytest.raises(GitRefused, match="credential"):
            await Mirror(tmp_path / "other.git", f"{address}/origin.git", nobody).fetch()
        with pytest.raises(GitBadInput, match="not found"):
            await Mirror(tmp_path / "third.git", f"{address}/none.git", someone).fetch()

    assert await mirror.tip("main") == sha


async def test_a_folder_of_another_account_can_be_mirrored(
    origin: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = origin.commit({b"a": b"1"})
    real = shutil.which("git")
    folder = tmp_path / "bin"
    folder.mkdir()
    # The switch by which git's own tests say that a folder belongs to somebody else.
    other = "export GIT_TEST_ASSUME_DIFFERENT_OWNER=1"
    (folder / "git").write_text(f'#!/bin/sh\n{other}\nexec {real} "$@"\n')
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    mirror = Mirror(tmp_path / "mirror.git", origin.url, nobody)

    await mirror.fetch()

    assert await mirror.tip("main") == sha


async def test_a_remote_that_is_away_is_tried_again(tmp_path: Path, origin: Repo) -> None:
    with serving(origin.git_dir.parent, TOKEN) as address:
        pass

    with pytest.raises(GitFailed, match="tried again"):
        await Mirror(tmp_path / "mirror.git", f"{address}/origin.git", someone).fetch()


async def test_the_token_is_in_no_argument_list_and_in_no_file(
    origin: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.commit({b"a": b"1"})
    real = shutil.which("git")
    log, folder = tmp_path / "argv.log", tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {real} "$@"\n')
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    with serving(origin.git_dir.parent, TOKEN) as address:
        mirror = Mirror(tmp_path / "mirror.git", f"{address}/origin.git", someone)
        await mirror.fetch()

    assert " fetch " in log.read_text()
    written = [path for path in mirror.git_dir.rglob("*") if path.is_file()]
    everything = b"".join(path.read_bytes() for path in [log, *written])
    for form in (TOKEN.encode(), b"x-access-token", b"Authorization"):
        assert form not in everything


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c evil",
        "ssh://git@example.org/x",
        "git@example.org:x/y",
        "-u./payload",
        "relative/path",
        "https://user:pass@example.org/x",
        "https://token@example.org/x",
        "https://example.org/x\n--upload-pack=evil",
        "",
    ],
)
def test_an_address_that_runs_programs_or_holds_a_credential_is_refused(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(GitBadInput) as refused:
        Mirror(tmp_path, url, nobody)
    assert "pass" not in str(refused.value).replace("password", "")


async def test_i26_a_policy_is_read_at_the_tip_not_on_the_branch_that_changes_it(
    origin: Repo, tmp_path: Path
) -> None:
    base = origin.commit({b".gatefleet.yml": b"size: {reject: 10}\n"})
    head = origin.commit({b".gatefleet.yml": File(b"")}, parents=[base], branch="change")
    mirror = Mirror(tmp_path / "mirror.git", origin.url, nobody)
    await mirror.fetch()

    assert await mirror.read(await mirror.tip("main"), ".gatefleet.yml") == b"size: {reject: 10}\n"
    assert await mirror.read(head, ".gatefleet.yml") == b""
