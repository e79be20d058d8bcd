"""Statuses and check runs over REST."""

from tests.local_forge.place import REPO, Place, errors_of, json_of


async def _head(place: Place) -> str:
    return str(json_of(await place.you.get(f"{REPO}/branches/main"))["commit"]["sha"])


async def test_i24_statuses_name_their_creator_and_the_newest_of_a_context_counts(
    place: Place,
) -> None:
    sha = await _head(place)
    for who, state in ((place.you, "success"), (place.fleet, "failure")):
        body = {"context": "ci", "state": state}
        json_of(await who.post(f"{REPO}/statuses/{sha}", json=body), 201)

    combined = json_of(await place.you.get(f"{REPO}/commits/main/status"))
    every = json_of(await place.you.get(f"{REPO}/commits/{sha}/statuses"))

    assert (combined["state"], combined["total_count"], combined["sha"]) == ("failure", 1, sha)
    assert [(one["creator"]["login"], one["state"]) for one in every] == [
        ("gatefleet[bot]", "failure"),
        ("you", "success"),
    ]


async def test_a_commit_without_statuses_is_pending(place: Place) -> None:
    assert json_of(await place.you.get(f"{REPO}/commits/main/status"))["state"] == "pending"


async def test_statuses_need_a_whole_sha_that_is_there(place: Place) -> None:
    for sha in ("0" * 40, "main"):
        answer = await place.you.post(f"{REPO}/statuses/{sha}", json={"state": "success"})
        assert errors_of(answer) == [("sha", "invalid")]


async def test_a_check_run_from_its_start_to_its_conclusion(place: Place) -> None:
    sha = await _head(place)
    body = {"name": "gatefleet/review", "head_sha": sha, "external_id": "run-1"}
    made = json_of(await place.fleet.post(f"{REPO}/check-runs", json=body), 201)
    place.clock.advance(9)

    change = {"conclusion": "failure", "output": {"title": "T", "summary": "S"}}
    path = f"{REPO}/check-runs/{made['id']}"
    done = json_of(await place.fleet.patch(path, json=change))

    assert (made["status"], made["conclusion"]) == ("queued", None)
    assert (done["status"], done["conclusion"]) == ("completed", "failure")
    assert done["completed_at"] == "2030-01-01T00:00:09Z"
    assert (done["external_id"], done["output"]["title"]) == ("run-1", "T")
    assert done["app"]["slug"] == "gatefleet"
    assert json_of(await place.you.get(path)) == done


async def test_i24_the_latest_run_of_each_name_and_application_is_listed(place: Place) -> None:
    sha = await _head(place)
    _, other = place.forge.accounts.add_app("linter", name="Linter")
    place.forge.roles.set(place.repo, other.login, "write")
    linter = await place.client(place.forge.accounts.issue_token(other.login))
    for who, conclusion in (
        (place.fleet, "success"),
        (place.fleet, "failure"),
        (linter, "success"),
    ):
        body = {"name": "ci", "head_sha": sha, "conclusion": conclusion}
        json_of(await who.post(f"{REPO}/check-runs", json=body), 201)

    async def listed(query: str) -> list[tuple[str, str]]:
        found = json_of(await place.you.get(f"{REPO}/commits/{sha}/check-runs?{query}"))
        assert found["total_count"] == len(found["check_runs"])
        return [(one["app"]["slug"], one["conclusion"]) for one in found["check_runs"]]

    assert await listed("") == [("gatefleet", "failure"), ("linter", "success")]
    assert len(await listed("filter=all")) == 3
    assert await listed("check_name=other") == []
    assert await listed("app_id=1") == [("gatefleet", "failure")]


async def test_a_completed_run_needs_a_conclusion_and_another_application_changes_none(
    place: Place,
) -> None:
    sha = await _head(place)
    body = {"name": "ci", "head_sha": sha, "status": "completed"}
    assert errors_of(await place.fleet.post(f"{REPO}/check-runs", json=body)) == [
        ("conclusion", "missing_field")
    ]
    made = json_of(
        await place.fleet.post(f"{REPO}/check-runs", json={**body, "status": "queued"}), 201
    )
    _, other = place.forge.accounts.add_app("linter", name="Linter")
    place.forge.roles.set(place.repo, other.login, "write")
    linter = await place.client(place.forge.accounts.issue_token(other.login))

    answer = await linter.patch(f"{REPO}/check-runs/{made['id']}", json={"conclusion": "success"})

    assert answer.status_code == 403
    assert json_of(await place.you.get(f"{REPO}/check-runs/{made['id']}")) == made


async def test_check_runs_refuse_unknown_conclusions_and_commits(place: Place) -> None:
    odd = {"name": "ci", "head_sha": await _head(place), "conclusion": "fine"}
    lost = {"name": "ci", "head_sha": "0" * 40, "conclusion": "success"}

    assert errors_of(await place.fleet.post(f"{REPO}/check-runs", json=odd)) == [
        ("conclusion", "invalid")
    ]
    assert errors_of(await place.fleet.post(f"{REPO}/check-runs", json=lost)) == [
        ("head_sha", "invalid")
    ]
