"""Pull requests, reviews and verdicts, on a forge that owns its state."""

import re

import pytest

from shared.errors import BadInput, Refused, TryLater
from shared.forge.facts import ReviewNote, Verdict
from tests.forge.github.local import BRANCH, World, asked, head_of, opened


async def test_i38_one_branch_one_pull_request(here: World) -> None:
    asked(here)
    here.forge.faults.fail_after_commit(method="POST", path="*/pulls")

    numbers = {await opened(here) for _ in range(3)}

    reader = here.reader()
    (number,) = numbers
    found = await reader.pull_request(number)
    assert found is not None
    assert (found.head_ref, found.head_sha) == (BRANCH, await head_of(here))
    assert (found.mergeable, found.merged) == (True, False)
    assert await reader.changed_file_count(number) == 1
    assert [each.number for each in await reader.open_pull_requests()] == [number]
    assert [each.number for each in await reader.pull_requests_of_branch(BRANCH)] == [number]


async def test_a_closed_pull_request_is_found_by_time_and_prefix(here: World) -> None:
    asked(here)
    number = await opened(here)
    writer = here.writer()

    closed = await writer.close_pull_request(number)
    found = await writer.closed_pull_requests(closed.updated_at, head_prefix="gatefleet/")

    assert [each.number for each in found] == [number]
    assert await writer.closed_pull_requests(closed.updated_at, head_prefix="other/") == ()
    assert await writer.open_pull_requests() == ()


async def test_i16_a_review_is_a_comment_and_is_there_once(here: World) -> None:
    asked(here)
    number = await opened(here)
    writer = here.writer()
    sha = await head_of(here)
    notes = [ReviewNote("a b.py", 2, "Unused.")]
    here.forge.faults.fail_after_commit(method="POST", path="*/reviews")

    made = [
        await writer.post_review(number, sha=sha, body="One finding.", notes=notes)
        for _ in range(2)
    ]

    assert made[0] == made[1]
    assert [each.state for each in await writer.reviews(number)] == ["COMMENTED"]
    (line,) = await writer.review_comments(number)
    assert (line.path, line.line, line.body, line.review) == ("a b.py", 2, "Unused.", made[0].id)
    with pytest.raises(BadInput):
        await writer.post_review(
            number, sha=sha, body="Off the diff.", notes=[ReviewNote("a b.py", 99, "?")]
        )


async def test_asking_the_person_for_a_review(here: World) -> None:
    asked(here)
    number = await opened(here)

    await here.writer().request_review(number, "you")

    events = await here.reader().timeline(number)
    assert "review_requested" in {each.event for each in events}


@pytest.mark.parametrize("as_app", [True, False])
async def test_i38_a_verdict_is_said_once_and_read_back_with_its_key(
    here: World, as_app: bool
) -> None:
    sha = await head_of(here)
    writer = here.writer(as_app=as_app)
    path = "*/check-runs" if as_app else "*/statuses/*"
    here.forge.faults.fail_after_commit(method="POST", path=path)

    async def say(verdict: Verdict | None) -> None:
        await writer.set_check(
            sha,
            name="gatefleet/gate",
            external_id="key-1",
            conclusion=verdict,
            title="Open",
            summary="All pass.",
        )

    said: tuple[Verdict | None, ...] = (None, None, "success", "success")
    for verdict in said:
        await say(verdict)
        here.clock.advance(1)

    (check,) = await writer.checks(sha)
    assert check.kind == ("check_run" if as_app else "status")
    assert (check.name, check.status, check.conclusion) == (
        "gatefleet/gate",
        "completed",
        "success",
    )
    assert (check.external_id, check.title) == ("key-1", "Open")
    assert len(here.forge.write_log) == 2


async def test_i25_a_list_of_checks_that_lost_one_is_not_known(here: World) -> None:
    sha = await head_of(here)
    writer = here.writer()
    for name in ("gatefleet/gate", "gatefleet/tests"):
        await writer.set_check(
            sha, name=name, external_id="k", conclusion="success", title="t", summary="s"
        )
    here.forge.faults.truncate(path="*/check-runs")

    with pytest.raises(TryLater, match="were read"):
        await writer.checks(sha)
    assert len(await writer.checks(sha)) == 2


async def test_i18_a_readers_token_writes_nothing_either(here: World) -> None:
    number = asked(here)

    with pytest.raises(Refused):
        await here.writer(token="reader").add_labels(number, ["bug"])

    assert [write.status for write in here.forge.write_log] == [403]
    assert here.forge.issues.get(here.repo, number).labels == []


async def test_i14_the_forge_never_saw_a_merge_nor_a_route_it_does_not_know(here: World) -> None:
    asked(here)
    number = await opened(here)
    writer = here.writer()
    await writer.checks(await head_of(here))
    await writer.protection("main")
    await writer.post_review(number, sha=await head_of(here), body="Fine.")

    assert here.forge.merge_calls == 0
    assert here.forge.unknown_routes == {}
    assert not [w for w in here.forge.write_log if re.search(r"merge|refs|contents", w.path)]
