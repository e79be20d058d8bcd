"""Checks are complete, or they are not known."""

import pytest

from shared.errors import TryLater
from tests.forge.github.test_listings import link
from tests.forge.scripted import ROOT, SHA, Reply, Scripted, check_run, reader, status, user

RUNS = f"commits/{SHA}/check-runs"
STATUSES = f"commits/{SHA}/statuses"
COMBINED = f"commits/{SHA}/status"


def runs(*items: object, total: int | None = None) -> dict[str, object]:
    return {"total_count": len(items) if total is None else total, "check_runs": list(items)}


def combined(total: int) -> dict[str, object]:
    return {"total_count": total, "statuses": []}


def no_statuses(forge: Scripted) -> Scripted:
    return forge.on("GET", STATUSES, Reply([])).on("GET", COMBINED, Reply(combined(0)))


async def test_runs_and_statuses_of_one_sha_with_who_made_them() -> None:
    forge = (
        Scripted()
        .on("GET", RUNS, Reply(runs(check_run(11))))
        .on("GET", STATUSES, Reply([status(21), status(22, state="pending", context="lint")]))
        .on("GET", COMBINED, Reply(combined(2)))
    )

    run, ci, lint = await reader(forge).checks(SHA)

    assert (run.kind, run.name, run.app_id, run.conclusion) == (
        "check_run",
        "gatefleet/gate",
        42,
        "success",
    )
    assert (ci.kind, ci.name, ci.conclusion) == ("status", "ci", "success")
    assert ci.creator is not None
    assert ci.creator.id == 1
    assert (lint.status, lint.conclusion) == ("in_progress", None)


async def test_i24_a_run_that_is_not_completed_has_no_conclusion() -> None:
    running = check_run(11, status="in_progress", conclusion="success", completed_at=None)
    forge = no_statuses(Scripted().on("GET", RUNS, Reply(runs(running))))

    (run,) = await reader(forge).checks(SHA)

    assert (run.status, run.conclusion) == ("in_progress", None)


async def test_i24_a_status_is_known_by_its_creator_and_an_error_is_a_failure() -> None:
    mine = status(21, creator=user(1))
    theirs = status(22, creator=user(2, "eve"))
    newer = status(23, creator=user(1), state="error")
    forge = (
        Scripted()
        .on("GET", RUNS, Reply(runs()))
        .on("GET", STATUSES, Reply([newer, theirs, mine]))
        .on("GET", COMBINED, Reply(combined(1)))
    )

    found = await reader(forge).checks(SHA)

    told = {(each.creator.id if each.creator else None, each.conclusion) for each in found}
    assert told == {(1, "failure"), (2, "success")}


@pytest.mark.parametrize("total", [0, 2, 1000])
async def test_i25_a_listing_that_does_not_hold_what_it_counts_is_not_known(total: int) -> None:
    forge = no_statuses(Scripted().on("GET", RUNS, Reply(runs(check_run(11), total=total))))

    with pytest.raises(TryLater, match="check runs, 1 were read"):
        await reader(forge).checks(SHA)


async def test_i25_a_total_that_changes_while_it_is_read_is_not_known() -> None:
    forge = no_statuses(
        Scripted().on(
            "GET",
            RUNS,
            Reply(runs(check_run(11), total=2), headers=link(2)),
            Reply(runs(check_run(12), total=3)),
        )
    )

    with pytest.raises(TryLater, match="has 2, then 3 check runs, 2 were read"):
        await reader(forge).checks(SHA)


async def test_i25_a_second_page_that_fails_leaves_nothing_known() -> None:
    forge = no_statuses(
        Scripted().on(
            "GET",
            RUNS,
            Reply(runs(check_run(11), total=2), headers=link(2)),
            Reply(status=500),
        )
    )

    with pytest.raises(TryLater):
        await reader(forge).checks(SHA)


async def test_i25_statuses_that_do_not_agree_with_the_forges_count_are_not_known() -> None:
    forge = (
        Scripted()
        .on("GET", RUNS, Reply(runs()))
        .on("GET", STATUSES, Reply([status(21)]))
        .on("GET", COMBINED, Reply(combined(2)))
    )

    with pytest.raises(TryLater, match="status contexts, 1 were read"):
        await reader(forge).checks(SHA)


async def test_all_pages_of_runs_are_one_answer() -> None:
    forge = no_statuses(
        Scripted().on(
            "GET",
            RUNS,
            Reply(runs(check_run(11), total=2), headers=link(2)),
            Reply(runs(check_run(12, name="ci"), total=2)),
        )
    )

    found = await reader(forge).checks(SHA)

    assert [each.name for each in found] == ["ci", "gatefleet/gate"]
    assert forge.calls[:2] == [f"GET {ROOT}/{RUNS}"] * 2
