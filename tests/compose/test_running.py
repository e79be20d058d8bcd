"""docs/running.md, step by step: each command of it is run as it stands there."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from shared.lifecycle import IssueState
from tests.compose.person import You
from tests.compose.stack import AGENTS, ROOT, SERVICES, Stack, until
from tests.compose.test_upgrading import DATABASE, NEWER, ON_IT, SERVICE

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

PAGE = (ROOT / "docs/running.md").read_text(encoding="utf-8")
ELSEWHERE_URL = "https://forge.example/api/v3"
LINES = re.findall(r"^(docker compose .+)$", PAGE, re.MULTILINE)


def run(stack: Stack, line: str, folder: Path) -> str:
    """A line of the page, in a shell, as a person pastes it."""
    assert line in LINES, line
    files = ":".join(str(ROOT / file) for file in ("compose.yaml", *stack.always))
    done = subprocess.run(
        ["bash", "-euc", line.replace(" > ", f" > {folder}/").replace(" < ", f" < {folder}/")],
        cwd=ROOT, env={**stack.environment, "COMPOSE_FILE": files}, capture_output=True, text=True,
        timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_volume_is_on_the_page(stack: Stack) -> None:
    there = set(stack.compose("config", "--volumes").split())
    named = {each for row in re.findall(r"^\| (`.+?) \|", PAGE, re.MULTILINE)
             for each in re.findall(r"`([a-z-]+)`", row)}  # fmt: skip

    assert {each for each in there if not each.endswith("-secrets")} <= named


def test_a_secret_is_renewed_and_the_old_one_ends(stack: Stack, tmp_path: Path) -> None:
    before = stack.exec("dev-agent", "cat", "/run/gatefleet/bus").strip()

    said = run(stack, "docker compose run --rm --no-deps setup rotate dev-agent", tmp_path)
    for line in said.splitlines()[1:]:
        stack.compose(*line.split()[2:])
    stack.healthy("dev-agent")

    after = stack.exec("dev-agent", "cat", "/run/gatefleet/bus").strip()
    assert after != before
    assert _let_in(stack, after)
    assert not _let_in(stack, before)


def test_a_token_of_ones_own_is_put_in_and_kept_for_a_forge_elsewhere(
    stack: Stack, tmp_path: Path
) -> None:
    (tmp_path / "FILE").write_text("a-token-of-mine\n")
    line = "docker compose run --rm --no-deps -T setup put gatekeeper token < FILE"

    said = run(stack, line, tmp_path)
    put = _dealt(stack)
    without = _set_up_elsewhere(stack)
    others = " ".join(("github-ingest", *AGENTS))
    each = f"for one in {others}; do echo r | python -m services.stack put $one token; done"
    stack.compose(
        "run",
        "--rm",
        "--no-deps",
        "-T",
        "--entrypoint",
        "sh",
        "setup",
        "-ec",
        each,
    )
    complete = _set_up_elsewhere(stack)
    elsewhere = _dealt(stack)
    stack.compose("run", "--rm", "--no-deps", "-T", "setup")  # of its own forge it has its own

    assert said.strip() == (
        "gatekeeper/token: kept; run `docker compose up -d --force-recreate gatekeeper`"
    )
    assert (without.returncode, complete.returncode) == (2, 0), complete.stderr
    missing = [each for each in without.stderr.splitlines() if ELSEWHERE_URL in each]
    assert len(missing) == 4
    assert not any(each.startswith("gatekeeper") for each in missing)
    assert (put, elsewhere) == ("a-token-of-mine", "a-token-of-mine")
    assert _dealt(stack) not in ("", "a-token-of-mine")


@pytest.mark.night  # two minutes
def test_after_an_upgrade_the_older_image_is_gone_back_to_with_the_backup(
    stack: Stack, you: You, tmp_path: Path
) -> None:
    before = {number: line.state for number, line in you.issues().items()}
    token = you.token

    run(stack, "docker compose stop", tmp_path)
    run(stack, "docker compose run --rm --no-deps -T backup > gatefleet.tar", tmp_path)
    _newer_has_written(stack)
    run(stack, "docker compose start", tmp_path)
    refused = until(lambda: _refusal(stack), "the older image refuses the newer's database")
    stack.down()
    run(stack, "docker compose run --rm --no-deps -T restore < gatefleet.tar", tmp_path)
    run(stack, "docker compose up --wait", tmp_path)

    assert "it was written by another version" in refused
    assert DATABASE in refused
    assert You.at(stack).token == token
    after = {number: line.state for number, line in you.issues().items()}
    assert {number: after.get(number) for number in before} == before
    assert IssueState.PROPOSED in after.values()
    assert stack.compose("ps", "--services", "--status", "running").split() == sorted(SERVICES)


def _set_up_elsewhere(stack: Stack) -> "subprocess.CompletedProcess[str]":
    return stack.called(
        "run", "--rm", "--no-deps", "-T", "setup", GATEFLEET_STACK_FORGE_URL=ELSEWHERE_URL,
        GATEFLEET_STACK_GIT_URL="https://forge.example",
    )  # fmt: skip


def _dealt(stack: Stack) -> str:
    return stack.exec("gatekeeper", "cat", "/run/gatefleet/token").strip()


def _newer_has_written(stack: Stack) -> None:
    """As after an upgrade of one service."""
    stack.compose(
        "run", "--rm", "--no-deps", "-T", "--entrypoint", "python", SERVICE, "-c", ON_IT,
        given=json.dumps(NEWER),
    )  # fmt: skip


def _refusal(stack: Stack) -> str:
    lines = stack.compose("logs", "--no-log-prefix", "--no-color", SERVICE).splitlines()
    return next((line for line in lines if "another version" in line), "")


def _let_in(stack: Stack, url: str) -> bool:
    """Whether the broker takes that user and password, asked from inside."""
    probe = (
        "import asyncio, sys, aio_pika\n"
        "async def main():\n"
        "    connection = await aio_pika.connect(sys.stdin.read().strip())\n"
        "    await connection.close()\n"
        "asyncio.run(main())\n"
    )
    done = stack.called("exec", "-T", "dev-agent", "python", "-c", probe, given=url)
    return done.returncode == 0
