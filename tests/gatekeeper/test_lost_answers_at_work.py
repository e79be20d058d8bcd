"""Every write once: answers that are lost, looks that are repeated, words of our own."""

from pydantic import JsonValue
from sqlalchemy.orm import Session

from services.gatekeeper import ledger
from services.gatekeeper.tables import Entry
from shared.messages.content import Verdict
from shared.messages.gate import CommandAnswered
from tests.gatekeeper.acting import Acting
from tests.gatekeeper.desks import FLEET

WRITES = (
    ("POST", "*/issues/1/comments"), ("POST", "*/labels"), ("POST", "*/pulls"),
    ("POST", "*/check-runs"), ("POST", "*/reviews"), ("PATCH", "*/pulls/2"),
    ("PATCH", "*/check-runs/*"), ("POST", "*/requested_reviewers"), ("DELETE", "*/labels/*"),
)  # fmt: skip


async def changes_then_pass(act: Acting) -> None:
    """A whole life: a review that asks for changes, another round, an open gate."""
    approved, pull = await act.opened()
    await act.judge(await act.ask_review(approved, pull), Verdict.CHANGES)
    await settle(act)
    await act.draft(await act.revise(approved, pull), {"src/greet.py": "A = 3\n"})
    await settle(act)
    await act.judge(await act.ask_review(approved, await act.pull()))
    await settle(act)


async def settle(act: Acting) -> None:
    for _ in range(3):
        await act.world.pass_time(61)


async def test_i38_whatever_answer_is_lost_everything_is_there_once(act: Acting) -> None:
    world = act.world
    for method, path in WRITES:
        world.forge.faults.fail_after_commit(method=method, path=path)
    approved = await act.approved()
    await settle(act)
    await act.draft(await act.implement(approved))
    await settle(act)
    pull = await act.pull()
    await act.judge(await act.ask_review(approved, pull), Verdict.CHANGES)
    await settle(act)
    await act.draft(await act.revise(approved, pull), {"src/greet.py": "A = 3\n"})
    await settle(act)
    await act.judge(await act.ask_review(approved, await act.pull()))
    await settle(act)

    pull = await act.pull()
    bare = world.forge.repositories.git(world.place)
    assert sorted(await bare.branches()) == [pull.branch, "main"]
    assert [each.number for each in await world.reader.open_pull_requests()] == [pull.number]
    comments = await world.reader.comments(1)
    assert [each.author.login for each in comments] == [FLEET]
    reviews = await world.reader.reviews(pull.number)
    assert [each.state for each in reviews] == ["COMMENTED"]
    checks = sorted(each.name for each in await world.reader.checks(pull.head))
    assert checks == ["gatefleet/gate", "gatefleet/review", "gatefleet/tests"]
    assert all(each.value == "pass" for each in pull.inputs)
    assert not world.forge.faults.waiting, "some fault was never met"


async def test_i21_looking_again_at_everything_writes_and_says_nothing(act: Acting) -> None:
    await changes_then_pass(act)
    pull = await act.pull()
    mark, _ = act.world.mark(), act.world.topics()

    for _ in range(3):
        await act.see(1)
        await act.see_pull(pull.number)
        await act.world.pass_time(301)

    assert act.world.writes(since=mark) == []
    assert act.world.topics() == []


async def test_i21_a_word_of_the_fleet_leads_to_nothing(act: Acting) -> None:
    approved = await act.approved()
    fleet = act.world.forge.accounts.actor(FLEET)
    mark, _ = act.world.mark(), act.world.topics()
    for text in ("/unapprove please", "/gatefleet retry", "/approve", "Thanks!"):
        act.comment(approved.issue, text, by=fleet)
    await act.see(approved.issue)

    assert act.world.writes(since=mark) == []
    assert act.world.topics() == []


async def test_i18_a_comment_of_a_person_costs_at_most_one_look(act: Acting) -> None:
    """Counted: whatever a stranger writes, the fleet writes nothing."""
    number = act.issue(by=act.world.person("eve", "read")).number
    mark = act.world.mark()
    for text in ("/approve", "/approve 0123456789abcdef", "/gatefleet retry", "hello"):
        act.comment(number, text, by=act.world.person("eve"))
    await act.see(number)

    assert act.world.writes(since=mark) == []
    assert set(act.world.topics()) == {CommandAnswered.topic}  # recorded, and told nowhere


async def test_an_issue_has_one_comment_and_a_pull_request_none_over_a_whole_life(
    act: Acting,
) -> None:
    await changes_then_pass(act)

    world = act.world
    assert len(await world.reader.comments(1)) == 1
    assert await world.reader.comments((await act.pull()).number) == ()
    assert len(await world.reader.reviews((await act.pull()).number)) == 1
    assert world.writes().count("POST /pulls/2/requested_reviewers") == 1


async def test_i43_the_ledger_is_a_chain_and_a_changed_byte_breaks_it(act: Acting) -> None:
    await changes_then_pass(act)
    store = act.world.service.store
    assert await store.run(ledger.broken_at) is None
    rows = await act.world.rows(Entry)
    assert {"approve", "publish", "verdict", "gate2"} <= {row.kind for row in rows}
    assert not any("lf_" in str(row.record) for row in rows)

    for row in rows[:: max(1, len(rows) // 4)]:
        kept = row.record
        changed = kept | {"at": f"{kept['at']}1"}

        await store.run(lambda session: write(session, row.seq, changed))  # noqa: B023
        assert await store.run(ledger.broken_at) == row.seq
        await store.run(lambda session: write(session, row.seq, kept))  # noqa: B023
        assert await store.run(ledger.broken_at) is None


def write(session: Session, seq: int, record: dict[str, JsonValue]) -> None:
    session.get_one(Entry, seq).record = record
