"""`gatefleet demo` on the sample, as a program sees it: one JSON object, a kept state, a real merge."""

from pathlib import Path

from tests.cli.commands import LOOPS, gatefleet, require_bubblewrap
from tests.demo.repositories import git

pytestmark = LOOPS

FIELDS = {"issues", "messages", "bus", "engine", "model", "seconds"}
OF_AN_ISSUE = {
    "number", "title", "approved_by", "digest", "pull_request", "review_rounds", "head_sha",
    "merged_sha",
}  # fmt: skip


def test_the_sample_goes_from_proposed_to_merged(tmp_path: Path) -> None:
    require_bubblewrap()
    kept = tmp_path / "kept"
    ran = gatefleet(
        "demo", "--yes", "--json", "--keep", str(kept), "--limit", "270",
        temporary=tmp_path / "tmp",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    found = ran.json()
    assert set(found) == FIELDS
    assert all(set(issue) == OF_AN_ISSUE for issue in found["issues"])
    assert (found["bus"], found["engine"], found["model"]) == ("memory", "command", None)
    merged = [issue for issue in found["issues"] if issue["merged_sha"]]
    assert {issue["approved_by"] for issue in merged} == {"you"}
    assert sorted(issue["review_rounds"] for issue in merged) == [1, 1, 2]
    bare = kept / "forge/git/local/stockroom.git"
    history = git(bare, "rev-list", "main").splitlines()
    assert {issue["merged_sha"] for issue in merged} <= set(history)
    assert {issue["head_sha"] for issue in merged} <= set(history)
    assert found["messages"]["gate.pull_request.closed.v1"] == len(merged)
    assert sorted(path.name for path in kept.iterdir()) == [
        "demo.log", "fleet", "forge", "lock", "sample",
    ]  # fmt: skip
    assert "       sandbox: bubblewrap" in ran.err
    assert "--yes: this demo plays the person at both gates" in ran.err
    assert ran.left == ()
