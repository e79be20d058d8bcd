"""A conflict with the moved base: one merge commit of ours, and nothing but the base in it."""

from shared.messages.content import CauseKind
from shared.messages.gate import DraftRefused
from tests.gatekeeper.acting import GREET, MENDED, Acting
from tests.git.making import git

ROUND_2 = MENDED.replace("B = 2", "B = 3")


def refusals(act: Acting) -> list[str]:
    return [reason.name for each in act.world.said(DraftRefused) for reason in each.reasons]


def pushes(act: Acting) -> list[str]:
    return [each for each in act.world.writes() if each.startswith("PUSH")]


async def test_a_conflict_is_one_merge_commit_of_ours(act: Acting) -> None:
    approved, pull = await act.opened()
    tip = await act.push("main", {GREET: "def greet():\n    return 9\n\n\nA = 1\nB = 2\n"})
    await act.see_repository()
    request = await act.revise(approved, pull, kind=CauseKind.CONFLICT)
    repo = act.agent()
    merged = repo.commit(
        act.files | {GREET.encode(): b"def greet():\n    return 29\n\n\nA = 1\nB = 2\n"},
        parents=[pull.head, tip], branch=None,
    )  # fmt: skip

    await act.draft(request, bundle=merge_bundle(act, merged, pull.head, tip), merges=tip)

    assert refusals(act) == []
    moved = await act.pull()
    bare = act.world.forge.repositories.git(act.world.place).path
    parents = git(bare, "rev-list", "--parents", "-1", moved.head).split()[1:]
    assert parents == [pull.head, tip]
    assert {each.name: each.value for each in moved.inputs}["conflict"] == "pass"

    # The next round is judged by what people see, not by everything that the base did meanwhile.
    await act.push("main", {"big.txt": "line\n" * 2000})
    await act.see_repository()
    act.files[GREET.encode()] = b"def greet():\n    return 29\n\n\nA = 1\nB = 2\n"
    await act.draft(await act.revise(approved, moved, round=3), {GREET: ROUND_2})
    assert refusals(act) == []


async def test_a_merge_brings_in_the_base_and_nothing_else(act: Acting) -> None:
    approved, pull = await act.opened()
    other = await act.push("somebodys-work", {"unfinished.txt": "not yet\n"})
    request = await act.revise(approved, pull, kind=CauseKind.CONFLICT)
    merged = act.agent().commit(
        act.files | {b"unfinished.txt": b"not yet\n"}, parents=[pull.head, other], branch=None
    )

    await act.draft(request, bundle=merge_bundle(act, merged, pull.head, other), merges=other)

    assert refusals(act) == ["wrong_base"]
    assert len(pushes(act)) == 1


def merge_bundle(act: Acting, merged: str, head: str, tip: str) -> bytes:
    repo = act.agent()
    git(repo.git_dir, "update-ref", "refs/gatefleet/draft", merged)
    out = repo.git_dir / "merge.bundle"
    git(repo.git_dir, "bundle", "create", "-q", str(out), "refs/gatefleet/draft",
        f"^{head}", f"^{tip}")  # fmt: skip
    return out.read_bytes()
