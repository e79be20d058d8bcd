"""What must be true when all is at rest, whatever was killed on the way. Asked of the forge itself."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from services.local_forge.domain.witness import Write
from tests.drills.orders import Stand
from tests.drills.stage import Stage

FLEET = "gatefleet[bot]"
MADE = {
    "POST issues 201": 1,
    "POST issues/N/comments 201": 1,
    "POST pulls 201": 1,
    "POST pulls/N/reviews 200": 1,
    "POST pulls/N/requested_reviewers 201": 1,
    "PUSH gatefleet/issue-N 200": 2,
}
"""What the fleet makes of one issue with one round of changes, as the forge saw it being made."""
CHECKS = ("gatefleet/gate", "gatefleet/review", "gatefleet/tests")
HEADS = 2
SAID = {
    "gate.issue.opened.v1": 1,
    "gate.issue.approved.v1": 1,
    "gate.pull_request.opened.v1": 1,
    "gate.pull_request.updated.v1": 1,
    "gate.review.posted.v1": 2,
    "gate.pull_request.closed.v1": 1,
    "work.run.ended.v1": 5,
}
NEVER = ("gate.issue.revoked.v1", "gate.draft.refused.v1", "gate.pull_request.taken_over.v1")


def made(log: list[Write]) -> dict[str, int]:
    """What was made and not only changed; labels are a set, and put on as often as one likes."""
    found = Counter(_named(each) for each in log if each.who == FLEET)
    return {name: found[name] for name in MADE}


def _named(write: Write) -> str:
    path = write.path.split("/")
    if write.method == "PUSH":
        branch = "/".join(path[path.index("heads") + 1 :])
        name = "gatefleet/issue-N" if branch.startswith("gatefleet/issue-") else branch
        return f"PUSH {name} {write.status}"
    name = "/".join("N" if each.isdigit() else each for each in path[4:])
    return f"{write.method} {name} {write.status}"


async def assert_once(stage: Stage, stand: Stand) -> None:
    """On the forge, in what was said, and nothing left over anywhere."""
    assert_clean(stand, await assert_made_once(stage))


async def assert_made_once(stage: Stage) -> str:
    """One issue, branch, pull request and merge; every verdict once a commit. Returns where it was
    killed, for what else is asserted."""
    forge = stage.hosted.local.forge
    log = forge.witness.write_log
    where = f"killed at {[each.point for each in stage.kills]}"
    assert made(log) == MADE, where
    assert [each for each in log if each.who == FLEET and each.status >= 400] == [], where
    assert_each_check_is_there_once(stage.folder / "forge", where)
    assert forge.merge_calls == 0
    assert forge.unknown_routes == {}
    reader = stage.person.reader
    pulls = await reader.pull_requests_of_branch(_branch(log))
    assert [(each.state, each.merged) for each in pulls] == [("closed", True)], where
    pull = await reader.pull_request(pulls[0].number)
    assert pull is not None
    assert pull.merged_by is not None
    assert pull.merged_by.login == "you"
    assert len(stage.person.approvals) == len(stage.person.merged) == 1
    issue = await reader.issue(stage.person.approvals[0])
    assert issue is not None
    assert issue.state == "closed"
    assert not {each for each in issue.labels if each.startswith("gatefleet:")}, where
    return where


def assert_clean(stand: Stand, where: str) -> None:
    """Nothing parked, nothing open, nothing unsent, a chain that hangs together."""
    assert stand.dead == (), where
    assert stand.left == (), where
    assert stand.unsent == 0, where
    assert stand.chain_broken_at is None, where
    assert _said(stand.said) == SAID, where
    assert not set(NEVER) & set(stand.said), where


def _said(said: Mapping[str, int]) -> dict[str, int]:
    return {name: said.get(name, 0) for name in SAID}


def assert_each_check_is_there_once(forge: Path, where: str) -> None:
    """One of each name on a commit; the last head has them all, an older one what it came to."""
    with closing(sqlite3.connect(f"file:{forge}/forge.sqlite3?mode=ro", uri=True)) as database:
        found = list(database.execute("select head_sha, name from check_runs order by id"))
    assert len(found) == len(set(found)), where
    heads = [sha for sha, _ in found]
    assert len(set(heads)) == HEADS, where
    assert sorted(name for sha, name in found if sha == heads[-1]) == sorted(CHECKS), where


def _branch(log: list[Write]) -> str:
    """The one branch that the fleet ever pushed to."""
    paths = {each.path for each in log if each.who == FLEET and each.method == "PUSH"}
    assert len(paths) == 1
    return paths.pop().partition("/refs/heads/")[2]


async def assert_no_orphans(stage: Stage) -> None:
    """After the fleet's own end: no process of its, no work tree, no scratch (I-50)."""
    assert await stage.nursery.orphans() == []
    left = [*_below(stage.folder / "fleet", "scratch"), *(stage.folder / "tmp").iterdir()]
    assert left == []


def _below(folder: Path, name: str) -> list[Path]:
    """What lies in folders of that name, deeper ones' own folders left out."""
    return [
        file for scratch in folder.rglob(name) for file in scratch.rglob("*") if not file.is_dir()
    ]
