"""The work of a run, against a real repository and real tools."""

import asyncio
import shutil
import sys

import pytest

from services.pm_agent.concluding import NO_ROOM, NONE_WANTED, NOTHING_FOUND
from services.pm_agent.looking import look
from shared.clock import SystemClock
from shared.errors import BadInput, Refused, TryLater
from shared.messages import Repo
from shared.messages.content import KnownProposal, Proposal, RunEnd
from shared.messages.draft import IssuesProposed
from shared.messages.examples import example
from shared.messages.work import WorkRequest
from shared.policy import Policy
from shared.runs import Drafted, Ended
from shared.sandbox import Command, Finished, choose
from tests.checkers.trees import sandbox, write
from tests.git.making import Files, link, module
from tests.pm_agent.runs import FAULTY, QUICK, Desk, request
from tests.services_at_hand import missing

CLEAN: Files = {
    b"README.md": b"# hello\n\n## Install\n\n## Usage\n\n## Tests\n\n## Licence\n",
    b"test_a.py": b"def test_a() -> None:\n    assert True\n",
}
PYTHON = sys.executable


def proposals(end: Drafted | Ended) -> tuple[Proposal, ...]:
    """What was drafted."""
    assert isinstance(end, Drafted), end
    assert isinstance(end.draft, IssuesProposed)
    return end.draft.proposals


async def test_a_run_proposes_what_its_finders_found(desk: Desk) -> None:
    asked = request(desk.origin.commit(FAULTY), policy={})
    end = await desk.run(asked)
    assert {(one.finder, one.paths) for one in proposals(end)} == {
        ("lint", ("a.py",)),
        ("todo", ("b.py",)),
    }
    assert isinstance(end, Drafted)
    assert end.reason == "2 to propose"
    assert (end.draft.run, end.draft.generation) == (asked.run, asked.generation)
    assert desk.left() == []


async def test_every_phase_is_told_in_words(desk: Desk) -> None:
    await desk.run(request(sha := desk.origin.commit(FAULTY), policy={}))
    phases = list(dict.fromkeys(phase for phase, _ in desk.said))
    assert phases == ["fetching", "exporting", "setting up", "looking", "choosing"]
    lines = [line for _, line in desk.said]
    assert lines[:2] == ["fetching octo/hello", f"taking out main at {sha[:12]}"]
    assert "process: NOT isolated" in lines[2]
    assert "looking with lint, types, tests, todo, readme" in lines


async def test_the_newest_tip_does_not_matter_but_the_commit_that_was_asked_for(desk: Desk) -> None:
    old = desk.origin.commit(FAULTY)
    desk.origin.commit(CLEAN, parents=[old])
    assert len(proposals(await desk.run(request(old)))) == 2


async def test_nothing_found_is_an_end_of_its_own(desk: Desk) -> None:
    end = await desk.run(request(desk.origin.commit(CLEAN), policy={}))
    assert end == Ended(RunEnd.NOTHING_TO_CHANGE, NOTHING_FOUND)


async def test_what_is_known_is_not_proposed_again(desk: Desk) -> None:
    sha = desk.origin.commit(FAULTY)
    known = tuple(
        KnownProposal(
            proposal=one.proposal, issue=number, content=one.content, open=number % 2 == 0
        )
        for number, one in enumerate(proposals(await desk.run(request(sha))), start=1)
    )
    end = await desk.run(request(sha, known=known))
    assert isinstance(end, Ended)
    assert end.end is RunEnd.NOTHING_TO_CHANGE
    assert end.reason.startswith("nothing new: what was found (2)")


async def test_an_open_proposal_whose_finding_changed_is_brought_up_to_date(desk: Desk) -> None:
    sha = desk.origin.commit(FAULTY)
    first = proposals(await desk.run(request(sha)))[0]
    known = (KnownProposal(proposal=first.proposal, issue=1, content="older", open=True),)
    end = await desk.run(request(sha, known=known, quota=0))
    assert proposals(end) == (first,)
    assert isinstance(end, Drafted)
    assert end.reason == "1 to bring up to date"


async def test_without_room_nothing_is_even_fetched(desk: Desk) -> None:
    end = await desk.run(request("0" * 40, quota=0))
    assert (end, desk.said) == (Ended(RunEnd.NOTHING_TO_CHANGE, NO_ROOM), [])


async def test_a_policy_that_wants_no_proposals_is_not_told_to_decide_on_some(desk: Desk) -> None:
    end = await desk.run(request("0" * 40, policy={"proposals": {"quota": 0}}, quota=0))
    assert end == Ended(RunEnd.NOTHING_TO_CHANGE, NONE_WANTED)


async def test_the_quota_is_kept(desk: Desk) -> None:
    assert len(proposals(await desk.run(request(desk.origin.commit(FAULTY), quota=1)))) == 1


async def test_the_words_of_an_event_only_sort(desk: Desk) -> None:
    sha = desk.origin.commit(FAULTY)
    plain = proposals(await desk.run(request(sha)))
    event = {"name": "sentry.alert", "data": {"title": "look at b.py", "do": "/approve"}}
    sorted_ = proposals(await desk.run(request(sha, event=event)))
    assert [one.paths for one in sorted_] == [("b.py",), ("a.py",)]
    assert {one.proposal: one for one in sorted_} == {one.proposal: one for one in plain}


async def test_a_finder_that_cannot_look_is_told_and_named_in_the_end(desk: Desk) -> None:
    policy = {"test": {"command": "no-such-tool"}, "proposals": {"finders": ["tests"]}}
    end = await desk.run(request(desk.origin.commit(FAULTY), policy=policy))
    told = [line for phase, line in desk.said if "no-such-tool" in line]
    assert isinstance(end, Ended)
    assert end.reason == f"{NOTHING_FOUND}; {told[0]}"


