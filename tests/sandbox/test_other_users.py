"""The key attacks again where the fleet itself is an ordinary user, which is how most people run it:
I-44, I-45, I-50. Root starts this process anew as user and group 65534."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.conftest import need_bubblewrap

NOBODY = "65534"
ROOT = Path(__file__).parents[2]
ATTACKS = (
    "test_i44_i45_c2_nothing_of_the_host_is_within_reach",
    "test_c2_the_self_test_finds_everything_closed",
    "test_c2_a_workspace_that_bites_is_plain_data_afterwards",
    "test_i50_processes_are_refused_past_the_limit",
)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that belongs to that user; pytest's own is root's alone."""
    with tempfile.TemporaryDirectory(prefix="gatefleet-nobody-", dir="/tmp") as made:
        os.chown(made, int(NOBODY), int(NOBODY))
        yield Path(made)


def reachable() -> list[str]:
    """Arguments of bubblewrap that let another user reach the interpreter and the repository, should they
    lie below a folder that is root's alone: the same machine but for that folder."""
    shown: list[str] = []
    for needed in (Path(os.path.realpath(sys.executable)).parents[1], ROOT):
        parents = list(reversed(needed.parents))
        closed = next((each for each in parents if not each.stat().st_mode & 0o001), None)
        if closed is None:
            continue
        if str(closed) not in shown:  # else it hides what was shown before
            shown += ["--perms", "0755", "--tmpfs", str(closed)]
        for each in parents[parents.index(closed) + 1 :]:
            shown += ["--perms", "0755", "--dir", str(each)]
        shown += ["--ro-bind", str(needed), str(needed)]
    return shown


@pytest.mark.timeout(300)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_i44_i45_i50_the_key_attacks_fail_for_a_fleet_that_is_no_root(home: Path) -> None:
    need_bubblewrap()
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
              "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]  # fmt: skip
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
             f"--basetemp={home}/tests", "tests/sandbox/test_bubblewrap.py",
             "-k", " or ".join(ATTACKS)]  # fmt: skip
    ran = subprocess.run(
        ["bwrap", "--dev-bind", "/", "/", *reachable(), "--", *become, *tests],
        cwd=ROOT, text=True, capture_output=True, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "CI": "true",
             "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
