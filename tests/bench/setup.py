"""From a fresh clone to the first question, as somebody does who sees the product for the first time.

A clone of the last commit in a temporary folder, an empty HOME (so nothing that pip had downloaded
before), then what `make` does.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.bench.report import Table, Value, Wanted

ROOT = Path(__file__).parents[2]
QUESTION_LIMIT_S = 180.0

TARGET_SETUP_S, TARGET_QUESTION_S = 120, 120

TITLE = "A fresh clone of {commit}, empty HOME"
FAILED = "{what} ended with {code}: {last}"
ENDED = "make demo ended with {code} before it asked anything; its log is {log}"
NEVER = "make demo asked nothing within {seconds:g} s"
MADE = "set-up: a virtual environment, and the product with its dependencies installed in it"
CLONED = "question: the first proposal heard, which is when gate 1 is asked about"
DIRTY = "uncommitted changes are not in the clone"


def main(wanted: Wanted) -> list[Table]:
    """Once: it is the first time that counts."""
    commit = _git("rev-parse", "--short", "HEAD")
    with tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder:
        place = Path(folder)
        home = place / "home"
        home.mkdir()
        environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
        environment |= {"TMPDIR": str(place)}
        python = f"PYTHON={Path(sys.base_prefix) / 'bin' / 'python3'}"
        began = time.perf_counter()
        _run(("git", "clone", "--quiet", str(ROOT), str(place / "clone")), place, environment)
        cloned = time.perf_counter()
        clone = place / "clone"
        _run(("make", python, ".venv/.runtime"), clone, environment)
        made = time.perf_counter()
        _first_question(clone, python, environment, kept=place / "kept")
        asked = time.perf_counter()
    rows: list[tuple[Value, ...]] = [
        ("clone", cloned - began, None),
        ("set-up", made - cloned, TARGET_SETUP_S),
        ("`make demo` → first question", asked - made, None),
        ("clone → first question, altogether", asked - began, TARGET_QUESTION_S),
    ]
    notes = (MADE, CLONED, DIRTY) if _git("status", "--porcelain") else (MADE, CLONED)
    return [Table(TITLE.format(commit=commit), ("figure", "seconds", "target"), rows, notes)]


def _first_question(
    clone: Path, python: str, environment: Mapping[str, str], *, kept: Path
) -> None:
    log = kept.with_name("demo.out")
    with log.open("wb") as out:
        demo = subprocess.Popen(
            ["make", python, "demo", f"ARGS=--yes --keep {kept}"], cwd=clone, env=environment,
            stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
        try:
            _until_asked(demo, kept / "fleet" / "databases" / "console.db", log)
        finally:
            if demo.poll() is None:
                os.killpg(demo.pid, signal.SIGINT)
            demo.wait(timeout=60)


def _until_asked(demo: subprocess.Popen[bytes], database: Path, log: Path) -> None:
    until = time.monotonic() + QUESTION_LIMIT_S
    while not _is_asked(database):
        if demo.poll() is not None:
            sys.stderr.write(log.read_text()[-2000:])
            raise SystemExit(ENDED.format(code=demo.returncode, log=log))
        if time.monotonic() > until:
            raise SystemExit(NEVER.format(seconds=QUESTION_LIMIT_S))
        time.sleep(0.01)


def _is_asked(database: Path) -> bool:
    if not database.exists():
        return False
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            query = "select 1 from events where topic = 'gate.issue.opened.v1' limit 1"
            return connection.execute(query).fetchone() is not None
        except sqlite3.OperationalError:  # it has no tables yet
            return False


def _run(words: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        raise SystemExit(FAILED.format(what=" ".join(words[:3]), code=done.returncode, last=last))


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
