"""`gatefleet link`: a way into the pages of a forge that runs, for whoever may read its folder."""

import json
from pathlib import Path

import pytest

from services.cli.commands import run
from services.local_forge.alone import opened
from services.local_forge.app import build
from services.local_forge.settings import FOLDER, LocalForgeSettings
from shared.clock import SystemClock


async def test_the_link_logs_in_at_a_forge_that_runs_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = LocalForgeSettings(state=tmp_path / FOLDER, repository="octo/hello")
    async with opened(settings, SystemClock()):
        pass
    assert run(["link", "--state", str(tmp_path), "--json"]) == 0

    link = json.loads(capsys.readouterr().out)["link"]
    local = build(settings, SystemClock())
    assert local.forge.sessions.redeem(link.rpartition("=")[2]) is not None
    await local.close()


def test_where_no_forge_is_one_line_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["link", "--state", str(tmp_path)]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert "docker compose exec local-forge gatefleet link" in line
