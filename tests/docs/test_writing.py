"""The documents in docs/ say what the code says."""

from pathlib import Path

import pytest

from services.docs import __main__ as command
from services.docs.writing import FOLDER, PAGES, check, write


def test_every_document_is_up_to_date() -> None:
    stale = [path.name for path in check(FOLDER)]
    assert stale == [], "run: python -m services.docs"


def test_writing_writes_what_changed_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    assert [path.name for path in write(folder)] == sorted(PAGES)
    assert write(folder) == []
    (folder / "policy.md").write_text("something else")
    (folder / "settings.md").unlink()
    (folder / "by-hand.md").write_text("kept")
    assert [path.name for path in check(folder)] == ["policy.md", "settings.md"]
    assert [path.name for path in write(folder)] == ["policy.md", "settings.md"]
    assert (folder / "by-hand.md").read_text() == "kept"


def test_the_command_names_what_is_stale(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command.told(["--check"], tmp_path / "docs") == 1
    assert "docs/messages.md: does not say what the code says" in capsys.readouterr().err
    assert command.told([], tmp_path / "docs") == 0
    assert "docs/messages.md: written" in capsys.readouterr().out
    assert command.told(["--check"], tmp_path / "docs") == 0
    assert command.told(["--chekc"], tmp_path / "docs") == 2
    assert "usage:" in capsys.readouterr().err
