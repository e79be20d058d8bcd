"""What people do to pull requests, branches, roles and the policy."""

from random import Random
from typing import TYPE_CHECKING

from services.local_forge.domain.reviews import NewReview
from services.local_forge.git.command import run_git
from services.local_forge.git.facts import NO_OBJECT, RefUpdate
from tests.simulation.choosing import MAY, pulls, who
from tests.simulation.ground import FILES, POLICY

if TYPE_CHECKING:
    from tests.simulation.world import World

_PERSON = {"NAME": "Ada", "EMAIL": "ada@people.invalid"}


async def merge(world: "World", chance: Random) -> str:
    """Somebody presses the button."""
    pull, login = chance.choice(pulls(world)), chance.choice(MAY)
    await world.forge.merging.merge_as_person(pull, actor=world.ground.actor(login))
    world.merged.add(pull.number)
    world.closed_by_merge()
    return f"{login} merges #{pull.number}"


def close_pull(world: "World", chance: Random) -> str:
    """Somebody closes a pull request."""
    pull, login = chance.choice(pulls(world)), who(chance)
    world.forge.issues.close(pull, actor=world.ground.actor(login))
    return f"{login} closes pull request #{pull.number}"


def reopen_pull(world: "World", chance: Random) -> str:
    """Somebody opens one again."""
    found = [each for each in pulls(world, state="closed") if each.pull and not each.pull.merged]
    pull, login = chance.choice(found), who(chance)
    world.forge.issues.reopen(pull, actor=world.ground.actor(login))
    return f"{login} reopens pull request #{pull.number}"


async def judge(world: "World", chance: Random) -> str:
    """Somebody reviews a pull request."""
    pull, login = chance.choice(pulls(world)), who(chance)
    event = chance.choice(("REQUEST_CHANGES", "REQUEST_CHANGES", "APPROVE", "COMMENT"))
    ask = NewReview(event, body=f"Please ({chance.randrange(100)}).")  # type: ignore[arg-type]
    await world.forge.reviews.create(pull, actor=world.ground.actor(login), ask=ask)
    return f"{login} reviews #{pull.number}: {event}"


def role(world: "World", chance: Random) -> str:
    """Somebody has another role now."""
    login = chance.choice(("ada", "max", "tri", "eve"))
    new = chance.choice(("write", "write", "maintain", "triage", "read"))
    world.forge.roles.set(world.ground.row(), login, new)
    world.truth.role(login, new)
    return f"{login} is {new} now"


async def commit(world: "World", branch: str, name: str, text: str) -> None:
    """A person's commit on a branch, pushed."""
    repo, bare = world.ground.row(), world.ground.bare
    head = await world.forge.repositories.git(repo).head(branch)
    assert head is not None
    blob = (await run_git(bare, "hash-object", "-w", "--stdin", stdin=text.encode())).out
    tree = (await run_git(bare, "ls-tree", head)).out.decode().splitlines()
    kept = [line for line in tree if not line.endswith(f"\t{name}")]
    listing = "\n".join([*kept, f"100644 blob {blob.decode().strip()}\t{name}"]) + "\n"
    made = (await run_git(bare, "mktree", stdin=listing.encode())).out.decode().strip()
    date = {"DATE": f"@{int(world.clock.now().timestamp())} +0000"}
    who_ = {f"GIT_{r}_{k}": v for r in ("AUTHOR", "COMMITTER") for k, v in (_PERSON | date).items()}
    done = await run_git(bare, "commit-tree", made, "-p", head, "-m", "By hand", extra=who_)
    sha = done.out.decode().strip()
    now = await world.forge.repositories.git(repo).head(branch)
    if now != head:
        return  # somebody was faster; a person would fetch and try again
    await world.forge.repositories.git(repo).update_ref(f"refs/heads/{branch}", sha, head)
    world.by_hand.add(sha)
    moved = RefUpdate(f"refs/heads/{branch}", head or NO_OBJECT, sha)
    await world.forge.pushes.landed(repo, world.ground.actor("you"), [moved])


async def take_over(world: "World", chance: Random) -> str:
    """Somebody pushes to the fleet's branch."""
    pull = chance.choice(pulls(world))
    assert pull.pull is not None
    text = f"by hand {chance.randrange(1000)}\n"
    await commit(world, pull.pull.head_ref, f"part_{chance.randrange(FILES)}.txt", text)
    return f"a person pushes to #{pull.number}"


async def move_base(world: "World", chance: Random) -> str:
    """The default branch moves, where others work too."""
    name = f"part_{chance.randrange(FILES)}.txt"
    await commit(world, "main", name, f"moved {chance.randrange(1000)}\n")
    return f"main moves: {name}"


async def policy(world: "World", chance: Random) -> str:
    """The policy changes, perhaps to something that is none."""
    text = chance.choice((
        POLICY, POLICY.replace("rounds: 2", "rounds: 1"),
        POLICY.replace("concurrent_runs: 3", "concurrent_runs: 1"),
        POLICY.replace("open_pull_requests: 4", "open_pull_requests: 1"),
        "nonsense: [", POLICY + "unknown_key: 1\n",
    ))  # fmt: skip
    await commit(world, "main", ".gatefleet.yml", text)
    return f"the policy changes: {text[:9]!r}…"
