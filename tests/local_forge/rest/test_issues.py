"""Issues over REST."""

from tests.local_forge.place import REPO, Place, errors_of, json_of


async def test_a_new_issue_has_a_number_times_and_an_author(place: Place) -> None:
    issue = await place.issue(place.you)

    assert (issue["number"], issue["state"], issue["user"]["login"]) == (1, "open", "you")
    assert issue["created_at"] == issue["updated_at"] == "2030-01-01T00:00:00Z"
    assert issue["performed_via_github_app"] is None
    assert issue["html_url"] == "http://forge.test/octo/hello/issues/1"
    assert json_of(await place.reader.get(f"{REPO}/issues/1")) == issue


async def test_i03_what_an_application_writes_says_so(place: Place) -> None:
    issue = await place.issue(place.fleet)

    assert issue["user"]["type"] == "Bot"
    assert issue["performed_via_github_app"]["slug"] == "gatefleet"


async def test_i03_a_person_who_acts_through_an_application_is_told_apart(place: Place) -> None:
    app = place.forge.accounts.app("gatefleet")
    through = await place.client(place.forge.accounts.issue_token("you", app=app))

    comment = json_of(
        await through.post(
            f"{REPO}/issues/{(await place.issue(place.you))['number']}/comments",
            json={"body": "/approve"},
        ),
        201,
    )

    assert comment["user"]["type"] == "User"
    assert comment["performed_via_github_app"]["slug"] == "gatefleet"


async def test_issues_and_pull_requests_share_numbers_and_one_list(place: Place) -> None:
    await place.issue(place.you)
    await place.pull()

    listed = json_of(await place.you.get(f"{REPO}/issues?sort=created&direction=asc"))

    assert [(one["number"], "pull_request" in one) for one in listed] == [(1, False), (2, True)]


async def test_the_list_filters_by_state_label_and_time(place: Place) -> None:
    await place.issue(place.you, title="old", labels=["proposed"])
    place.clock.advance(60)
    await place.issue(place.you, title="new")
    await place.you.patch(f"{REPO}/issues/2", json={"state": "closed"})

    async def titles(query: str) -> list[str]:
        return [one["title"] for one in json_of(await place.you.get(f"{REPO}/issues?{query}"))]

    assert await titles("") == ["old"]
    assert await titles("state=closed") == ["new"]
    assert await titles("state=all&labels=proposed") == ["old"]
    assert await titles("state=all&since=2030-01-01T00:01:00Z") == ["new"]
    assert errors_of(await place.you.get(f"{REPO}/issues?state=odd")) == [("state", "invalid")]
    assert errors_of(await place.you.get(f"{REPO}/issues?since=soon")) == [("since", "invalid")]


async def test_closing_and_reopening_keeps_reasons_and_tells_the_timeline(place: Place) -> None:
    await place.issue(place.you)

    closed = json_of(
        await place.you.patch(
            f"{REPO}/issues/1", json={"state": "closed", "state_reason": "not_planned"}
        )
    )
    opened = json_of(await place.you.patch(f"{REPO}/issues/1", json={"state": "open"}))

    assert (closed["state_reason"], closed["closed_by"]["login"]) == ("not_planned", "you")
    assert (opened["state_reason"], opened["closed_at"]) == ("reopened", None)
    assert [entry["event"] for entry in await place.timeline(1)] == ["closed", "reopened"]


async def test_a_new_title_is_a_renamed_event(place: Place) -> None:
    await place.issue(place.you)

    await place.fleet.patch(f"{REPO}/issues/1", json={"title": "Greet all"})

    (entry,) = await place.timeline(1)
    assert entry["event"] == "renamed"
    assert entry["rename"] == {"from": "Greet people", "to": "Greet all"}
    assert entry["actor"]["login"] == "gatefleet[bot]"
    assert entry["performed_via_github_app"]["slug"] == "gatefleet"


async def test_unknown_missing_and_wrong_fields_are_named(place: Place) -> None:
    issues = f"{REPO}/issues"

    assert errors_of(await place.you.post(issues, json={"title": "t", "milestone": 1})) == [
        ("milestone", "unknown")
    ]
    assert errors_of(await place.you.post(issues, json={})) == [("title", "missing_field")]
    assert errors_of(await place.you.post(issues, json={"title": 7})) == [("title", "invalid")]
    assert errors_of(await place.you.post(issues, json={"title": "  "})) == [
        ("title", "missing_field")
    ]
    assert errors_of(await place.you.post(f"{issues}?x=1", json={"title": "t"})) == [
        ("x", "unknown")
    ]
    assert (await place.you.post(issues, content=b"{")).status_code == 400
    assert (await place.you.post(issues, content=b"[]")).status_code == 400
    assert place.forge.issues.list(place.repo) == []


async def test_a_patch_is_carried_out_whole_or_not_at_all(place: Place) -> None:
    await place.issue(place.you, title="mine")
    writer = await place.person("ann", "read")

    refused = await writer.patch(f"{REPO}/issues/1", json={"title": "x", "state": "closed"})

    assert refused.status_code == 403
    assert json_of(await place.you.get(f"{REPO}/issues/1"))["title"] == "mine"
