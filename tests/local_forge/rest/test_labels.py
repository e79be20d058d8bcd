"""Labels over REST."""

from tests.local_forge.place import REPO, Place, errors_of, json_of


async def test_labelling_is_an_event_with_its_actor_and_time(place: Place) -> None:
    await place.issue(place.fleet)
    place.clock.advance(5)

    await place.you.post(f"{REPO}/issues/1/labels", json={"labels": ["approved"]})
    await place.you.post(f"{REPO}/issues/1/labels", json=["approved"])  # there already: no event
    await place.fleet.delete(f"{REPO}/issues/1/labels/Approved")

    shown = [
        (one["event"], one["actor"]["login"], one["label"]["name"], one["created_at"])
        for one in await place.timeline(1)
    ]
    assert shown == [
        ("labeled", "you", "approved", "2030-01-01T00:00:05Z"),
        ("unlabeled", "gatefleet[bot]", "approved", "2030-01-01T00:00:05Z"),
    ]


async def test_removing_a_label_that_is_not_there_is_404(place: Place) -> None:
    await place.issue(place.you)

    assert (await place.you.delete(f"{REPO}/issues/1/labels/approved")).status_code == 404


async def test_names_with_slashes_blanks_and_signs_are_kept_whole(place: Place) -> None:
    await place.issue(place.you, labels=["a/b c", "C#"])

    listed = json_of(await place.you.get(f"{REPO}/issues/1/labels"))
    left = json_of(await place.you.delete(f"{REPO}/issues/1/labels/a%2Fb%20c"))

    assert [one["name"] for one in listed] == ["a/b c", "C#"]
    assert [one["name"] for one in left] == ["C#"]


async def test_who_may_not_label_has_the_labels_dropped(place: Place) -> None:
    reader = await place.person("ann", "read")

    issue = await place.issue(reader, labels=["approved"])

    assert issue["labels"] == []
    assert (await reader.post(f"{REPO}/issues/1/labels", json=["approved"])).status_code == 403


async def test_renaming_a_label_changes_issues_without_a_labeled_event(place: Place) -> None:
    await place.issue(place.you, labels=["proposed"])
    forge, repo = place.forge, place.repo

    forge.labels.rename(
        repo, forge.labels.get(repo, "proposed"), actor=forge.accounts.actor("you"), name="bug"
    )

    assert [one["name"] for one in json_of(await place.you.get(f"{REPO}/issues/1"))["labels"]] == [
        "bug"
    ]
    assert [entry["event"] for entry in await place.timeline(1)] == ["labeled"]


async def test_labels_of_the_repository(place: Place) -> None:
    made = json_of(
        await place.fleet.post(f"{REPO}/labels", json={"name": "size: S", "color": "0E8A16"}), 201
    )

    assert made["color"] == "0e8a16"
    assert json_of(await place.you.get(f"{REPO}/labels/SIZE%3A%20s")) == made
    assert [one["name"] for one in json_of(await place.you.get(f"{REPO}/labels"))] == [
        "approved",
        "proposed",
        "size: S",
    ]
    again = await place.fleet.post(f"{REPO}/labels", json={"name": "Size: S"})
    assert errors_of(again) == [("name", "already_exists")]
    assert (await place.you.get(f"{REPO}/labels/nope")).status_code == 404
