"""`gatefleet tick`: one pass until nothing moves, told in plain lines."""

from pathlib import Path

from tests.cli.commands import LOOPS, require_bubblewrap
from tests.demo.repositories import FILES
from tests.fleet.world import World, act, hanging, hosted_again

pytestmark = LOOPS


def test_a_pass_without_work_ends_by_itself_and_leaves_nothing_running(tmp_path: Path) -> None:
    world = World(tmp_path)

    ran = world.run("tick", "--repo", str(world.repo()))

    assert ran.code == 0, ran.err
    first, last = ran.out.splitlines()
    assert first == "nothing to do"
    assert last.startswith("done; nothing waits for you; ")
    assert ran.err == ""
    assert ran.left == ()


async def test_passes_take_an_issue_from_proposed_to_a_person_s_merge(tmp_path: Path) -> None:
    require_bubblewrap()
    world = World(tmp_path)
    proposed = world.run("tick", "--propose", "--repo", str(world.repo(FILES)))
    assert proposed.code == 0, proposed.err
    assert proposed.out.splitlines()[0].startswith("proposed #1: ")
    assert "; 1 thing waits for you; " in proposed.out

    hosted = await hosted_again(world.state)
    await act(hosted, "POST", "/issues/1/labels", ["approved"])
    await hosted.stop()
    worked = world.run("tick", "--json")
    assert worked.code == 0, worked.err
    found = worked.json()
    assert [(step["kind"], step["issue"]) for step in found["steps"]] == [
        ("opened", 1), ("reviewed", 1),
    ]  # fmt: skip
    assert (found["done"], found["waiting"], found["reasons"]) == (True, 1, [])

    again = world.run("tick")
    assert again.out.splitlines()[0] == "nothing to do"


def test_what_still_runs_at_the_limit_is_stopped_and_resumed_by_the_next_tick(
    tmp_path: Path,
) -> None:
    begun, go = tmp_path / "begun", tmp_path / "go"
    world = World(tmp_path)
    repo = world.repo(hanging(begun, go))
    limited = world.run(
        "tick", "--propose", "--limit", "20s", "--sandbox", "process", "--repo", str(repo)
    )
    assert limited.code == 1, limited.out + limited.err
    assert limited.last.startswith(
        "the limit of 20s came; 1 run(s) were interrupted, and the next tick resumes them; "
    )
    assert begun.exists()

    go.touch()
    resumed = world.run("tick", "--sandbox", "process")

    assert resumed.code == 0, resumed.err
    assert resumed.out.splitlines()[0].startswith("proposed #1: ")
