"""What is remembered of commits, and what is not."""

from services.local_forge.git.memory import Memory
from services.local_forge.git.repositories import BareRepository
from tests.local_forge.git.conftest import Source, copied, run

A, B, C = "a" * 40, "b" * 40, "c" * 40


class Asked:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> int:
        self.times += 1
        return self.times


async def test_a_whole_name_is_asked_about_once_and_a_branch_every_time() -> None:
    memory, asked = Memory[int](8), Asked()
    assert [await memory.get((A, B), asked) for _ in range(2)] == [1, 1]
    assert await memory.get((A, B), asked, about="other") == 2
    assert [await memory.get((A, "main"), asked) for _ in range(2)] == [3, 4]
    assert [await memory.get((A[:12],), asked) for _ in range(2)] == [5, 6]


async def test_what_was_not_used_for_longest_leaves_first() -> None:
    memory, asked = Memory[int](2), Asked()
    for sha in (A, B, A, C):
        await memory.get((sha,), asked)
    assert [await memory.get((sha,), asked) for sha in (A, C, B)] == [1, 3, 4]


async def test_what_is_not_worth_it_is_asked_again() -> None:
    memory, asked = Memory[int](2, worth=lambda found: found > 1), Asked()
    assert [await memory.get((A,), asked) for _ in range(3)] == [1, 2, 2]


async def test_a_commit_that_came_later_is_found(source: Source, bare: BareRepository) -> None:
    new = source.commit("Second", b=b"2\n")
    assert await bare.resolve(new) is None
    assert await bare.read_blob(new, "b") is None
    await copied(source, bare)
    assert await bare.resolve(new) == new
    assert await bare.read_blob(new, "b") == b"2\n"


async def test_a_list_that_was_changed_by_its_reader_stays_whole(bare: BareRepository) -> None:
    head = await bare.head("main") or ""
    (await bare.tree(head)).clear()
    (await bare.commits(None, head)).clear()
    assert [entry.path for entry in await bare.tree(head)] == ["README.md", "a.txt"]
    assert len(await bare.commits(None, head)) == 1
    run(bare.path, "update-ref", "-d", "refs/heads/main")
    assert await bare.log(head, limit=1) == await bare.commits(None, head)
