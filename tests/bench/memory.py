"""Memory of each service as a process of its own, idle on RabbitMQ, beside a small repository.

The forge is a local-forge in this process. Each service has been started, has heard what the others said
at their start, and has rested before it is measured.
"""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from services.fleet.hosting import Hosted, host
from shared.clock import SystemClock
from tests.bench import broker
from tests.bench.quick_fleet import make_source
from tests.bench.report import Table, Value, Wanted, met, middle

RUNS = 1
SETTLE_S = 20.0
PATIENCE_S = 120.0
STARTED = "service_started"

TARGET_MB, FORGE_TARGET_MB = 90, 120
FORGE = ("gatekeeper", "github-ingest")
AGENTS = ("pm-agent", "dev-agent", "qa-agent")
SERVICES = (*FORGE, "scheduler", *AGENTS, "console")

TITLE = "Memory of one idle service over RabbitMQ, MB (10⁶ bytes), SQLite, {runs} start(s)"
NO_BROKER = "not measured: no RabbitMQ here (set AMQP_URL, or start rabbitmq-server)"
RSS = "{seconds:g} s after the last has started; first: of a start that has migrated its database"
PSS = "PSS shares what several processes have in common; the target is held against the larger RSS"
NEVER = "{name}: it did not start within {seconds:g} s; its last line is: {last}"


def main(wanted: Wanted) -> list[Table]:
    """`--runs` is the number of starts after the first one."""
    runs = wanted.times(RUNS)
    with tempfile.TemporaryDirectory(prefix="gatefleet-bench-") as folder, broker.vhost() as url:
        if url is None:
            return [Table(TITLE.format(runs=runs), ("service",), [], (NO_BROKER,))]
        found = asyncio.run(_measured(Path(folder), url, runs))
    rows: list[tuple[Value, ...]] = []
    for name, each in found.items():
        target = FORGE_TARGET_MB if name in FORGE else TARGET_MB
        rss = middle([one[0] for one in each[1:]], 1)
        pss = middle([one[1] for one in each[1:]], 1)
        rows.append((name, rss, pss, round(each[0][0], 1), target,
                     met(max(rss or 0.0, each[0][0]), target, at_least=False)))  # fmt: skip
    columns = ("service", "RSS MB", "PSS MB", "first RSS MB", "target", "met")
    return [Table(TITLE.format(runs=runs), columns, rows, (RSS.format(seconds=SETTLE_S), PSS))]


async def _measured(folder: Path, url: str, runs: int) -> dict[str, list[tuple[float, float]]]:
    source = make_source(folder / "source", faulty=0, clean=3)
    hosted = await host(folder / "forge", "octo/small", source, SystemClock())
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in SERVICES}
    try:
        for number in range(runs + 1):
            with ExitStack() as stack:
                started = {
                    name: stack.enter_context(
                        _running(name, folder / f"{name}-{number}.log", _told(folder, url, hosted))
                    )
                    for name in SERVICES
                }
                for name, (process, log) in started.items():
                    await _until_started(name, process, log)
                await asyncio.sleep(SETTLE_S)
                for name, (process, _) in started.items():
                    found[name].append(_memory_mb(process.pid))
    finally:
        await hosted.stop()
    return found


def _told(folder: Path, url: str, hosted: Hosted) -> dict[str, str]:
    """What all of them read; those that are not a service's own are not read by it."""
    address = hosted.address()
    told = {
        "GATEFLEET_STATE": str(folder / "state"),
        "GATEFLEET_BUS": url,
        "GATEFLEET_BUS_IDENTITY": "shared",
        "GATEFLEET_FORGE_URL": address.base_url,
        "GATEFLEET_GATEKEEPER_GIT_URL": hosted.url,
        "GATEFLEET_GATEKEEPER_REPOSITORY": f"{hosted.owner}/{hosted.name}",
        "GATEFLEET_GATEKEEPER_TOKEN": hosted.token("fleet"),
        "GATEFLEET_GATEKEEPER_APP_ID": str(address.app_id),
        "GATEFLEET_GATEKEEPER_APP_SLUG": str(address.app_slug),
        "GATEFLEET_GITHUB_INGEST_REPOSITORY": f"{hosted.owner}/{hosted.name}",
        "GATEFLEET_GITHUB_INGEST_TOKEN": hosted.token("reader"),
        "GATEFLEET_GITHUB_INGEST_WEBHOOK_SECRET": "s" * 32,
        "GATEFLEET_GITHUB_INGEST_PORT": "0",
    }
    for name in AGENTS:
        prefix = f"GATEFLEET_{name.replace('-', '_').upper()}_"
        told |= {f"{prefix}GIT_URL": hosted.url, f"{prefix}TOKEN": hosted.token("reader"),
                 f"{prefix}SANDBOX": "process"}  # fmt: skip
    return told


@contextmanager
def _running(
    name: str, log: Path, told: Mapping[str, str]
) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    own = f"GATEFLEET_{name.replace('-', '_').upper()}_"
    others = [f"GATEFLEET_{each.replace('-', '_').upper()}_" for each in SERVICES if each != name]
    mine = {
        key: value
        for key, value in told.items()
        if key.startswith(own) or not any(key.startswith(other) for other in others)
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "run", name],
            env=os.environ | mine, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield process, log
        finally:
            process.terminate()
            process.wait(timeout=30)


async def _until_started(name: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    waited = 0.0
    while STARTED not in log.read_text():
        if process.poll() is not None or waited > PATIENCE_S:
            last = log.read_text().strip().rpartition("\n")[2]
            raise SystemExit(NEVER.format(name=name, seconds=PATIENCE_S, last=last))
        await asyncio.sleep(0.1)
        waited += 0.1


def _memory_mb(pid: int) -> tuple[float, float]:
    found = dict(re.findall(r"(\w+):\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text()))
    return int(found["Rss"]) * 1024 / 1e6, int(found["Pss"]) * 1024 / 1e6
