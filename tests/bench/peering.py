"""Runs the peers: each in a process of its own, by an interpreter that has its library."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench.raw_amqp import Spent

ROOT = Path(__file__).parents[2]
PEERS = "tests.bench.peers."
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Peer:
    """A library as it is used, and what it cannot do."""

    name: str
    program: str
    library: str
    count: int
    """Messages a run: fewer where each takes longer."""
    words: tuple[str, ...] = ()
    cannot: str = ""


ALL = (
    Peer("FastStream, tuned", "faststream_peer", "faststream", 1000, ("tuned",)),
    Peer("FastStream, as it comes", "faststream_peer", "faststream", 1000),
    Peer("taskiq-aio-pika", "taskiq_peer", "taskiq_aio_pika", 1000),
    Peer(
        "Celery", "celery_peer", "celery", 500,
        cannot="Celery: one confirm in flight at a time; a worker of one process (solo)",
    ),
    Peer(
        "fedora-messaging", "fedora_peer", "fedora_messaging", 300,
        cannot="fedora-messaging: one confirm in flight at a time, through a thread",
    ),
)  # fmt: skip


def interpreter() -> str:
    """GATEFLEET_BENCH_PYTHON, which `make bench` sets to the one of the peers' own environment."""
    return os.environ.get("GATEFLEET_BENCH_PYTHON", sys.executable)


def version(peer: Peer) -> str | None:
    """Of its library; None where that is not installed."""
    distribution = peer.library.replace("_", "-")
    code = f"from importlib.metadata import version; print(version({distribution!r}))"
    done = subprocess.run([interpreter(), "-c", code], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def measured(peer: Peer, url: str, size: int) -> dict[str, Spent] | None:
    """By `publish` and `consume`; None when it did not come to its end."""
    command = [interpreter(), "-m", PEERS + peer.program, url, str(peer.count), str(size)]
    try:
        done = subprocess.run(
            [*command, *peer.words], capture_output=True, text=True, timeout=PATIENCE_S, cwd=ROOT
        )
    except subprocess.TimeoutExpired:
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        return None
    return {what: Spent(*seconds) for what, seconds in json.loads(lines[-1]).items()}
