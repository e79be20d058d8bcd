"""The policy file is read from the default branch; one that is broken is told of there, once."""

from services.gatekeeper.desk import PolicyAt
from services.gatekeeper.tables import Repository
from shared.errors import BadInput
from shared.messages.objects import Check
from shared.messages.observed import RepositoryObserved
from shared.policy import FILE, Policy, digest, dump, parse
from tests.gatekeeper.acting import Acting

BROKEN = "review:\n  roundz: 2\n"
GOOD = "review:\n  rounds: 2\n"


async def observe(act: Acting, text: str, *, last_good: str = "") -> str:
    """A merge changed the policy file, and the ingest has seen it; answers the new tip."""
    tip = await act.push("main", {FILE: text})
    errors: tuple[str, ...] = ()
    try:
        policy = parse(text.encode())
    except BadInput as error:
        policy, errors = parse(last_good.encode()), (str(error),)
    await act.world.say(RepositoryObserved(
        repo=act.world.repo, default_branch="main", head_sha=tip, policy=dump(policy),
        policy_digest=digest(policy), policy_errors=errors, seen_at=act.world.clock.now(),
        protection=await act.world.reader.protection("main"),
    ), "github-ingest")  # fmt: skip
    await act.world.settle()
    return tip


async def told(act: Acting, tip: str) -> list[Check]:
    return [c for c in await act.world.reader.checks(tip) if c.name == "gatefleet/policy"]


async def test_a_changed_policy_is_in_force_after_one_observation(act: Acting) -> None:
    await observe(act, GOOD)

    policy = await act.world.desk.policy()
    assert isinstance(policy, PolicyAt)
    assert policy.policy.review.rounds == 2
    assert await told(act, policy.tip) == []


async def test_a_broken_policy_keeps_the_last_good_one_and_says_so_once_until_it_is_mended(
    act: Acting,
) -> None:
    await observe(act, GOOD)
    tip = await observe(act, BROKEN, last_good=GOOD)

    policy = await act.world.desk.policy()
    assert isinstance(policy, PolicyAt)
    assert policy.policy.review.rounds == 2
    (check,) = await told(act, tip)
    assert check.conclusion == "failure"
    assert "roundz" in check.summary

    for forget in (False, True):  # said again after a start, also after one without a database
        mark = act.world.mark()
        await act.world.restart(forget=forget)
        await observe_again(act, tip)
        assert [each for each in act.world.writes(since=mark) if "check-runs" in each] == []

    mended = await observe(act, GOOD)
    assert [each.conclusion for each in await told(act, mended)] == ["success"]
    assert [each.conclusion for each in await told(act, tip)] == ["failure"]


async def observe_again(act: Acting, tip: str) -> None:
    """What an ingest says at its start, also to a gatekeeper that knows nothing."""
    policy = parse(GOOD.encode())
    await act.world.say(RepositoryObserved(
        repo=act.world.repo, default_branch="main", head_sha=tip, policy=dump(policy),
        policy_digest=digest(policy), policy_errors=("roundz: unknown key",),
        seen_at=act.world.clock.now(), protection=await act.world.reader.protection("main"),
    ), "github-ingest")  # fmt: skip
    await act.world.settle()
    act.world.clock.advance(61)
    await act.world.settle()


async def test_an_older_sight_of_the_repository_changes_nothing(act: Acting) -> None:
    await observe(act, GOOD)
    (row,) = await act.world.rows(Repository)
    assert row.seen_at is not None
    await act.world.say(RepositoryObserved(
        repo=act.world.repo, default_branch="main", head_sha="0" * 40, policy=dump(Policy()),
        policy_digest=digest(Policy()), seen_at=row.seen_at.replace(year=row.seen_at.year - 1),
        protection=await act.world.reader.protection("main"),
    ), "github-ingest")  # fmt: skip
    await act.world.settle()

    (row,) = await act.world.rows(Repository)
    assert row.policy == dump(parse(GOOD.encode()))
