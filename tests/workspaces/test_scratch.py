"""Folders of runs: fresh, and gone afterwards."""

from pathlib import Path

import pytest

from shared.messages.examples import example
from shared.messages.work import ProposalsRequested, WorkRequest
from shared.workspaces.scratch import sweep, workspace


def asked() -> WorkRequest:
    message = example(ProposalsRequested.topic)
    assert isinstance(message, WorkRequest)
    return message


ASKED = asked()


async def test_a_workspace_is_empty_and_goes_with_its_run(tmp_path: Path) -> None:
    async with workspace(tmp_path / "scratch", ASKED) as folder:
        assert list(folder.iterdir()) == []
        (folder / "file").touch()
        closed = folder / "closed"
        (closed / "deep").mkdir(parents=True)
        closed.chmod(0)
    assert list((tmp_path / "scratch").iterdir()) == []


async def test_what_an_earlier_try_left_is_not_seen(tmp_path: Path) -> None:
    async with workspace(tmp_path, ASKED) as folder:
        pass
    folder.mkdir()
    (folder / "old").touch()
    async with workspace(tmp_path, ASKED) as again:
        assert again == folder
        assert list(again.iterdir()) == []


async def test_it_goes_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="on purpose"):
        async with workspace(tmp_path, ASKED):
            raise ValueError("on purpose")
    assert list(tmp_path.iterdir()) == []


async def test_a_sweep_removes_all_and_follows_no_link(tmp_path: Path) -> None:
    outside, scratch = tmp_path / "outside", tmp_path / "scratch"
    (scratch / "left").mkdir(parents=True)
    outside.mkdir()
    (outside / "kept").touch()
    (scratch / "left" / "to-file").symlink_to(outside / "kept")
    (scratch / "to-folder").symlink_to(outside)
    (scratch / "file").touch()
    await sweep(scratch)
    assert list(scratch.iterdir()) == []
    assert (outside / "kept").exists()


async def test_there_may_be_nothing_to_sweep(tmp_path: Path) -> None:
    await sweep(tmp_path / "none")
    assert list((tmp_path / "none").iterdir()) == []
