"""I-20: what `/gatefleet why` says to do is done, and the issue goes on."""

import re
from collections.abc import Awaitable, Callable

import pytest

from shared.messages.gate import CommandAnswered, IssueApproved
from shared.snapshot import Approve, parse
from tests.gatekeeper.acting import Acting

Way = Callable[[Acting, int], Awaitable[None]]


async def unapprove(act: Acting, number: int) -> None:
    act.comment(number, "/unapprove")


async def edit(act: Acting, number: int) -> None:
    act.edit(number, body="It should return three.")


async def unlabel(act: Acting, number: int) -> None:
    act.unlabel(number)


async def close(act: Acting, number: int) -> None:
    world = act.world
    world.clock.advance(1)
    world.forge.issues.close(world.forge.issues.get(world.place, number), actor=world.person())


async def decline(act: Acting, number: int) -> None:
    act.comment(number, "/gatefleet decline not now")


async def grow_old(act: Acting, number: int) -> None:
    act.world.clock.advance(15 * 24 * 3600)


WAYS: dict[str, Way] = {
    "unapproved": unapprove, "edited": edit, "unlabelled": unlabel, "closed": close,
    "declined": decline, "expired": grow_old,
}  # fmt: skip


@pytest.mark.parametrize("cause", WAYS)
async def test_i20_an_approval_that_ended_is_given_again_by_the_words_of_why(
    act: Acting, cause: str
) -> None:
    world = act.world
    approved = await act.approved()
    number = approved.issue
    await WAYS[cause](act, number)
    await act.see(number)
    await act.see(number)
    act.comment(number, "/gatefleet why")
    await act.see(number)
    answered = world.said(CommandAnswered)[-1]
    assert answered.taken
    (command,) = re.findall("`([^`]+)`", answered.next)
    assert isinstance(parse(command), Approve)

    world.clock.advance(1)
    if "reopen" in answered.next:
        world.forge.issues.reopen(world.forge.issues.get(world.place, number), actor=world.person())
    act.comment(number, command)
    await act.see(number)

    assert len({each.approval for each in world.said(IssueApproved)}) == 2
