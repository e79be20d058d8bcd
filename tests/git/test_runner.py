"""One git process: typed ends, bounded, nothing left behind, nothing of the caller's around it."""

import os
import select
from datetime import timedelta
from pathlib import Path

import pytest

from shared.errors import BadInput, Missing, Refused, TryLater
from shared.git.failures import (
    GitBadInput,
    GitFailed,
    GitRefused,
    OutputTooLarge,
    failure,
    last_words,
)
from shared.git.hardening import credential, environment
from shared.git.runner import Git, Limits, require_git, spawn
from tests.git.making import Repo, git


def program(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "git"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


async def test_the_installed_git_is_new_enough() -> None:
    assert await require_git() >= (2, 38)


@pytest.mark.parametrize("found", ["git version 2.37.9", "git version 1.8", "hello", ""])
async def test_an_old_or_strange_git_is_missing_with_the_mend(
    found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", f"echo '{found}'")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    with pytest.raises(Missing, match=r"2\.38 or newer"):
        await require_git()


async def test_apples_git_tells_its_version_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", "echo 'git version 2.39.5 (Apple Git-154)'")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    assert await require_git() == (2, 39, 5)


async def test_no_git_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Missing, match="install git"):
        await require_git()


async def test_a_hanging_process_is_ended_with_its_children(tmp_path: Path) -> None:
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    alive = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    script = program(tmp_path / "bin", f"exec 3>{fifo}; echo started >&3; sleep 1000 & sleep 1000")

    with pytest.raises(GitFailed, match=r"did not end within 0\.5 s"):
        await spawn(
            (str(script),),
            subject="a test",
            cwd=tmp_path,
            env=environment(),
            limits=Limits(timedelta(seconds=0.5)),
        )

    # The pipe ends only when every process that held it is gone.
    assert os.read(alive, 100) == b"started\n"
    assert select.select([alive], [], [], 10)[0] == [alive]
    assert os.read(alive, 100) == b""
    os.close(alive)


async def test_output_over_the_limit_ends_the_process(tmp_path: Path) -> None:
    script = program(tmp_path / "bin", "yes")

    with pytest.raises(OutputTooLarge, match="wrote more than 1000 bytes"):
        await spawn(
            (str(script),),
            subject="a test",
            cwd=tmp_path,
            env=environment(),
            limits=Limits(timedelta(seconds=30), 1000),
        )


async def test_much_input_and_much_output_do_not_block_each_other(tmp_path: Path) -> None:
    script = program(tmp_path / "bin", "cat")
    data = os.urandom(3_000_000)

    ran = await spawn((str(script),), subject="t", cwd=tmp_path, env=environment(), input=data)

    assert ran.out == data


async def test_input_that_nobody_reads_is_no_error(tmp_path: Path) -> None:
    script = program(tmp_path / "bin", "exit 7")

    ran = await spawn(
        (str(script),), subject="t", cwd=tmp_path, env=environment(), input=b"x" * 1_000_000
    )

    assert ran.code == 7


async def test_the_environment_of_the_caller_does_not_reach_git(
    origin: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_EXEC_PATH", "GIT_TRACE", "SECRET_KEY"):
        monkeypatch.setenv(name, "/elsewhere")

    names = set(environment())

    assert names.isdisjoint({"GIT_DIR", "GIT_INDEX_FILE", "GIT_EXEC_PATH", "GIT_TRACE"})
    assert "SECRET_KEY" not in names
    assert await Git(origin.git_dir).run("rev-parse", "--is-bare-repository") == b"true\n"


async def test_a_repositorys_own_configuration_does_not_win(origin: Repo) -> None:
    git(origin.git_dir, "config", "core.hooksPath", "/tmp/hooks")
    git(origin.git_dir, "config", "core.fsmonitor", "/tmp/monitor")

    assert await Git(origin.git_dir).run("config", "core.hooksPath") == b"/dev/null\n"
    assert await Git(origin.git_dir).run("config", "core.fsmonitor") == b"false\n"


async def test_a_missing_repository_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(GitBadInput, match="not a git repository"):
        await Git(tmp_path / "none.git").run("rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        (b"fatal: Authentication failed for 'https://x/'", GitRefused),
        (b"fatal: could not read Username for 'https://x': terminal prompts disabled", GitRefused),
        (b"fatal: unable to access 'x': The requested URL returned error: 403", GitRefused),
        (
            b" ! [remote rejected] x -> x (protected branch hook declined)\nerror: failed",
            GitRefused,
        ),
        (b"fatal: transport 'ext' not allowed", GitRefused),
        (b"remote: Repository not found.\nfatal: repository 'https://x/' not found", GitBadInput),
        (b"fatal: '/x' does not appear to be a git repository\nfatal: Could not read", GitBadInput),
        (b"fatal: bad object 1234", GitBadInput),
        (b"fatal: unable to access 'x': Could not resolve host: x", GitFailed),
        (b"fatal: unable to access 'x': The requested URL returned error: 502", GitFailed),
        (b"error: RPC failed; curl 56 Recv failure: Connection reset by peer", GitFailed),
        (b"fatal: Unable to create '/x/packed-refs.lock': File exists.", GitFailed),
        (b"", GitFailed),
    ],
)
def test_how_git_failed_says_what_to_do(stderr: bytes, kind: type[Exception]) -> None:
    assert type(failure("octo/hello: git fetch", 128, stderr)) is kind


def test_the_kinds_of_failure_are_the_trees() -> None:
    assert issubclass(GitFailed, TryLater)
    assert issubclass(GitRefused, Refused)
    assert issubclass(GitBadInput, BadInput)


def test_what_a_remote_says_cannot_steer_a_terminal() -> None:
    said = last_words("remote: hi\nfatal: \x1b[31mno\x07way\x9b!".encode())

    assert said == " [31mno way !"


def test_a_token_is_configuration_and_never_shown() -> None:
    token = "gh" + "s_" + "a" * 36

    setting = credential(token)

    assert list(setting) == ["http.extraHeader"]
    assert token not in str(setting)
    assert credential(None) == {}
