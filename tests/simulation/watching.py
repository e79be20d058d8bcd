"""After each effect of the fleet: was it allowed, was it there before, whose work did it touch?"""

import re
from typing import TYPE_CHECKING
from uuid import UUID

from services.local_forge.git.command import run_git
from services.local_forge.git.facts import NO_OBJECT
from tests.simulation.ground import FLEET
from tests.simulation.truth import Text

if TYPE_CHECKING:
    from tests.simulation.world import World

FENCE_S = 1.0
"""A push may have passed its last look this long before."""
_BRANCH = re.compile(r"refs/heads/gatefleet/issue-(\d+)/[0-9a-f]{12}")
_MADE = re.compile(rb"run ([0-9a-f-]{36}) generation (\d+)")
_RUN = re.compile(r"Gatefleet-Run: (\S+)")
_MAY = re.compile(
    r"POST (/graphql|/repos/[^/]+/[^/]+/(issues(/\d+/(comments|labels))?|pulls"
    r"(/\d+/(reviews|requested_reviewers))?|check-runs|labels|statuses/[0-9a-f]{40}))"
    r"|PATCH /repos/[^/]+/[^/]+/(issues/comments/\d+|issues/\d+|pulls/\d+|check-runs/\d+)"
    r"|DELETE /repos/[^/]+/[^/]+/issues/\d+/labels/[^/]+"
)


class Violation(AssertionError):
    """An invariant does not hold."""


async def watch_pushes(world: "World", before: dict[str, str], after: dict[str, str]) -> None:
    """A push of the fleet has just landed."""
    for ref in sorted({*before, *after}):
        old, new = before.get(ref, NO_OBJECT), after.get(ref, NO_OBJECT)
        if old == new:
            continue
        found = _BRANCH.fullmatch(ref)
        if found is None:
            raise Violation(f"the fleet moved {ref}")
        number = int(found[1])
        if new == NO_OBJECT:
            if old in world.by_hand:
                raise Violation(f"{ref}: the fleet deleted a person's commit {old[:12]}")
            continue
        if old != NO_OBJECT and await _contains(world, new, old) is False:
            raise Violation(f"{ref}: {new[:12]} overwrites {old[:12]}")
        if old in world.by_hand:
            raise Violation(f"{ref}: the fleet pushed on a person's commit {old[:12]} (takeover)")
        world.truth_now()
        if not world.truth.allowed_lately(number):
            raise Violation(f"{ref}: pushed {new[:12]} without an approval that stands (I-13)")
        await _fenced(world, ref, new)


async def _contains(world: "World", newer: str, older: str) -> bool:
    done = await run_git(world.ground.bare, "merge-base", "--is-ancestor", older, newer)
    return done.code == 0


async def _fenced(world: "World", ref: str, sha: str) -> None:
    shown = await run_git(world.ground.bare, "log", "-1", "--format=%B", sha)
    named = _RUN.search(shown.out.decode())
    if named is None:
        raise Violation(f"{ref}: {sha[:12]} names no run")
    run = UUID(named[1])
    diff = await run_git(world.ground.bare, "diff-tree", "-p", "-m", "--root", sha)
    made = [int(generation) for _, generation in _MADE.findall(diff.out)]
    mine = [int(g) for r, g in _MADE.findall(diff.out) if r.decode() == named[1]]
    generation = max(mine or made or [0])
    if (run, generation) in world.published and world.published[run, generation] != sha:
        raise Violation(f"{ref}: the draft of run {run} was published twice")
    if (
        any(other == run for other, _ in world.published)
        and (run, generation) not in world.published
    ):
        raise Violation(f"{ref}: two drafts of run {run} were published (I-18)")
    world.published[run, generation] = sha
    late = world.now() - FENCE_S
    if not mine:
        return  # a merge that changed no line of its own
    for at, newer in world.truth.dispatched[run]:
        if newer > generation and at < late:
            raise Violation(f"{ref}: generation {generation} was pushed after {newer} was known")
    for at, until in world.truth.cancelled[run]:
        if generation <= until and at < late:
            raise Violation(f"{ref}: generation {generation} was pushed after it was cancelled")


