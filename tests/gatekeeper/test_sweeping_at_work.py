"""What a gatekeeper that was killed left in its scratch folder."""

from tests.gatekeeper.acting import Acting


async def test_i50_what_was_in_quarantine_when_it_was_killed_is_gone_after_a_start(
    act: Acting,
) -> None:
    left = act.world.desk.scratch / "quarantine-0123456789abcdef.git"
    (left / "objects").mkdir(parents=True)
    await act.world.restart()
    assert list(act.world.desk.scratch.iterdir()) == []