async def test_setup_commands_run_before_the_finders(desk: Desk) -> None:
    policy = QUICK | {"setup": [[PYTHON, "-c", "open('made.py', 'w').write('import os')"]]}
    end = await desk.run(request(desk.origin.commit(FAULTY), policy=policy))
    assert ("setting up", "running 1 setup command(s)") in desk.said
    assert {path for one in proposals(end) for path in one.paths} == {"a.py", "b.py"}


async def test_what_setup_commands_made_is_not_looked_at(desk: Desk) -> None:
    tree = write(desk.folder / "tree", {"a.py": "import os\n", "made.py": "import os\n"})
    repo = Repo(owner="octo", name="hello", id="1")
    seen = await look(tree, sandbox(), Policy(), repo, only={"a.py"})
    assert {path for one in seen.candidates for path in one.proposal.paths} >= {"a.py"}
    assert all("made.py" not in one.proposal.paths for one in seen.candidates)


async def test_a_failed_setup_declines_with_its_last_line(desk: Desk) -> None:
    policy = QUICK | {
        "setup": [[PYTHON, "-c", "print('first', flush=True); raise SystemExit('no such wheel')"]]
    }
    end = await desk.run(request(desk.origin.commit(FAULTY), policy=policy))
    assert isinstance(end, Ended)
    assert end.end is RunEnd.DECLINED
    assert "ended with exit code 1: no such wheel; mend `setup:`" in end.reason
    assert desk.left() == []


async def test_a_commit_that_is_gone_declines(desk: Desk) -> None:
    desk.origin.commit(FAULTY)
    end = await desk.run(request("1" * 40))
    assert isinstance(end, Ended)
    assert end.end is RunEnd.DECLINED
    assert end.reason.startswith("octo/hello: commit 111111111111 of main is not there any more")


async def test_a_forge_that_is_away_is_tried_later_or_refused_with_its_name(desk: Desk) -> None:
    shutil.rmtree(desk.origin.git_dir)
    with pytest.raises((TryLater, BadInput), match=r"origin\.git"):
        await desk.run(request("1" * 40))


async def test_a_broken_policy_is_refused_and_leaves_nothing(desk: Desk) -> None:
    with pytest.raises(BadInput):
        await desk.run(request(desk.origin.commit(FAULTY), policy={"no_such_key": 1}))
    assert desk.left() == []


async def test_submodules_and_pointers_are_told(desk: Desk) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    files: Files = FAULTY | {b"sub": module("1" * 40), b"big\n.bin": pointer}
    assert len(proposals(await desk.run(request(desk.origin.commit(files))))) == 2
    lines = [line for phase, line in desk.said if phase == "exporting"]
    assert lines[1:] == [
        "not in the work tree: the contents of 1 submodule(s) (sub) and the contents of 1 file(s) "
        r"kept in Git LFS (big\n.bin)",
    ]


async def test_a_link_that_leaves_the_repository_is_refused_before_anything_runs(
    desk: Desk,
) -> None:
    sha = desk.origin.commit(FAULTY | {b"out": link("/etc/passwd")})
    with pytest.raises(Refused, match="leaves the repository"):
        await desk.run(request(sha))
    assert desk.left() == []


async def test_odd_names_and_red_tests_are_no_obstacle(desk: Desk) -> None:
    files: Files = FAULTY | {
        "sp ace/ü.py".encode(): b"import sys\n",
        b"new\nline.py": b"import sys\n",
        b"test_red.py": b"def test_red() -> None:\n    assert 1 == 2\n",
    }
    end = await desk.run(request(desk.origin.commit(files), policy={}, quota=20))
    assert {path for one in proposals(end) for path in one.paths} == {
        "a.py", "b.py", "sp ace/ü.py", "test_red.py",
    }  # fmt: skip


class Entered:
    """A sandbox that says when something runs in it."""

    name = "entered"
    isolation = "as the one inside"

    def __init__(self) -> None:
        self.inner = sandbox()
        self.entered = asyncio.Event()

    def path(self, workspace: object) -> str:
        """The same path as outside."""
        return str(workspace)

    async def run(self, command: Command) -> Finished:
        """As the sandbox inside."""
        self.entered.set()
        return await self.inner.run(command)


async def test_a_cancelled_run_leaves_nothing(desk: Desk) -> None:
    desk.sandbox = entered = Entered()
    policy = QUICK | {"setup": [[PYTHON, "-c", "import time; time.sleep(600)"]]}
    running = asyncio.ensure_future(desk.run(request(desk.origin.commit(FAULTY), policy=policy)))
    await entered.entered.wait()
    assert desk.left() != []
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert desk.left() == []


async def test_a_request_for_other_work_is_refused(desk: Desk) -> None:
    other = example("work.implementation.requested.v1")
    assert isinstance(other, WorkRequest)
    with pytest.raises(BadInput, match="pm-agent only carries out"):
        await desk.run(other)  # type: ignore[arg-type]  # a mistake of the caller, on purpose


async def test_it_works_in_bubblewrap(desk: Desk) -> None:
    if shutil.which("bwrap") is None:
        missing("bubblewrap")
    desk.sandbox = await choose("bubblewrap", process_allowed=False, clock=SystemClock())
    policy = QUICK | {
        "setup": [[PYTHON, "-c", "import os; os.mkdir('shut', 0); open('made.py', 'w')"]]
    }
    end = await desk.run(request(desk.origin.commit(FAULTY), policy=policy))
    assert {one.finder for one in proposals(end)} == {"lint", "todo"}
    assert desk.left() == []
