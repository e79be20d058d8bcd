"""What people do to issues."""

import re
from random import Random
from typing import TYPE_CHECKING

from services.local_forge.tables import Issue
from tests.simulation.choosing import MAY, issues, pulls, who
from tests.simulation.ground import FILES, FLEET, PEOPLE
from tests.simulation.truth import Approving, IssueTruth

if TYPE_CHECKING:
    from tests.simulation.world import World

_DIGEST = re.compile(r"/approve ([0-9a-f]{16,64})")


def open_issue(world: "World", chance: Random) -> str:
    """Somebody writes an issue."""
    login = chance.choice((*MAY, *sorted(PEOPLE)))
    title, body = f"Mend part {chance.randrange(FILES)}", f"It is broken ({chance.randrange(100)})."
    made = world.forge.issues.create(
        world.ground.row(), actor=world.ground.actor(login), title=title, body=body
    )
    world.truth.issues[made.number] = IssueTruth(login, (title, body))
    return f"{login} opens #{made.number}"


def _approving(world: "World", issue: Issue, login: str, comment: int | None,
               digest: str | None = None) -> None:  # fmt: skip
    truth = world.truth.issues[issue.number]
    truth.acts.append(Approving(
        login, world.now(), truth.text, comment, digest, truth.text in truth.shown
    ))  # fmt: skip
    world.truth.note(issue.number)


def label(world: "World", chance: Random) -> str:
    """Somebody puts the label there."""
    issue, login = chance.choice(issues(world)), who(chance)
    if any(each.name == "approved" for each in issue.labels):
        return f"#{issue.number} has it"
    world.forge.labels.add(issue, actor=world.ground.actor(login), names=["approved"])
    world.truth.issues[issue.number].labelled = True
    _approving(world, issue, login, None)
    return f"{login} labels #{issue.number} approved"


def unlabel(world: "World", chance: Random) -> str:
    """Somebody takes it off."""
    found = [i for i in issues(world) if any(each.name == "approved" for each in i.labels)]
    issue, login = chance.choice(found), who(chance)
    world.forge.labels.remove(issue, actor=world.ground.actor(login), name="approved")
    return f"{login} takes approved off #{issue.number}"


def say(world: "World", issue: Issue, login: str, text: str) -> int:
    """A comment of somebody."""
    made = world.forge.comments.create(issue, actor=world.ground.actor(login), body=text)
    truth = world.truth.issues.get(issue.number)
    if truth is not None and text.startswith("/"):
        truth.touched = True
    return made.id


def approve(world: "World", chance: Random) -> str:
    """Somebody comments /approve, bare or with the digest that was shown."""
    issue, login = chance.choice(issues(world)), who(chance)
    shown = [
        found[1]
        for comment in world.forge.comments.of(issue)
        if comment.author.login == FLEET and (found := _DIGEST.search(comment.body))
    ]
    digest = shown[-1] if shown and chance.random() < 0.7 else None
    text = "/approve" if digest is None else f"/approve {digest}"
    comment = say(world, issue, login, text)
    _approving(world, issue, login, comment, digest)
    return f"{login} says {text[:20]} on #{issue.number}"


def unapprove(world: "World", chance: Random) -> str:
    """Somebody takes an approval back."""
    issue, login = chance.choice(issues(world)), who(chance)
    say(world, issue, login, "/unapprove")
    if world.truth.may_write(login):
        world.truth.issues[issue.number].acts.clear()
    return f"{login} says /unapprove on #{issue.number}"


def talk(world: "World", chance: Random) -> str:
    """Somebody says something that means nothing to the fleet, on an issue or a pull request."""
    issue, login = chance.choice([*issues(world), *pulls(world)]), chance.choice(sorted(PEOPLE))
    say(world, issue, login, f"I think so too ({chance.randrange(100)}).")
    return f"{login} comments on #{issue.number}"


def retract(world: "World", chance: Random) -> str:
    """Somebody deletes or rewrites what they said."""
    issue = chance.choice(issues(world))
    said = [c for c in world.forge.comments.of(issue) if c.author.login != FLEET]
    comment = chance.choice(list(said))
    actor = world.ground.actor(comment.author.login)
    if chance.random() < 0.5:
        world.forge.comments.delete(comment, actor=actor)
        done = "deletes"
    else:
        world.forge.comments.edit(comment, actor=actor, body=chance.choice(("/approve", "Well.")))
        done = "rewrites"
    truth = world.truth.issues[issue.number]
    truth.touched = True
    truth.acts[:] = [act for act in truth.acts if act.comment != comment.id]
    return f"{actor.login} {done} a comment on #{issue.number}"


def edit(world: "World", chance: Random) -> str:
    """The author or a writer changes the text."""
    issue = chance.choice(issues(world))
    login = issue.author.login if chance.random() < 0.4 else chance.choice(MAY)
    if login == FLEET:
        login = "you"
    truth = world.truth.issues[issue.number]
    body = (issue.body or "") + f"\n\nAnd more ({chance.randrange(3)})."
    world.forge.issues.edit(issue, actor=world.ground.actor(login), body=body)
    truth.text = (truth.text[0], body)
    truth.editors.add(login)
    return f"{login} edits #{issue.number}"


def command(world: "World", chance: Random) -> str:
    """Somebody commands."""
    issue, login = chance.choice(issues(world)), who(chance)
    words = chance.choice(("pause", "resume", "resume", "cancel", "retry", "retry"))
    say(world, issue, login, f"/gatefleet {words}")
    return f"{login} says /gatefleet {words} on #{issue.number}"


def close(world: "World", chance: Random) -> str:
    """Somebody closes an issue."""
    issue, login = chance.choice(issues(world)), who(chance)
    world.forge.issues.close(issue, actor=world.ground.actor(login))
    truth = world.truth.issues[issue.number]
    truth.closed = True
    truth.acts.clear()
    return f"{login} closes #{issue.number}"


def reopen(world: "World", chance: Random) -> str:
    """Somebody opens it again."""
    issue, login = chance.choice(issues(world, state="closed")), who(chance)
    world.forge.issues.reopen(issue, actor=world.ground.actor(login))
    world.truth.issues[issue.number].closed = False
    return f"{login} reopens #{issue.number}"
