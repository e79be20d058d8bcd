"""Reports are read out of a folder that a hostile program had to itself."""

import os
from pathlib import Path

from shared.checkers.report_file import JUNIT, LIMIT_BYTES, clear, take
from tests.checkers.trees import write


def test_a_report_is_taken_once_and_removed(tmp_path: Path) -> None:
    write(tmp_path, {JUNIT: "<x/>"})
    assert (take(tmp_path, JUNIT), take(tmp_path, JUNIT)) == ([b"<x/>"], [])


def test_a_glob_takes_every_report_in_order(tmp_path: Path) -> None:
    write(tmp_path, {"out/b.xml": "2", "out/deep/a.xml": "1", "out/c.txt": "no"})
    assert take(tmp_path, "out/**/*.xml") == [b"2", b"1"]
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["c.txt"]


def test_a_link_in_place_of_a_report_is_removed_and_never_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "outside", {"secret": "s"}) / "secret"
    inside = write(tmp_path / "inside", {"x": ""})
    for target in (secret, tmp_path / "nowhere"):
        (inside / JUNIT).symlink_to(target)
        assert take(inside, JUNIT) == []
        assert not os.path.lexists(inside / JUNIT)
    assert secret.read_text() == "s"


def test_a_folder_that_is_a_link_is_not_gone_through(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"junit.xml": "theirs"})
    inside = write(tmp_path / "inside", {"x": ""})
    (inside / "build").symlink_to(outside)
    assert take(inside, "build/junit.xml") == []
    assert take(inside, "build/*.xml") == []
    clear(inside, "build/junit.xml")
    assert (outside / "junit.xml").read_text() == "theirs"


def test_a_pipe_and_a_folder_are_no_reports_and_do_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / JUNIT)
    assert take(tmp_path, JUNIT) == []
    write(tmp_path, {f"{JUNIT}/inner": "x"})
    assert take(tmp_path, JUNIT) == []
    assert list(tmp_path.iterdir()) == []


def test_a_report_over_the_limit_is_none_and_says_so(tmp_path: Path) -> None:
    with (tmp_path / JUNIT).open("wb") as file:
        file.truncate(LIMIT_BYTES + 1)
    assert take(tmp_path, JUNIT) == f"the report {JUNIT} is larger than 16 MiB"
