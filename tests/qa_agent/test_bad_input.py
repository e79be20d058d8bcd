"""Tests that hang, repositories that are odd, requests that are stale: each ends in plain words."""

import asyncio
import json
from dataclasses import replace
from functools import partial

import pytest

from services.qa_agent.working import work
from shared.clock import FakeClock
from shared.messages.content import RunEnd, Usage, Verdict
from shared.runs import Ended
from shared.sandbox import Command, Finished
from shared.sandbox.process import ProcessSandbox
from tests.git.making import File, module
from tests.qa_agent.reviews import Bench, lines, review
from tests.qa_agent.trees import BASE, MENDED


class Jumping(ProcessSandbox):
    """The process sandbox; its clock jumps ahead at output of a command that names a word."""

    def __init__(self, seconds: float, word: str) -> None:
        clock = FakeClock()
        super().__init__(clock)
        self._advance = partial(clock.advance, seconds)
        self._word = word

    async def run(self, command: Command) -> Finished:
        if not any(self._word in argument for argument in command.argv):
            return await super().run(command)
        return await super().run(replace(command, on_output=lambda _: self._advance()))


async def test_tests_that_were_red_before_anything_are_not_blamed(bench: Bench) -> None:
    head, tip = bench.change(BASE, {**BASE, b"app.py": b"def two():\n    return 1\n"})

    judged = await bench.judge(review(head, tip))

    assert (judged.verdict, judged.tests.ok) == (Verdict.PASS, True)
    assert lines(judged) == [
        "note tests: 1 red on the base already, not blamed on the change: test_app.py::test_two"
    ]


HANGS = "import time\nif 'hang' in open('app.py').read(): print(1, flush=True); time.sleep(600)"


@pytest.mark.parametrize("base_too", [False, True])
async def test_tests_that_hang_are_stopped_and_red(bench: Bench, base_too: bool) -> None:
    bench.sandbox = Jumping(61, "time.sleep")
    base = {**BASE, b"app.py": b"# hang\n"} if base_too else BASE
    head, tip = bench.change(base, {**BASE, b"app.py": b"# hang too\n"})
    policy = f"test: {{command: {json.dumps(['python', '-c', HANGS])}, timeout: 1m}}"

    judged = await bench.judge(review(head, tip, policy))

    assert (judged.tests.ran, judged.tests.ok) == (True, False)
    assert "was stopped after 61 s" in judged.tests.summary
    # What hangs on the base already is nothing that another round could mend.
    assert judged.verdict is (Verdict.FAIL if base_too else Verdict.CHANGES)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (
            "test: {command: [no-such-runner]}",
            "no-such-runner does not exist in the sandbox; mend `test.command` in .gatefleet.yml",
        ),
        (
            "setup: [[python, -c, exit(1)]]",
            "setup: `python -c 'exit(1)'` ended with exit code 1: no output; mend `setup:` in "
            ".gatefleet.yml",
        ),
    ],
)
async def test_what_cannot_be_run_on_the_base_either_is_for_a_person(
    bench: Bench, policy: str, words: str
) -> None:
    head, tip = bench.change(BASE, MENDED)

    judged = await bench.judge(review(head, tip, policy))

    assert (judged.verdict, judged.tests.ran, judged.tests.ok) == (Verdict.FAIL, False, False)
    assert lines(judged, "error") == [
        f"error tests: the tests give no result, on the base either: {words}; the same on the "
        "base; mend that on the base first"
    ]


async def test_a_repository_without_tests_is_judged_by_the_rest(bench: Bench) -> None:
    head, tip = bench.change({b"app.py": b"import os\n"}, {b"app.py": b"\n"})

    judged = await bench.judge(review(head, tip))

    assert (judged.verdict, judged.tests.ran) == (Verdict.PASS, False)
    assert judged.tests.summary == "python -m pytest -q found no tests; the same on the base"


async def test_submodules_and_lfs_pointers_are_said(bench: Bench) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 12\n"
    more: dict[bytes, File | bytes] = {b"sub": module("1" * 40), b"data.bin": pointer}
    head, tip = bench.change({**BASE, **more}, {**MENDED, **more})

    judged = await bench.judge(review(head, tip))

    assert judged.verdict is Verdict.PASS
    assert [line for _, line in bench.said if line.startswith("not in the work tree: ")]


async def test_names_with_spaces_newlines_and_bytes_that_are_no_utf8_are_judged(
    bench: Bench,
) -> None:
    odd = (b"a b.py", b"c\nd.py", "é.py".encode(), b"\xff.py")
    head, tip = bench.change(
        {**BASE, **dict.fromkeys(odd, b"x = 1\n")}, {**BASE, **dict.fromkeys(odd, b"import os\n")}
    )

    judged = await bench.judge(review(head, tip))

    assert judged.verdict is Verdict.CHANGES
    found = {each.path for each in judged.findings if each.source == "lint"}
    assert {"a b.py", "c\nd.py", "é.py"} <= found
    assert judged.model_dump_json()


async def test_a_file_in_place_of_a_folder_and_the_reverse_are_linted(bench: Bench) -> None:
    head, tip = bench.change(
        {**BASE, b"a.py/readme": b"1", b"b": b"1"},
        {**BASE, b"a.py": b"import os\n", b"b/c.py": b"import sys\n"},
    )

    judged = await bench.judge(review(head, tip))

    assert [each.path for each in judged.findings if each.source == "lint"] == ["a.py", "b/c.py"]


async def test_a_moved_head_or_an_unknown_commit_is_declined(bench: Bench) -> None:
    head, tip = bench.change(BASE, MENDED)
    bench.origin.commit({**MENDED, b"x": b""}, parents=[head], branch="w")

    stale = await bench.run(review(head, tip))
    unknown = await bench.run(review("a" * 40, tip))

    words = "is the head of no branch of octo/hello any more; a newer one is judged instead"
    assert stale == Ended(RunEnd.DECLINED, f"{head[:12]} {words}")
    words = "is not in octo/hello; its branch was rewritten or deleted"
    assert unknown == Ended(RunEnd.DECLINED, f"commit aaaaaaaaaaaa {words}")


async def test_a_block_that_cannot_be_read_is_declined(bench: Bench) -> None:
    head, tip = bench.change(BASE, MENDED)
    request = review(head, tip)
    broken = request.snapshot.model_copy(update={"body": "```gatefleet\npath: [a]\n```"})

    end = await bench.run(request.model_copy(update={"snapshot": broken}))

    assert isinstance(end, Ended)
    assert (end.end, "`path` is not a key" in end.reason) == (RunEnd.DECLINED, True)


async def test_a_cancelled_review_leaves_nothing(bench: Bench) -> None:
    head, tip = bench.change(BASE, {**MENDED})
    started = asyncio.Event()
    command = json.dumps(["python", "-c", "import time; time.sleep(600)"])
    live = bench.live(review(head, tip, f"test: {{command: {command}}}"))

    async def say(phase: str, line: str, usage: Usage) -> None:
        if phase == "testing":
            started.set()

    run = asyncio.create_task(work(replace(live, say=say), bench.tools))
    await started.wait()

    run.cancel()

    with pytest.raises(asyncio.CancelledError):
        await run
    assert list((bench.folder / "scratch").iterdir()) == []
