"""Copies that share a folder: each takes the first place that is free."""

from pathlib import Path

from shared.runtime.holding import hold_free

LOCK = "dev-agent.{place}.lock"


def test_each_copy_takes_the_first_free_place(tmp_path: Path) -> None:
    with hold_free(tmp_path, "run dev-agent", lock=LOCK) as first:
        with (
            hold_free(tmp_path, "run dev-agent", lock=LOCK) as second,
            hold_free(tmp_path, "run qa-agent", lock="qa-agent.{place}.lock") as another,
        ):
            places = (first, second, another)
        with hold_free(tmp_path, "run dev-agent", lock=LOCK) as again:
            assert again == second

    assert places == ("1", "2", "1")
