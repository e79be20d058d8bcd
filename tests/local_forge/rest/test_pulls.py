"""Pull requests over REST."""

from tests.local_forge.place import FILES, REPO, Place, errors_of, git, json_of

CHANGED = FILES["src/greet.py"].replace("1\n\n", "2\n\n")


async def test_a_pull_request_has_its_files_commits_and_size(place: Place) -> None:
    made = await place.pull(body="Closes #9", draft=True)

    whole = json_of(await place.you.get(f"{REPO}/pulls/1"))
    (file,) = json_of(await place.you.get(f"{REPO}/pulls/1/files"))
    (commit,) = json_of(await place.you.get(f"{REPO}/pulls/1/commits"))

    assert whole == made
    sizes = [whole[name] for name in ("commits", "changed_files", "additions", "deletions")]
    assert sizes == [1, 1, 1, 1]
    assert (whole["mergeable"], whole["merged"], whole["draft"]) == (True, False, True)
    assert whole["head"]["ref"] == "topic"
    assert whole["head"]["sha"] == commit["sha"] == git(place.work, "rev-parse", "topic")
    assert whole["base"]["sha"] == git(place.work, "rev-parse", "origin/main")
    assert (file["filename"], file["status"]) == ("src/greet.py", "modified")
    assert "-    return 1\n+    return 2" in file["patch"]
    assert commit["commit"]["author"]["email"] == "tester@example.org"
    assert commit["author"] is None


async def test_pull_requests_are_found_by_head_and_base(place: Place) -> None:
    await place.pull("one")
    await place.pull("two")

    async def numbers(query: str) -> list[int]:
        return [one["number"] for one in json_of(await place.you.get(f"{REPO}/pulls?{query}"))]

    assert await numbers("direction=asc") == [1, 2]
    assert await numbers("head=octo:two&base=main") == [2]
    assert await numbers("head=octo:two&base=other") == []
    assert await numbers("state=closed") == []


async def test_i38_a_second_pull_request_of_the_same_branch_is_refused(place: Place) -> None:
    await place.pull()

    again = await place.fleet.post(
        f"{REPO}/pulls", json={"title": "t", "head": "octo:topic", "base": "main"}
    )

    assert again.status_code == 422
    assert again.json()["errors"][0]["message"] == ("A pull request already exists for octo:topic.")


async def test_a_head_must_be_there_and_have_commits(place: Place) -> None:
    async def opened(head: str) -> list[tuple[str, str]]:
        body = {"title": "t", "head": head, "base": "main"}
        return errors_of(await place.fleet.post(f"{REPO}/pulls", json=body))

    assert await opened("nowhere") == [("head", "invalid")]
    assert await opened("other:main") == [("head", "invalid")]
    assert await opened("main") == [("base", "invalid")]


async def test_a_conflict_with_the_tip_shows_and_the_base_stays_as_it_was(place: Place) -> None:
    made = await place.pull()
    await place.push("main", {"src/greet.py": "def greet():\n    return 3\n"}, by="you")

    whole = json_of(await place.you.get(f"{REPO}/pulls/1"))

    assert (whole["mergeable"], whole["mergeable_state"]) == (False, "dirty")
    assert whole["base"]["sha"] == made["base"]["sha"]


async def test_a_push_to_the_head_moves_the_pull_request(place: Place) -> None:
    made = await place.pull()
    place.clock.advance(7)

    new = await place.push("topic", {"docs/a b.md": "x\n"})

    whole = json_of(await place.you.get(f"{REPO}/pulls/1"))
    assert (whole["head"]["sha"], whole["commits"], whole["changed_files"]) == (new, 2, 2)
    assert whole["updated_at"] == "2030-01-01T00:00:07Z"
    shas = [entry["sha"] for entry in await place.timeline(1) if entry["event"] == "committed"]
    assert shas == [made["head"]["sha"], new]


async def test_a_forced_push_is_in_the_timeline(place: Place) -> None:
    made = await place.pull()

    new = await place.push("topic", {"other.py": "X = 1\n"}, force=True)

    events = [entry["event"] for entry in await place.timeline(1)]
    assert events == ["committed", "head_ref_force_pushed", "committed"]
    forced = (await place.timeline(1))[1]
    assert (forced["before"], forced["commit_id"]) == (made["head"]["sha"], new)
    assert [one["filename"] for one in json_of(await place.you.get(f"{REPO}/pulls/1/files"))] == [
        "other.py"
    ]


async def test_a_merge_of_the_base_into_the_head_does_not_show_the_bases_files(
    place: Place,
) -> None:
    await place.pull()
    await place.push("main", {"new.py": "N = 1\n"}, by="you")
    git(place.work, "fetch", "-q", "origin")
    git(place.work, "checkout", "-q", "topic")
    git(place.work, "merge", "-q", "--no-edit", "origin/main")

    await place.push("topic", {"docs/x.md": "x\n"})

    files = json_of(await place.you.get(f"{REPO}/pulls/1/files"))
    assert [one["filename"] for one in files] == ["docs/x.md", "src/greet.py"]


async def test_a_deleted_head_closes_the_pull_request_and_keeps_its_commits(place: Place) -> None:
    await place.pull()

    gone = await place.fleet.delete(f"{REPO}/git/refs/heads/topic")

    whole = json_of(await place.you.get(f"{REPO}/pulls/1"))
    assert gone.status_code == 204
    assert (whole["state"], whole["merged"], whole["mergeable"]) == ("closed", False, None)
    assert [entry["event"] for entry in await place.timeline(1)][1:] == [
        "head_ref_deleted",
        "closed",
    ]
    assert len(json_of(await place.you.get(f"{REPO}/pulls/1/commits"))) == 1


async def test_title_body_and_state_are_changed(place: Place) -> None:
    await place.pull()

    closed = json_of(
        await place.fleet.patch(f"{REPO}/pulls/1", json={"title": "T", "state": "closed"})
    )
    opened = json_of(await place.fleet.patch(f"{REPO}/pulls/1", json={"state": "open"}))

    assert (closed["title"], closed["state"]) == ("T", "closed")
    assert (opened["state"], opened["mergeable"]) == ("open", True)
    assert errors_of(await place.fleet.patch(f"{REPO}/pulls/1", json={"base": "x"})) == [
        ("base", "unknown")
    ]


async def test_reviews_are_asked_of_collaborators_other_than_the_author(place: Place) -> None:
    await place.pull()
    path = f"{REPO}/pulls/1/requested_reviewers"

    asked = json_of(await place.fleet.post(path, json={"reviewers": ["you"]}), 201)

    assert [one["login"] for one in asked["requested_reviewers"]] == ["you"]
    entry = (await place.timeline(1))[-1]
    assert (entry["event"], entry["requested_reviewer"]["login"]) == ("review_requested", "you")
    for login in ("gatefleet[bot]", "octo", "nobody"):
        refused = await place.fleet.post(path, json={"reviewers": [login]})
        assert errors_of(refused) == [("reviewers", "invalid")], login


async def test_an_issue_is_no_pull_request(place: Place) -> None:
    await place.issue(place.you)

    assert (await place.you.get(f"{REPO}/pulls/1")).status_code == 404


async def test_the_issue_a_pull_request_closes_refers_to_it(place: Place) -> None:
    await place.issue(place.you)
    await place.pull(body="Closes #1")

    (entry,) = await place.timeline(1)

    assert (entry["event"], entry["source"]["issue"]["number"]) == ("cross-referenced", 2)
