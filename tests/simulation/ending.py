"""At the end of a simulation: everything agrees with the forge, and nothing hangs.

Databases are read as they lie on the disk, by their tables' names: what is compared is what the services
have stored, not what their own code makes of it.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.simulation.building import REBUILT, SERVICES
from tests.simulation.ground import FLEET
from tests.simulation.watching import Violation

if TYPE_CHECKING:
    from tests.simulation.world import World

LIVING = ("open", "taken_over")
OPEN_PULLS = 4
Row = dict[str, Any]


async def converged(world: "World") -> None:
    """Raise a Violation where parts do not agree."""
    folder = world.state / "databases"
    world.truth_now()
    for name in SERVICES:
        _nothing_is_left(folder, name)
    _approvals_rest_on_acts(world, folder)
    _gatekeeper_and_scheduler_agree(folder)
    _nothing_hangs(folder)
    _pulls_are_as_the_forge_has_them(world, folder)
    await _no_branch_is_left(world, folder)


async def rebuilt(world: "World") -> None:
    """The same after the databases of those who rebuild were deleted, and nothing written again."""
    folder = world.state / "databases"
    before = _approvals(folder)
    opened = _opened(world)
    for name in REBUILT:
        world.lives.kill(name)
    await world.lives.buried()
    for name in REBUILT:
        world.lives.forget_database(name)
        world.lives.restart(name)
    world.say("gatekeeper and scheduler lose their databases")
    await world.settle()
    world.look()
    after = _approvals(folder)
    for issue, approval in after.items():
        if before.get(issue) != approval:
            raise Violation(f"rebuilt: approvals were {before} and are {after}")
    for issue in before.keys() - after.keys():
        if not _asked_again(world, issue):
            raise Violation(f"rebuilt: #{issue} lost its approval, and nobody was asked again")
    if (now := _opened(world)) != opened:
        raise Violation(f"rebuilt: pull requests were {opened} and are {now}")
    await converged(world)


def rows(folder: Path, name: str, query: str) -> list[Row]:
    """What a query finds in a service's database."""
    with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


def _nothing_is_left(folder: Path, name: str) -> None:
    for row in rows(folder, name, "select topic, reason, traceback from dead"):
        raise Violation(f"{name}: dead letter {row['topic']}: {row['reason']} {row['traceback']}")
    for row in rows(folder, name, "select topic from outbox"):
        raise Violation(f"{name}: {row['topic']} was never sent")
    for row in rows(folder, name, "select name, state, error from jobs where state != 'done'"):
        if not row["name"].startswith(
            "run:"
        ):  # an agent that broke five times gives up, and says so
            raise Violation(f"{name}: job {row['name']} is {row['state']}: {row['error']}")


def _approvals(folder: Path) -> dict[int, str]:
    live = rows(folder, "gatekeeper", "select id, issue from approvals where ended is null")
    return {row["issue"]: str(UUID(row["id"])) for row in live}


def _asked_again(world: "World", number: int) -> bool:
    """Whether the fleet's comment shows the words that approve it: the rules hold as roles are now."""
    issue = world.forge.issues.get(world.ground.row(), number)
    said = [c.body for c in world.forge.comments.of(issue) if c.author.login == FLEET]
    return any("/approve" in body for body in said)


def _opened(world: "World") -> list[tuple[int, str]]:
    return [(each.number, each.state) for each in world.all_issues() if each.pull]


def _approvals_rest_on_acts(world: "World", folder: Path) -> None:
    for issue, approval in _approvals(folder).items():
        if not world.truth.allowed_lately(issue):
            raise Violation(
                f"#{issue}: approval {approval} lives, and nothing that people did bears it"
            )


def _gatekeeper_and_scheduler_agree(folder: Path) -> None:
    known = rows(folder, "scheduler", "select number, approval, phase from issues")
    theirs = {r["number"]: str(UUID(r["approval"])) for r in known if r["phase"] in LIVING}
    ours = _approvals(folder)
    if ours != theirs:
        raise Violation(f"approvals live in the gatekeeper: {ours}; in the scheduler: {theirs}")


def _nothing_hangs(folder: Path) -> None:
    runs = rows(folder, "scheduler", "select * from runs where state != 'ended'")
    for run in runs:
        if run["state"] != "wanted":
            raise Violation(f"#{run['issue']}: {run['kind']} run is {run['state']} for ever")
    waits = {run["issue"] for run in runs}
    issues = rows(folder, "scheduler", "select * from issues where phase = 'open'")
    working = [row for row in issues if row["rest"] is None]
    opened = sum(row["pull_request"] is not None for row in issues)
    for row in working:
        if row["number"] in waits:
            stuck = [run for run in runs if run["issue"] == row["number"]]
            if any(run["kind"] != "implementation" for run in stuck) or opened < _cap(folder):
                raise Violation(
                    f"#{row['number']}: {[r['kind'] for r in stuck]} wait, and nothing runs"
                )
        elif row["pull_request"] is None:
            raise Violation(f"#{row['number']}: approved, and nobody works on it")
        elif not _judged(folder, row):
            raise Violation(
                f"#{row['number']}: its head {row['head'][:12]} has no verdict, and waits"
            )


def _cap(folder: Path) -> int:
    [row] = rows(folder, "scheduler", "select policy from repositories")
    found = json.loads(row["policy"])
    return int(found["limits"]["open_pull_requests"])


def _judged(folder: Path, row: Row) -> bool:
    found = rows(folder, "gatekeeper", "select pull, head from reviews")
    return any(r["pull"] == row["pull_request"] and r["head"] == row["head"] for r in found)


def _pulls_are_as_the_forge_has_them(world: "World", folder: Path) -> None:
    known = {row["number"]: row for row in rows(folder, "gatekeeper", "select * from pulls")}
    for each in world.all_issues():
        if each.pull is None:
            continue
        state = "merged" if each.pull.merged else each.state
        if each.number not in known:
            if state == "open":
                raise Violation(f"#{each.number}: an open pull request that the gatekeeper forgot")
        elif known[each.number]["state"] != state:
            have = known[each.number]["state"]
            raise Violation(
                f"#{each.number}: it is {state}, and the gatekeeper holds it for {have}"
            )


async def _no_branch_is_left(world: "World", folder: Path) -> None:
    git = world.forge.repositories.git(world.ground.row())
    live = {approval.replace("-", "")[:12] for approval in _approvals(folder).values()}
    heads = {each.pull.head_ref for each in world.all_issues() if each.pull}
    for branch in _fleet_branches(await git.branches()):
        if branch not in heads and branch.rpartition("/")[2] not in live:
            raise Violation(f"{branch}: its approval ended and it has no pull request")


def _fleet_branches(branches: dict[str, str]) -> Iterator[str]:
    return (name for name in branches if name.startswith("gatefleet/"))
