"""Proposals on the forge: each finding once, declined for ever, people's words left alone."""

from uuid import UUID

from services.gatekeeper.tables import Proposal as Row
from shared.messages.content import Proposal
from shared.messages.draft import IssuesProposed
from shared.messages.gate import DraftRefused, IssueApproved, IssueOpened, IssueRevoked
from shared.messages.work import ProposalsRequested
from tests.gatekeeper.acting import Acting


def proposal(number: int = 1, **changes: object) -> Proposal:
    fields: dict[str, object] = {
        "proposal": UUID(int=number), "content": f"content {number}", "title": f"Mend {number}",
        "why": "It is broken.", "criteria": ("It works.",), "evidence": "F401 unused import",
        "size": "small", "priority": "high", "finder": "lint", "paths": ("src/greet.py",), **changes,
    }  # fmt: skip
    return Proposal.model_validate(fields)


async def propose(act: Acting, *proposals: Proposal, quota: int = 3) -> None:
    """A run of pm-agent with this result."""
    request = ProposalsRequested(**await act.request(UUID(int=act.generation + 100)), quota=quota)
    await act.world.say(request, "scheduler")
    await act.world.say(IssuesProposed(
        repo=act.world.repo, run=request.run, generation=request.generation, proposals=proposals
    ), "pm-agent")  # fmt: skip
    await act.world.settle()


def titles(act: Acting) -> list[str]:
    world = act.world
    return [each.title for each in world.forge.issues.list(world.place)]


async def test_a_finding_is_one_issue_however_often_it_is_proposed(act: Acting) -> None:
    await propose(act, proposal())
    await propose(act, proposal())

    assert titles(act) == ["Mend 1"]
    assert len(act.world.said(IssueOpened)) == 1
    issue = act.world.forge.issues.get(act.world.place, 1)
    assert sorted(label.name for label in issue.labels) == ["priority:high", "proposed"]


async def test_i38_issues_that_were_written_before_a_crash_are_found_again(act: Acting) -> None:
    act.world.forge.faults.fail_after_commit(method="POST", path="*/issues")
    act.world.forge.faults.fail(503, method="GET", path="*/issues", times=4)
    await propose(act, proposal(1), proposal(2))
    await act.world.restart()
    await act.world.pass_time(61)

    assert sorted(titles(act)) == ["Mend 1", "Mend 2"]
    assert len(act.world.said(IssueOpened)) == 2


async def test_what_was_declined_stays_declined_even_without_the_database(act: Acting) -> None:
    world = act.world
    await propose(act, proposal())
    issue = world.forge.issues.get(world.place, 1)
    world.forge.issues.close(issue, actor=world.person(), reason="not_planned")
    await act.see(1)
    await propose(act, proposal(content="another"))
    assert len(titles(act)) == 0 + len(world.forge.issues.list(world.place))
    await world.restart(forget=True)
    await act.see_repository()

    await propose(act, proposal(content="a third"))

    issue = world.forge.issues.get(world.place, 1)
    assert (issue.number, issue.state) == (1, "closed")
    assert world.forge.issues.find(world.place, 2) is None
    (row,) = await world.rows(Row)
    assert not row.open


async def test_a_finding_that_changed_brings_its_issue_up_to_date(act: Acting) -> None:
    await propose(act, proposal())
    await propose(act, proposal(content="new", title="Mend it all"))

    assert titles(act) == ["Mend it all"]
    assert len(act.world.said(IssueOpened)) == 2


async def test_what_people_wrote_into_a_proposal_stays(act: Acting) -> None:
    await propose(act, proposal())
    act.edit(1, title="Mend it, but slowly")
    await act.see(1)

    await propose(act, proposal(content="new", title="Mend it all"))

    assert titles(act) == ["Mend it, but slowly"]


async def test_what_a_person_approved_is_not_changed_under_their_approval(act: Acting) -> None:
    await propose(act, proposal())
    act.label(1)
    await act.see(1)
    assert len(act.world.said(IssueApproved)) == 1

    await propose(act, proposal(content="new", title="Mend it all"))
    await act.see(1)

    assert titles(act) == ["Mend 1"]
    assert act.world.said(IssueRevoked) == []


async def test_i18_more_than_the_quota_is_refused_whole(act: Acting) -> None:
    await propose(act, proposal(1), proposal(2), proposal(3), quota=2)

    assert titles(act) == []
    (refused,) = act.world.said(DraftRefused)
    assert [each.name for each in refused.reasons] == ["too_many"]


async def test_i48_a_secret_in_a_proposal_is_not_written(act: Acting) -> None:
    token = act.world.hosted.token("fleet")
    await propose(act, proposal(evidence=f"found {token} in a log"))

    assert titles(act) == []
    assert [each.reasons[0].name for each in act.world.said(DraftRefused)] == ["secret"]


async def test_i12_what_the_fleet_proposed_needs_a_person(act: Acting) -> None:
    await propose(act, proposal())
    await act.see(1)
    assert act.world.said(IssueApproved) == []

    act.comment(1, "/approve")
    await act.see(1)

    (approved,) = act.world.said(IssueApproved)
    assert approved.approver.login == "you"
    assert act.world.topics().count("gate.issue.presented.v1") == 0
