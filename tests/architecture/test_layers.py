"""Who may know whom: the contracts of `.importlinter`, and that they can be broken."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT

LINT = "from importlinter.cli import lint_imports_command as lint; lint()"
PLANTED = {
    "shared/policy/planted.py": "import services.scheduler.app\nimport httpx\nimport shared.jobs\n",
    "services/scheduler/planted.py": "import services.gatekeeper.tables\nimport aio_pika\n",
    "services/gatekeeper/planted.py": "import githubkit\nimport starlette\nimport rich\nimport yaml\n",
    "shared/git/planted.py": "import sqlalchemy\nimport prometheus_client\n",
}


def lint(folder: Path) -> tuple[int, dict[str, str]]:
    """The exit code, and KEPT or BROKEN for each contract."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "COLUMNS": "400"}
    ran = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"], cwd=folder, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = re.findall(r"^(.+?) (KEPT|BROKEN)", ran.stdout, re.MULTILINE)
    assert said, ran.stdout + ran.stderr
    return ran.returncode, dict(said)


def test_every_contract_is_kept() -> None:
    code, said = lint(ROOT)
    assert [name for name, verdict in said.items() if verdict != "KEPT"] == []
    assert code == 0


def test_every_contract_can_be_broken(tmp_path: Path) -> None:
    for top in ("services", "shared"):
        shutil.copytree(ROOT / top, tmp_path / top, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for path, text in PLANTED.items():
        (tmp_path / path).write_text(text)
    code, said = lint(tmp_path)
    assert [name for name, verdict in said.items() if verdict != "BROKEN"] == []
    assert code == 1
