"""The repository that a stack under test works on."""

import subprocess
from pathlib import Path

from services.demo.sample_repository import make_sample
from tests.compose.person import ROLLING, SPARE, UNORDERED

SOURCE = "compose/repository.yaml"
"""The override by which local-forge takes it."""
TRIGGER = """
triggers:
  custom.drill.alert:
    role: pm-agent
    schema:
      properties: {title: {type: string, maxLength: 200}}
      required: [title]
"""
_TEXT = '''"""Where in the shop things are."""

import re
import json


def zones(text: str) -> str:
    """The letters of all zones."""
    return json.dumps(re.findall(r"[A-Z]", text))
'''
_UNUSED = '"""What is written on paper."""\n\nimport os\n\nWIDTH = {width}\n'


async def make_source(folder: Path) -> Path:
    """The sample, whose agents are given up after seconds, and where there is room for proposals."""
    await make_sample(folder)
    policy = folder / ".gatefleet.yml"
    text = policy.read_text().replace("limits:\n", "limits:\n  lease: 15s\n")
    text = text.replace("open_proposals: 5", "open_proposals: 20")
    text = text.replace("quota: 5", f"quota: {5 + len(ROLLING) + len(SPARE)}")
    assert "lease: 15s" in text
    assert "quota: 11" in text
    assert "open_proposals: 20" in text
    text += TRIGGER
    policy.write_text(text)
    files = {UNORDERED: _TEXT}
    unused = enumerate((*ROLLING, *SPARE))
    files |= {name: _UNUSED.format(width=40 + place) for place, name in unused}
    for name, written in files.items():
        (folder / name).parent.mkdir()
        (folder / name).write_text(written)
    subprocess.run(["git", "add", *files], cwd=folder, check=True)
    me = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
    subprocess.run(["git", *me, "commit", "-qam", "For the drills"], cwd=folder, check=True)
    folder.parent.chmod(0o755)
    folder.chmod(0o755)
    return folder
