"""compose/start looks before it starts: what stands in the way is a line each, and nothing starts."""

import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKER = """#!/bin/bash
case "$*" in
  "version "*) {version} ;;
  "compose version "*) {compose} ;;
  "compose ps "*) ;;
  *) echo started >> {log} ;;
esac
"""
RIGHT = ("echo 28.2.2", "echo 2.40.3")


def start(
    folder: Path, version: str, compose: str, **variables: str
) -> tuple[int, list[str], bool]:
    """Exit code, lines on stderr, and whether anything was started, with that engine."""
    docker = folder / "docker"
    docker.write_text(DOCKER.format(version=version, compose=compose, log=folder / "log"))
    docker.chmod(0o755)
    done = subprocess.run(
        [ROOT / "compose/start"], capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": f"{folder}:/usr/bin:/bin", **variables},
    )  # fmt: skip
    return done.returncode, done.stderr.splitlines(), (folder / "log").exists()


@pytest.mark.parametrize(
    ("version", "compose", "said"),
    [
        ("echo 19.03.15", RIGHT[1], "docker: engine 19.03.15 is too old; 20.10 or newer"),
        ("echo 20.10.24+dfsg1", "echo v2.5.0", "docker compose: v2.5.0 is too old; 2.24"),
        (RIGHT[0], "exit 1", "docker compose: the plugin is not installed"),
        ("echo permission denied >&2; exit 1", RIGHT[1], "docker: this user may not use it"),
        ("echo cannot connect >&2; exit 1", RIGHT[1], "docker: the engine does not answer"),
    ],
)
def test_a_docker_that_will_not_do_is_one_line(
    tmp_path: Path, version: str, compose: str, said: str
) -> None:
    with FreePorts() as ports:
        code, lines, started = start(tmp_path, version, compose, **ports)

    assert (code, started) == (2, False)
    (line,) = lines
    assert line.startswith(said)


def test_all_that_stands_in_the_way_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as pages, socket.socket() as console:
        for each in (pages, console):
            each.bind(("127.0.0.1", 0))
            each.listen()
        taken = {
            "GATEFLEET_STACK_PAGES_PORT": str(pages.getsockname()[1]),
            "GATEFLEET_STACK_CONSOLE_PORT": str(console.getsockname()[1]),
        }
        code, lines, started = start(tmp_path, "echo 19.03", RIGHT[1], **taken)

    assert (code, started) == (2, False)
    assert [line.partition(":")[0] for line in lines] == ["docker", *taken]


def test_with_nothing_in_the_way_it_starts_and_names_the_page(tmp_path: Path) -> None:
    with FreePorts() as ports:
        code, lines, started = start(tmp_path, *RIGHT, **ports)

    assert (code, lines, started) == (0, [], True)


class FreePorts:
    """Two that nobody listens on: bound meanwhile, so that nobody else gets them."""

    def __enter__(self) -> dict[str, str]:
        """By the variables that name them."""
        self._sockets = (socket.socket(), socket.socket())
        for each in self._sockets:
            each.bind(("127.0.0.1", 0))
        names = ("GATEFLEET_STACK_PAGES_PORT", "GATEFLEET_STACK_CONSOLE_PORT")
        return {
            name: str(each.getsockname()[1])
            for name, each in zip(names, self._sockets, strict=True)
        }

    def __exit__(self, *_: object) -> None:
        """Give them back."""
        for each in self._sockets:
            each.close()
