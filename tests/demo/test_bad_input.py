"""Repositories and engines as they should not be: one clear line each, and nothing half-done."""

import os
import sys
from pathlib import Path

import pytest

from tests.cli.commands import LOOPS, Ran, gatefleet, require_bubblewrap
from tests.demo.repositories import FILES, POLICY, checksum, git, repository, write

pytestmark = LOOPS

SIGN = f"86399.{os.getpid()}"  # of this process: its neighbours run the same tests
"""Seconds of a sleep that nobody else sleeps."""
ENGINE = "engines: {dev: {timeout: 2s, commands: [%s]}}\nlimits: {tries: 1}\n"
LOUD = "import sys; [sys.stdout.write('x' * 1048576) for _ in range(100)]"


def demo(repo: Path, tmp_path: Path, *more: str) -> Ran:
    """Play it on a repository, which must be the same afterwards."""
    before = checksum(repo) if repo.exists() else ""
    ran = gatefleet(
        "demo", "--yes", "--limit", "270", "--repo", str(repo), *more, temporary=tmp_path / "tmp"
    )
    assert (checksum(repo) if repo.exists() else "") == before
    assert ran.left == ()
    return ran


def engine(argument: str) -> dict[str, str]:
    return {**FILES, ".gatefleet.yml": POLICY + ENGINE % argument}


def alive(sign: str) -> list[bytes]:
    """Command lines of processes that carry the sign."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:  # it ended while we looked
            continue
        if sign.encode() in line.split(b"\0"):
            found.append(line)
    return found


def test_a_folder_that_is_no_repository_or_has_no_commit(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    repository(tmp_path / "empty", {})
    for name, why in (("plain", "not a git repository"), ("empty", "it has no commits")):
        ran = demo(tmp_path / name, tmp_path, "--sandbox", "process")
        assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
        assert f"{name}: {why}" in ran.err


def test_a_broken_policy_names_line_and_valid_keys_and_keeps_nothing(tmp_path: Path) -> None:
    repo = repository(tmp_path / "r", {**FILES, ".gatefleet.yml": "size:\n  flags: 3\n"})
    ran = demo(repo, tmp_path, "--sandbox", "process", "--keep", str(tmp_path / "kept"))
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert ".gatefleet.yml: line 2: " in ran.err
    assert "flag" in ran.err
    assert "reject" in ran.err
    assert not (tmp_path / "kept").exists()


def test_without_bubblewrap_process_must_be_asked_for(tmp_path: Path) -> None:
    """With a PATH on which only git is."""
    repo = repository(tmp_path / "r", {".gatefleet.yml": POLICY, "a.txt": "a"})
    only = tmp_path / "bin"
    only.mkdir()
    for program in ("git", "sh"):
        where = next(
            Path(folder) / program
            for folder in os.environ["PATH"].split(":")
            if (Path(folder) / program).exists()
        )
        (only / program).symlink_to(where)
    line = ("--yes", "--limit", "270", "--repo", str(repo))
    refused = gatefleet("demo", *line, temporary=tmp_path / "tmp", path=only)
    assert (refused.code, refused.out, len(refused.err.splitlines())) == (1, "", 1)
    assert "ask for --sandbox process, which does not isolate" in refused.err
    asked = gatefleet("demo", *line, "--sandbox", "process", temporary=tmp_path / "tmp", path=only)
    assert "       sandbox: process: NOT isolated" in asked.out
    assert asked.last.startswith("gatefleet demo: nothing was proposed for local/r: ")
    assert (asked.code, asked.left) == (1, ())


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        ('"no-such-tool {paths}"', "no-such-tool"),
        (f"sleep {SIGN}", "was stopped: the time for the run"),
        (f'["{{python}}", "-c", "{LOUD}"]', "it wrote more than"),
        ('["touch", "other.py"]', "other.py, which is outside"),
        ('"true"', "no file changed"),
    ],
    ids=["missing", "hangs", "prints 100 MB", "edits outside", "changes nothing"],
)
def test_a_bad_engine_ends_in_one_line_without_a_branch(
    argument: str, why: str, tmp_path: Path
) -> None:
    require_bubblewrap()
    repo = repository(tmp_path / "r", engine(argument.replace("{python}", sys.executable)))
    kept = tmp_path / "kept"
    ran = demo(repo, tmp_path, "--json", "--keep", str(kept))
    assert ran.code == 1
    assert ran.last.startswith("gatefleet demo: nothing was merged: #1 needs a person: ")
    assert why in ran.last
    assert "/gatefleet retry" in ran.last
    (issue,) = ran.json()["issues"]
    assert (issue["approved_by"], issue["pull_request"], issue["merged_sha"]) == ("you", None, None)
    refs = git(kept / "forge/git/local/r.git", "for-each-ref", "--format=%(refname)")
    assert refs.splitlines() == ["refs/heads/main"]
    assert alive(SIGN) == []


def test_an_engine_that_leaves_a_process_behind_leaves_none(tmp_path: Path) -> None:
    require_bubblewrap()
    script = f"(sleep {SIGN} & setsid sleep {SIGN} &) ; sed -i 1,3d thing.py"
    repo = repository(tmp_path / "r", engine(f'["sh", "-c", "{script}"]'))
    ran = demo(repo, tmp_path)
    assert ran.code == 0, ran.err
    assert alive(SIGN) == []


def test_tests_that_hang_end_with_a_line_and_no_merge(tmp_path: Path) -> None:
    require_bubblewrap()
    policy = POLICY.replace("pytest -q}", "pytest -q, timeout: 2s}")
    hanging = f"import time\n\n\ndef test_one() -> None:\n    time.sleep({SIGN})\n"
    files = {**FILES, ".gatefleet.yml": policy, "test_thing.py": hanging}
    ran = demo(repository(tmp_path / "r", files), tmp_path)
    assert ran.code == 1
    assert "was stopped after 2 s" in ran.last


def test_an_odd_repository_with_red_tests_is_worked_on_all_the_same(tmp_path: Path) -> None:
    require_bubblewrap()
    red = "def test_red() -> None:\n    raise AssertionError\n"
    odd = {"naïve/日本 x.py": "import os\n", "new\nline.txt": "x", "test_red.py": red}
    repo = repository(
        tmp_path / "my répo", {**FILES, "thing.py": "ONE = 1\n", **odd}, branch="trunk"
    )
    (repo / os.fsdecode(b"caf\xe9.txt")).write_text("x")
    write(repo, "thing.py", "TWO = 2\n")
    ran = demo(repo, tmp_path)
    assert ran.code == 0, ran.err
    assert "2 uncommitted change(s) are left out, such as " in ran.out
    assert "red on the base already, not blamed on the change" in ran.out
    assert "1 of 1 issue(s) went from proposed to merged" in ran.out
