"""The smallest repository on which the whole loop runs: one finding, which takes two rounds to mend."""

import subprocess
from pathlib import Path

POLICY = """\
schedule: {proposals: "0 6 * * 1"}
proposals: {quota: 1, finders: [lint]}
engines: {dev: command}
test: {command: python check.py}
review: {rounds: 3, lint: true}
limits: {open_proposals: 1, runs_per_day: 1000, runs_per_issue_per_day: 100, lease: LEASE}
"""
PYPROJECT = '[tool.ruff.lint]\nselect = ["F"]\n'
FAULTY = '''"""A part."""

import os


def weigh(grams: int) -> int:
    """In milligrams."""
    label = "mg"
    return grams * 1000
'''
"""Its unused import goes at once, its unused variable only with a fix that needs to be asked for."""
CHECK = "from part import weigh\n\nassert weigh(1) == 1000\nprint('right')\n"
"""Its test: a whole pytest would take most of a drill's time."""
FILES = {
    ".gatefleet.yml": POLICY, "pyproject.toml": PYPROJECT, "part.py": FAULTY,
    "check.py": CHECK,
}  # fmt: skip
_SIGNED = {
    f"GIT_{who}_{key}": value
    for who in ("AUTHOR", "COMMITTER")
    for key, value in {
        "NAME": "Drill", "EMAIL": "drill@gatefleet.invalid", "DATE": "2026-01-05T09:00:00Z",
    }.items()
}  # fmt: skip


def make_repository(folder: Path, *, lease: str = "2m") -> Path:
    """One commit on `main`; the same id wherever it is made. `lease`: of its runs, for its policy."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("LEASE", lease), encoding="utf-8")
    alone = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **_SIGNED}
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "A part")):
        subprocess.run(["git", *command], cwd=folder, check=True, env=alone)
    return folder
