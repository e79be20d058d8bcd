"""Commands as comments: heard once, answered in the issue's one comment, carried out."""

from datetime import timedelta

import pytest

from services.gatekeeper.tables import Approval, Entry
from shared.messages.gate import (
    CommandAccepted,
    CommandAnswered,
    IssueApproved,
    IssueRevoked,
)
from shared.messages.work import IssueParked
from tests.gatekeeper.acting import Acting
from tests.gatekeeper.desks import FLEET


async def fleet_comments(act: Acting, number: int) -> list[str]:
    return [
        each.body for each in await act.world.reader.comments(number) if each.author.login == FLEET
    ]


async def command(act: Acting, number: int, words: str, who: str = "you") -> int:
    by = act.world.forge.accounts.actor(who)
    made = act.comment(number, f"/gatefleet {words}", by=by)
    await act.see(number)
    return made


@pytest.mark.parametrize("word", ["pause", "resume", "cancel", "retry"])
async def test_a_command_for_approved_work_names_its_approval_and_is_answered_once(
    act: Acting, word: str
) -> None:
    approved = await act.approved()
    made = await command(act, approved.issue, word)
    await act.see(approved.issue)

    (accepted,) = act.world.said(CommandAccepted)
    assert (accepted.command, accepted.approval) == (word, approved.approval)
    assert (accepted.id, accepted.actor.login) == (f"comment:{made}", "you")
    (answered,) = act.world.said(CommandAnswered)
    assert (answered.taken, answered.id) == (True, accepted.id)
    (shown,) = await fleet_comments(act, approved.issue)
    assert f"`/gatefleet {word}` by you: {answered.answer}" in shown


async def test_a_command_beside_the_approval_is_heard_after_it(act: Acting) -> None:
    """One look may find both: the scheduler must know what it is to pause."""
    number = act.issue().number
    act.label(number)
    act.comment(number, "/gatefleet pause")

    await act.see(number)

    kinds = [type(each) for each in act.world.heard if not isinstance(each, CommandAnswered)]
    assert kinds[-2:] == [IssueApproved, CommandAccepted]


async def test_a_command_for_what_nobody_approved_says_so_and_what_to_do(act: Acting) -> None:
    number = act.issue().number
    await command(act, number, "pause")

    assert act.world.said(CommandAccepted) == []
    (shown,) = await fleet_comments(act, number)
    assert "`/gatefleet pause` by you was not taken: nobody has approved this issue." in shown
    assert "Next: comment `/approve` on the issue." in shown


@pytest.mark.parametrize("body", ["/gatefleet pasue", "/gatefleet", "/approve please"])
async def test_what_is_close_to_a_command_is_told_what_is_valid(act: Acting, body: str) -> None:
    number = act.issue().number
    act.comment(number, body)
    await act.see(number)
    await command(act, number, "help")

    close, listed = act.world.said(CommandAnswered)
    assert (close.command, close.taken, close.next) == (
        "", False, "comment `/gatefleet help` for the list"
    )  # fmt: skip
    assert listed.taken
    for word in ("pause", "resume", "cancel", "retry", "decline", "propose", "why", "status"):
        assert word in listed.answer
    assert len(await fleet_comments(act, number)) == 1


async def test_a_reader_is_answered_in_the_log_alone_and_stays_refused_when_promoted(
    act: Acting,
) -> None:
    world = act.world
    approved = await act.approved()
    world.person("eve", "read")
    mark = world.mark()
    await command(act, approved.issue, "cancel", "eve")

    assert world.said(CommandAccepted) == []
    (answered,) = world.said(CommandAnswered)
    assert (answered.taken, answered.actor.login) == (False, "eve")
    assert world.writes(since=mark) == []
    (entry,) = [row for row in await world.rows(Entry) if row.kind == "command"]
    assert (entry.record["role"], entry.record["taken"]) == ("read", False)

    world.person("eve", "admin")
    await act.see(approved.issue)
    assert world.said(CommandAccepted) == []


async def test_i10_a_comment_that_was_edited_into_a_command_is_told_to_be_written_anew(
    act: Acting,
) -> None:
    world = act.world
    approved = await act.approved()
    made = world.forge.comments.get(world.place, act.comment(approved.issue, "thanks"))
    world.clock.advance(1)
    world.forge.comments.edit(made, actor=world.person(), body="/gatefleet cancel")
    await act.see(approved.issue)
    await act.see(approved.issue)

    assert world.said(CommandAccepted) == []
    (answered,) = world.said(CommandAnswered)
    assert answered.answer == "a comment that was edited commands nothing"


async def test_why_is_answered_with_the_line_of_the_moment(act: Acting) -> None:
    approved = await act.approved()
    await act.world.say(
        IssueParked(
            repo=act.world.repo, issue=approved.issue, why="the engine changed nothing",
            next="comment `/gatefleet retry`",
        ),
        "scheduler",
    )  # fmt: skip
    await act.world.settle()
    await command(act, approved.issue, "why")

    (answered,) = act.world.said(CommandAnswered)
    assert answered.answer == "needs a person: the engine changed nothing"
    assert answered.next == "comment `/gatefleet retry`"

    await command(act, approved.issue, "retry")
    (shown,) = await fleet_comments(act, approved.issue)
    assert "needs a person" not in shown


async def test_a_decline_closes_the_issue_ends_its_approval_and_shows_the_reason(
    act: Acting,
) -> None:
    world = act.world
    approved = await act.approved()
    await command(act, approved.issue, "decline zu groß, bitte teilen")
    await act.see(approved.issue)

    (accepted,) = world.said(CommandAccepted)
    assert (accepted.command, accepted.arguments) == ("decline", "zu groß, bitte teilen")
    issue = await world.reader.issue(approved.issue)
    assert issue is not None
    assert issue.state == "closed"
    assert [each.reason.name for each in world.said(IssueRevoked)] == ["closed"]
    (shown,) = await fleet_comments(act, approved.issue)
    assert shown.startswith("**declined: a person declined it: zu groß, bitte teilen**")
    assert "reopen the issue, then comment `/approve`" in shown


async def test_a_reopened_issue_is_not_declined_again_by_the_old_comment(act: Acting) -> None:
    """Also not by a gatekeeper that has lost its memory."""
    world = act.world
    number = act.issue().number
    await command(act, number, "decline no")
    await act.see(number)
    world.clock.advance(1)
    world.forge.issues.reopen(world.forge.issues.get(world.place, number), actor=world.person())
    await act.see(number)
    await world.restart(forget=True)
    await act.see_repository()
    await act.see(number)

    issue = await world.reader.issue(number)
    assert issue is not None
    assert issue.state == "open"
    assert len(world.said(CommandAccepted)) == 1


async def test_a_gatekeeper_without_its_memory_obeys_no_command_of_an_earlier_approval(
    act: Acting,
) -> None:
    world = act.world
    approved = await act.approved()
    await command(act, approved.issue, "cancel")
    act.unlabel(approved.issue)
    await act.see(approved.issue)
    act.label(approved.issue)
    await act.see(approved.issue)
    world.clock.advance(timedelta(days=2).total_seconds())
    world.heard.clear()
    await world.restart(forget=True)
    await act.see_repository()
    await act.see(approved.issue)

    assert [row.ended for row in await world.rows(Approval)] == [None]
    assert world.said(CommandAccepted) == []
    assert world.said(CommandAnswered) == []
