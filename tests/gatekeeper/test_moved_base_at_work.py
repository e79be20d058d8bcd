"""The base or the policy moved under a verdict: kept, asked for again, or mended; each once."""

from shared.messages.content import CauseKind
from shared.messages.gate import ReviewWanted, RevisionWanted
from tests.gatekeeper.acting import GREET, MENDED, Acting
from tests.gatekeeper.gates import closed_by, gate

ONE_MORE = "def greet():\n    return 1\n\n\nA = 1\nB = 2\nC = 3\n"
POLICY = ".gatefleet.yml"


async def test_i22_a_base_that_moved_elsewhere_keeps_the_verdict(act: Acting) -> None:
    _, pull = await act.passed()
    await act.push("main", {"README.md": "# Hello, all\n"})
    await act.see_repository()

    assert await closed_by(act) == []
    assert act.world.said(ReviewWanted) == []
    assert await gate(act, pull.head) == "success"


async def test_i22_a_base_that_touches_the_same_file_asks_once_for_a_review(act: Acting) -> None:
    approved, pull = await act.passed()
    await act.push("main", {GREET: ONE_MORE})
    for _ in range(3):
        await act.see_repository()

    assert await closed_by(act) == ["review", "tests"]
    (wanted,) = act.world.said(ReviewWanted)
    assert wanted.head == pull.head
    await act.judge(await act.ask_review(approved, pull))
    assert await closed_by(act) == []


async def test_a_base_that_conflicts_asks_once_for_a_revision_however_often_it_moves(
    act: Acting,
) -> None:
    _, pull = await act.passed()
    for other in ("3", "4"):
        await act.push("main", {GREET: MENDED.replace("return 2", f"return {other}")})
        await act.see_repository()

    (wanted,) = act.world.said(RevisionWanted)
    assert (wanted.cause.kind, wanted.head) == (CauseKind.CONFLICT, pull.head)
    assert "conflict" in await closed_by(act)
    assert act.world.said(ReviewWanted) == []


async def test_i22_a_policy_that_changed_asks_for_a_review(act: Acting) -> None:
    await act.passed()
    await act.push("main", {POLICY: "size:\n  flag: 100\n"})
    await act.see_repository()

    assert await closed_by(act) == ["review", "tests"]
    assert [each.why for each in act.world.said(ReviewWanted)] == ["the policy changed"]
