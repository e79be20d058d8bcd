"""The kill switch, and the one thing that must never happen: a merge by the fleet."""

import pytest

from services.gatekeeper.desk import STOP_AGE_S
from services.gatekeeper.tables import Entry
from services.local_forge.domain.pulls import NewPull
from services.local_forge.domain.reviews import NewReview
from shared.messages.content import Verdict
from shared.messages.gate import FleetResumed, FleetStopped, PullRequestOpened
from tests.gatekeeper.acting import Acting
from tests.gatekeeper.desks import FLEET


def stop_file(act: Acting, text: str | None) -> None:
    file = act.world.folder / "fleet" / "STOP"
    file.unlink() if text is None else file.write_text(text)


async def set_stop(act: Acting, how: str) -> int:
    """Stop by file or by a labelled issue; the number of that."""
    if how == "file":
        stop_file(act, "lunch\n")
        return 0
    number = act.issue(by=act.world.person("eve", "triage"), labels=["gatefleet:stop"]).number
    await act.see(number)
    return number


async def clear(act: Acting, how: str, number: int) -> None:
    if how == "file":
        stop_file(act, None)
    else:
        act.unlabel(number, "gatefleet:stop")
        await act.see(number)


@pytest.mark.parametrize("how", ["file", "label"])
async def test_i19_nothing_is_written_while_stopped_and_all_of_it_afterwards(
    act: Acting, how: str
) -> None:
    world = act.world
    world.forge.labels.create(
        world.place, actor=world.person(), name="gatefleet:stop", color="ff0000", description=""
    )
    approved = await act.approved()
    request = await act.implement(approved)
    number = await set_stop(act, how)
    mark = world.mark()

    await act.draft(request)
    await world.pass_time(120)

    assert world.writes(since=mark) == []
    assert world.said(PullRequestOpened) == []
    (stopped,) = world.said(FleetStopped)
    assert ("lunch" if how == "file" else f"#{number}") in stopped.why

    await clear(act, how, number)
    await world.pass_time(120)

    assert len(world.said(PullRequestOpened)) == 1
    assert (len(world.said(FleetStopped)), len(world.said(FleetResumed))) == (1, 1)


async def test_i19_what_cannot_be_read_counts_as_set(act: Acting) -> None:
    approved = await act.approved()
    request = await act.implement(approved)
    mark = act.world.mark()
    act.world.clock.advance(STOP_AGE_S)
    act.world.forge.faults.fail(500, method="GET", path="*/issues", times=100)

    await act.draft(request)

    assert act.world.writes(since=mark) == []
    await act.world.pass_time(20)
    assert len(act.world.said(FleetStopped)) == 1
    act.world.forge.faults.waiting.clear()
    await act.world.pass_time(120)
    assert len(act.world.said(FleetResumed)) == 1
    assert len(act.world.said(PullRequestOpened)) == 1


async def test_i19_a_stop_that_nobody_told_of_ends_every_effect_within_five_seconds(
    act: Acting,
) -> None:
    """The label is put there and no webhook tells: what was known of it may be a few seconds old."""
    world = act.world
    approved = await act.approved()
    request = await act.implement(approved)
    act.issue(labels=["gatefleet:stop"])
    world.clock.advance(5)
    mark = world.mark()

    await act.draft(request)

    assert world.writes(since=mark) == []


async def test_i19_what_waits_for_a_stop_to_end_is_no_open_work_and_goes_on_at_once(
    act: Acting,
) -> None:
    world = act.world
    approved = await act.approved()
    request = await act.implement(approved)
    number = await set_stop(act, "file")
    await act.draft(request)

    assert await world.service.idle()
    await world.pass_time(20)
    assert world.said(FleetStopped)[-1].at == world.clock.now()

    await clear(act, "file", number)
    await world.pass_time(20)
    assert world.said(FleetResumed)[-1].at == world.clock.now()
    assert len(world.said(PullRequestOpened)) == 1


async def test_i19_a_stop_between_two_writes_of_one_effect_ends_it_there(act: Acting) -> None:
    approved, pull = await act.opened()
    request = await act.ask_review(approved, pull)
    mark = act.world.mark()
    act.world.at_fetch.append(lambda: stop_file(act, "now"))  # after the first look, before a write

    await act.judge(request, Verdict.CHANGES)

    assert act.world.writes(since=mark) == []


async def test_i19_a_closed_stop_issue_stops_nothing(act: Acting) -> None:
    world = act.world
    number = act.issue(labels=["gatefleet:stop"]).number
    issue = world.forge.issues.get(world.place, number)
    world.forge.issues.close(issue, actor=world.person())
    await act.see(number)

    assert world.said(FleetStopped) == []


async def test_i14_a_merge_by_the_fleet_stops_everything_until_a_person_looks(
    act: Acting,
) -> None:
    _, pull = await act.passed()
    world = act.world
    issue = world.forge.issues.get(world.place, pull.number)
    await world.forge.reviews.create(
        issue, actor=world.person("ann", "write"), ask=NewReview("APPROVE", body="fine")
    )
    await act.merge(pull.number, by=world.forge.accounts.actor(FLEET))
    mark = world.mark()

    await act.see_pull(pull.number)

    (stopped,) = world.said(FleetStopped)
    assert "must never happen" in stopped.why
    assert (world.folder / "fleet" / "STOP").is_file()
    assert world.writes(since=mark) == []
    assert [row.kind for row in await world.rows(Entry)].count("incident") == 1

    stop_file(act, None)  # a person has looked; the same merge does not stop them again
    await world.pass_time(21)
    await act.see_pull(pull.number)
    await world.pass_time(21)
    assert not (world.folder / "fleet" / "STOP").exists()
    assert (len(world.said(FleetStopped)), len(world.said(FleetResumed))) == (1, 1)


async def test_i14_a_merge_by_the_fleet_of_anybodys_pull_request_is_the_same_incident(
    act: Acting,
) -> None:
    world = act.world
    await act.push("topic", {"note.txt": "by hand\n"})
    made = await world.forge.pulls.create(
        world.place, actor=world.person(), ask=NewPull("By hand", "topic", "main")
    )
    await world.forge.reviews.create(
        made, actor=world.person("ann", "write"), ask=NewReview("APPROVE", body="fine")
    )
    await act.merge(made.number, by=world.forge.accounts.actor(FLEET))

    await act.see_pull(made.number)

    assert len(world.said(FleetStopped)) == 1
