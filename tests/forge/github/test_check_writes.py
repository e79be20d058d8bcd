"""Verdicts are said once, as a check run or as a status."""

from collections.abc import Mapping
from dataclasses import replace

import httpx
import pytest

from shared.errors import BadInput, TryLater
from shared.forge.facts import Verdict
from shared.forge.github.open import GitHubWriter
from shared.messages.objects import Check
from tests.forge.github.test_checks import COMBINED, RUNS, STATUSES, combined, runs
from tests.forge.scripted import (
    ADDRESS,
    ROOT,
    SHA,
    Reply,
    Scripted,
    check_run,
    status,
    user,
    writer,
)

APP = replace(ADDRESS, app_id=42)
FLEET = user(7, "gatefleet[bot]", kind="Bot")


async def say(asked: GitHubWriter, conclusion: Verdict | None, *, title: str = "Open") -> Check:
    return await asked.set_check(
        SHA,
        name="gatefleet/gate",
        external_id="key",
        conclusion=conclusion,
        title=title,
        summary="All pass.",
    )


def body_of(conclusion: str | None, *, title: str = "Open") -> Mapping[str, object]:
    output = {"title": title, "summary": "All pass."}
    if conclusion is None:
        return {"status": "in_progress", "output": output}
    return {"status": "completed", "conclusion": conclusion, "output": output}


async def test_an_app_says_it_in_a_check_run() -> None:
    forge = Scripted().on("GET", RUNS, Reply(runs()))
    forge.on("POST", "check-runs", Reply(check_run(12), status=201))

    said = await say(writer(forge, APP), "success")

    assert said.id == 12
    assert forge.bodies("POST") == [
        {"name": "gatefleet/gate", "head_sha": SHA, "external_id": "key", **body_of("success")}
    ]


async def test_i38_what_is_said_already_is_not_written_again() -> None:
    forge = Scripted().on("GET", RUNS, Reply(runs(check_run(11))))

    said = await say(writer(forge, APP), "success")

    assert said.id == 11
    assert forge.writes == []


async def test_a_verdict_that_changed_replaces_its_own_run() -> None:
    forge = Scripted().on("GET", RUNS, Reply(runs(check_run(11))))
    forge.on("PATCH", "check-runs/11", Reply(check_run(11, conclusion="failure")))

    await say(writer(forge, APP), "failure", title="Closed")

    assert forge.writes == [f"PATCH {ROOT}/check-runs/11"]
    assert forge.bodies("PATCH") == [body_of("failure", title="Closed")]


async def test_a_verdict_that_is_open_again_gets_a_run_of_its_own() -> None:
    forge = Scripted().on("GET", RUNS, Reply(runs(check_run(11))))
    forge.on("POST", "check-runs", Reply(check_run(12, status="in_progress", conclusion=None)))

    await say(writer(forge, APP), None)

    assert forge.writes == [f"POST {ROOT}/check-runs"]


@pytest.mark.parametrize(
    "other",
    [
        check_run(11, app={"id": 99}),
        check_run(11, external_id="older head"),
        check_run(11, name="gatefleet/tests"),
    ],
)
async def test_another_apps_or_keys_run_is_not_ours_to_change(other: object) -> None:
    forge = Scripted().on("GET", RUNS, Reply(runs(other)))
    forge.on("POST", "check-runs", Reply(check_run(12)))

    await say(writer(forge, APP), "success")

    assert forge.writes == [f"POST {ROOT}/check-runs"]


async def test_i38_a_run_whose_answer_was_lost_is_found_not_made_again() -> None:
    forge = Scripted().on("GET", RUNS, Reply(runs()), Reply(runs(check_run(12))))
    forge.on("POST", "check-runs", Reply(error=httpx.ReadTimeout))

    said = await say(writer(forge, APP), "success")

    assert said.id == 12
    assert forge.writes == [f"POST {ROOT}/check-runs"]


def statuses(forge: Scripted, *items: object) -> Scripted:
    total = len({item["context"] for item in items if isinstance(item, dict)})
    return forge.on("GET", STATUSES, Reply(list(items))).on("GET", COMBINED, Reply(combined(total)))


def ours(state: str, **changes: object) -> dict[str, object]:
    told = {"context": "gatefleet/gate", "description": "Open [key]", "creator": FLEET}
    return status(21, state=state, **{**told, **changes})


async def test_without_an_app_it_is_a_status_that_keeps_the_key() -> None:
    forge = statuses(Scripted())
    forge.on("POST", f"statuses/{SHA}", Reply(ours("success"), status=201))

    said = await say(writer(forge), "success")

    assert forge.bodies("POST") == [
        {"state": "success", "context": "gatefleet/gate", "description": "Open [key]"}
    ]
    assert (said.kind, said.title, said.external_id) == ("status", "Open", "key")


async def test_i38_a_status_that_is_said_already_is_not_written_again() -> None:
    forge = statuses(Scripted(), ours("pending"))

    said = await say(writer(forge), None)

    assert said.status == "in_progress"
    assert forge.writes == []


async def test_someone_elses_status_of_that_name_does_not_speak_for_us() -> None:
    forge = statuses(Scripted(), ours("success", creator=user(2, "eve")))
    forge.on("POST", f"statuses/{SHA}", Reply(ours("success")))

    await say(writer(forge), "success")

    assert forge.writes == [f"POST {ROOT}/statuses/{SHA}"]


async def test_i38_a_status_that_is_not_to_be_seen_after_a_lost_answer_is_tried_later() -> None:
    forge = statuses(Scripted())
    forge.on("POST", f"statuses/{SHA}", Reply(status=502))

    with pytest.raises(TryLater):
        await say(writer(forge), "success")

    assert forge.writes == [f"POST {ROOT}/statuses/{SHA}"]


async def test_a_long_title_leaves_room_for_the_key_and_a_long_key_is_refused() -> None:
    forge = statuses(Scripted())
    forge.on("POST", f"statuses/{SHA}", Reply(ours("success")))
    asked = writer(forge)

    await say(asked, "success", title="x" * 200)
    with pytest.raises(BadInput, match="external id"):
        await asked.set_check(
            SHA,
            name="gatefleet/gate",
            external_id="k" * 101,
            conclusion=None,
            title="",
            summary="",
        )

    (body,) = forge.bodies("POST")
    assert isinstance(body, dict)
    assert len(body["description"]) == 140
    assert body["description"].endswith("x [key]")