def watch_write(world: "World", method: str, path: str) -> None:
    """A write of the fleet has just been answered."""
    if not _MAY.fullmatch(f"{method} {path}"):
        raise Violation(f"the fleet asked for {method} {path}")
    if method == "POST" and path.endswith("/pulls"):
        _one_pull_a_branch(world)
    elif method == "POST" and path.endswith("/comments"):
        _one_comment(world, int(path.split("/")[-2]))
    elif method == "POST" and path.endswith("/reviews"):
        _reviews(world, int(path.split("/")[-2]))
    elif method == "POST" and path.endswith("/issues"):
        _one_issue_a_proposal(world)
    elif method == "POST" and path.endswith("/check-runs"):
        _checks(world)
    if "/comments" in path:  # a text is shown by a new comment or in the one that is there
        _note_shown(world)


def _one_pull_a_branch(world: "World") -> None:
    heads = [each.pull.head_ref for each in world.all_issues() if each.pull]
    for head in heads:
        if heads.count(head) > 1:
            raise Violation(f"{head}: it has {heads.count(head)} pull requests")


def _one_comment(world: "World", number: int) -> None:
    issue = world.forge.issues.get(world.ground.row(), number)
    mine = [c for c in world.forge.comments.of(issue) if c.author.login == FLEET]
    if len(mine) > 1:
        raise Violation(f"#{number}: the fleet has {len(mine)} comments there")
    truth = world.truth.issues.get(number)
    if mine and truth is not None and not (truth.touched or truth.acts or truth.labelled
                                           or truth.by_fleet or truth.open_until > 0):  # fmt: skip
        raise Violation(f"#{number}: the fleet spoke on an issue that nobody gave it")


def _note_shown(world: "World") -> None:
    """What stands in the fleet's comments now is shown, and was shown from now on."""
    for number, truth in world.truth.issues.items():
        issue = world.forge.issues.get(world.ground.row(), number)
        for comment in world.forge.comments.of(issue):
            if comment.author.login == FLEET and shows(comment.body, truth.text):
                truth.shown.add(truth.text)


def shows(body: str, text: Text) -> bool:
    """Whether a comment has the whole text in it: title and body, line by line."""
    title, words = text
    return f"\n{title}\n\n{words}\n" in body


def _reviews(world: "World", number: int) -> None:
    issue = world.forge.pulls.get(world.ground.row(), number)
    bodies = [r.body for r in world.forge.reviews.of(issue) if r.author.login == FLEET]
    if len(bodies) != len(set(bodies)):
        raise Violation(f"#{number}: the fleet posted the same review twice")


def _one_issue_a_proposal(world: "World") -> None:
    titles = [i.title for i in world.all_issues() if i.author.login == FLEET and not i.pull]
    for title in titles:
        if titles.count(title) > 1:
            raise Violation(f"{title!r}: the same proposal was opened twice")


def _checks(world: "World") -> None:
    for pull in world.all_issues():
        if pull.pull is None or pull.state != "open":
            continue
        found = world.forge.checks.of(world.ground.row(), pull.pull.head_sha)
        runs = sorted(found, key=lambda run: run.id)
        for at, run in enumerate(runs):
            before = [
                o for o in runs[:at] if (o.name, o.external_id) == (run.name, run.external_id)
            ]
            if before and (before[-1].conclusion is None or (run is runs[-1] and run.conclusion)):
                # one that has ended is opened again by another of its key, and by nothing else
                raise Violation(f"#{pull.number}: the check {run.name} is there twice on one head")


def watch_money(world: "World") -> None:
    """What agents really used, against the policy's caps."""
    total: dict[UUID | None, int] = {}
    tried: dict[tuple[UUID, int], int] = {}
    for spent in world.spent:
        mine = (spent.run, spent.generation)
        tried[mine] = tried.get(mine, 0) + spent.money_micros
        if tried[mine] > spent.allowed_micros:
            raise Violation(f"run {spent.run} used more than it was allowed")
        total[spent.approval] = total.get(spent.approval, 0) + spent.money_micros
    for approval, micros in total.items():
        if approval is not None and micros > world.issue_cap_micros:
            raise Violation(f"approval {approval}: {micros} micros spent, above its cap")


def watch_merges(world: "World") -> None:
    """Only people merge."""
    if world.forge.merge_calls:
        raise Violation("somebody asked for a merge by REST")
    for each in world.all_issues():
        if each.pull and each.pull.merged_by and each.pull.merged_by.login == FLEET:
            raise Violation(f"#{each.number}: merged by the fleet")
