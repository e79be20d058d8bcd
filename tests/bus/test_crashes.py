"""I-36: `kill -9` at every numbered point; what comes out is what comes out without it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bus.rabbit import Rabbit

ENOUGH_POINTS = 20
"""Fewer would mean that the points are no longer passed through."""


@pytest.mark.timeout(300)
def test_i36_a_kill_at_any_point_loses_nothing_and_doubles_nothing_in_memory(
    tmp_path: Path,
) -> None:
    _lives(tmp_path, 2, "")


@pytest.mark.timeout(300)
def test_i36_a_kill_at_any_point_loses_nothing_and_doubles_nothing_on_the_broker(
    tmp_path: Path, rabbit: Rabbit
) -> None:
    _lives(tmp_path, 1, rabbit.url)


def _lives(folder: Path, count: int, url: str) -> None:
    command = [sys.executable, "-m", "tests.bus.crashes", str(folder), str(count)]
    command += [url] if url else []
    lived = subprocess.run(
        command, capture_output=True, text=True, timeout=280, cwd=Path(__file__).parents[2]
    )
    assert lived.returncode == 0, lived.stderr[-4000:]
    lines = [json.loads(line) for line in lived.stdout.splitlines()]
    assert len(lines) > ENOUGH_POINTS
    assert [line["killed"] for line in lines] == [True] * (len(lines) - 1) + [False]
    effects = sorted(
        effect
        for n in range(count)
        for effect in (f"admit {n}", f"written {n}", f"heard {n}", f"heard {n} written")
    )
    for line in lines:
        assert line["effects"] == effects, f"point {line['point']}"
        assert line["left"] == 0, f"point {line['point']}"
        assert line["files"] == [f"{n}.effect" for n in range(count)]
