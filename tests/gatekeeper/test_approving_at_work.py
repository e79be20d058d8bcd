"""Gate 1 as it runs: what people do on the forge, and what comes of it."""

import pytest

from services.gatekeeper.tables import Approval
from services.local_forge.domain.labels import Labels
from services.local_forge.tables.people import Role
from shared.messages.gate import CommandAccepted, CommandAnswered, IssueApproved, IssueRevoked
from tests.gatekeeper.acting import Acting

DAY_S = 86_400.0


def labels(act: Acting, number: int) -> list[str]:
    world = act.world
    return [label.name for label in world.forge.issues.get(world.place, number).labels]


async def revoked(act: Acting) -> list[str]:
    """Why approvals ended; none of them is live any more."""
    assert all(row.ended for row in await act.world.rows(Approval))
    return [each.reason.name for each in act.world.said(IssueRevoked)]


async def test_i01_a_label_that_came_with_the_issue_approves_nothing_and_is_taken_off(
    act: Acting,
) -> None:
    number = act.issue(labels=["approved"]).number

    await act.see(number)

    assert act.world.topics() == []
    assert labels(act, number) == []
    assert "DELETE /issues/1/labels/approved" in act.world.writes()


async def test_i01_a_renamed_label_approves_nothing(act: Acting) -> None:
    world = act.world
    number = act.issue(labels=["bug"]).number
    place = world.place
    world.forge.labels.rename(
        place, world.forge.labels.get(place, "approved"), actor=world.person(), name="old"
    )
    names: Labels = world.forge.labels
    names.rename(place, names.get(place, "bug"), actor=world.person(), name="approved")

    await act.see(number)

    assert world.topics() == []
    assert labels(act, number) == []


@pytest.mark.parametrize("role", ["read", "triage"])
async def test_i02_who_may_not_write_approves_nothing(act: Acting, role: Role) -> None:
    who = act.world.person("ann", role)
    number = act.issue().number
    act.comment(number, "/approve", by=who)
    if role == "triage":
        act.label(number, by=who)

    await act.see(number)

    assert act.world.topics() == []
    assert await act.world.rows(Approval) == []
    assert labels(act, number) == []


@pytest.mark.parametrize(
    ("path", "times"), [("*/permission", 3), ("*/timeline*", 3), ("*/graphql", 1)]
)
async def test_i02_what_cannot_be_read_approves_nothing_and_is_tried_again(
    act: Acting, path: str, times: int
) -> None:
    number = act.issue().number
    act.label(number)
    act.world.forge.faults.fail(500, path=path, times=times)

    await act.see(number)

    assert act.world.topics() == []
    assert act.world.writes() == []
    assert list(await act.world.waiting()) == ["assess-issue"]

    await act.world.pass_time(60)
    assert act.world.topics() == ["gate.issue.approved.v1"]


async def test_i02_a_command_is_kept_for_the_time_when_the_role_can_be_read(act: Acting) -> None:
    number = act.issue().number
    act.comment(number, "/gatefleet propose")
    act.world.forge.faults.fail(500, path="*/permission", times=3)

    await act.see(number)
    assert act.world.topics() == []

    await act.world.pass_time(60)
    assert [each.command for each in act.world.said(CommandAccepted)] == ["propose"]
    await act.see(number)
    assert len(act.world.said(CommandAccepted)) == 1


async def test_i03_the_fleet_itself_never_approves(act: Acting) -> None:
    world = act.world
    number = act.issue().number
    fleet = world.forge.accounts.actor("gatefleet[bot]")
    act.comment(number, "/approve", by=fleet)
    act.label(number, by=fleet)

    await act.see(number)

    assert world.topics() == []
    assert await world.rows(Approval) == []


@pytest.mark.parametrize("form", ["label", "/approve"])
async def test_i01_a_writer_approves_by_label_and_by_comment(act: Acting, form: str) -> None:
    number = act.issue().number
    act.label(number) if form == "label" else act.comment(number, form)

    await act.see(number)

    assert act.world.topics() == ["gate.issue.approved.v1"]
    (made,) = await act.world.rows(Approval)
    assert (made.issue, made.ended, made.approver.login) == (number, None, "you")
    assert made.approver.source.partition(":")[0] == form.strip("/").replace("approve", "comment")


@pytest.mark.parametrize(
    "body",
    ["/approve please", "> /approve", "```\n/approve\n```", "/Approve", "<!-- -->\n/approve"],
)
async def test_i09_only_the_whole_comment_is_a_command(act: Acting, body: str) -> None:
    number = act.issue().number
    act.comment(number, body)

    await act.see(number)

    assert set(act.world.topics()) <= {"gate.command.answered.v1"}
    assert not any(each.taken for each in act.world.said(CommandAnswered))
    assert await act.world.rows(Approval) == []


async def test_i10_a_comment_that_was_edited_into_a_command_approves_nothing(act: Acting) -> None:
    world = act.world
    number = act.issue().number
    comment = world.forge.comments.get(
        world.place, act.comment(number, "thanks", by=world.person("ann", "write"))
    )
    world.clock.advance(1)
    world.forge.comments.edit(comment, actor=world.person(), body="/approve")

    await act.see(number)

    assert world.topics() == []


async def test_i10_editing_or_deleting_the_approving_comment_revokes(act: Acting) -> None:
    world = act.world
    number = act.issue().number
    given = act.comment(number, "/approve")
    await act.see(number)
    world.clock.advance(1)
    world.forge.comments.delete(world.forge.comments.get(world.place, given), actor=world.person())

    await act.see(number)

    assert await revoked(act) == ["approval_deleted"]


async def test_i08_unlabel_revokes_what_a_label_gave(act: Acting) -> None:
    approved = await act.approved()
    act.unlabel(approved.issue)
    await act.see(approved.issue)
    assert await revoked(act) == ["unlabeled"]


async def test_i08_unlabel_does_not_revoke_what_a_comment_gave(act: Acting) -> None:
    number = act.issue().number
    act.comment(number, "/approve")
    await act.see(number)
    act.label(number)
    await act.see(number)
    act.unlabel(number)
    await act.see(number)

    assert act.world.topics() == ["gate.issue.approved.v1"]


async def test_i08_anybody_takes_back_by_a_word_and_the_label_goes_with_it(act: Acting) -> None:
    approved = await act.approved()
    act.comment(approved.issue, "/unapprove", by=act.world.person("ann", "read"))

    await act.see(approved.issue)

    assert await revoked(act) == ["unapproved"]
    assert labels(act, approved.issue) == []
    act.world.clock.advance(1)
    act.label(approved.issue)
    await act.see(approved.issue)
    assert len(act.world.said(IssueApproved)) == 2


async def test_i08_closing_revokes_and_reopening_gives_nothing_back(act: Acting) -> None:
    world = act.world
    approved = await act.approved()
    world.clock.advance(1)
    issue = world.forge.issues.get(world.place, approved.issue)
    world.forge.issues.close(issue, actor=world.person())
    await act.see(approved.issue)
    world.clock.advance(1)
    world.forge.issues.reopen(issue, actor=world.person())
    await act.see(approved.issue)

    assert await revoked(act) == ["closed"]
    assert len(world.said(IssueApproved)) == 1


async def test_i06_an_edit_after_the_approval_ends_it_and_shows_what_stands_there_now(
    act: Acting,
) -> None:
    approved = await act.approved()
    act.edit(approved.issue, body="Delete everything.")

    await act.see(approved.issue)

    assert await revoked(act) == ["text_changed"]
    assert act.world.topics()[-2:] == ["gate.issue.revoked.v1", "gate.issue.presented.v1"]


async def test_i11_a_lost_role_ends_the_approval_without_any_event_on_the_issue(
    act: Acting,
) -> None:
    ann = act.world.person("ann", "write")
    number = act.issue().number
    act.label(number, by=ann)
    await act.see(number)
    act.world.person("ann", "read")

    await act.world.pass_time(301)

    assert await revoked(act) == ["role"]


async def test_i11_an_approval_ages(act: Acting) -> None:
    await act.approved()
    await act.world.pass_time(13.9 * DAY_S)
    assert act.world.said(IssueRevoked) == []

    await act.world.pass_time(0.2 * DAY_S)

    assert await revoked(act) == ["expired"]


async def test_i11_a_role_that_cannot_be_read_ends_nothing_and_allows_nothing(
    act: Acting,
) -> None:
    approved = await act.approved()
    request = await act.implement(approved)
    act.world.clock.advance(61)
    act.world.forge.faults.fail(500, path="*/permission", times=1000)

    await act.draft(request)

    assert not [each for each in act.world.writes() if "PUSH" in each or "pulls" in each]
    assert act.world.said(IssueRevoked) == []
    assert "publish-change" in await act.world.waiting()


async def test_a_deleted_issue_ends_its_approval(act: Acting) -> None:
    approved = await act.approved()
    act.world.forge.faults.fail(404, path=f"*/issues/{approved.issue}", times=3)

    await act.world.pass_time(301)

    assert await revoked(act) == ["gone"]
