"""What holds for every route: tokens, ETags, pages, rate limits, unknown routes, faults, the log."""

import pytest

from services.local_forge.domain.witness import Write, body_digest
from services.local_forge.graphql import QUERY
from tests.local_forge.place import REPO, Place, json_of


async def test_a_token_is_needed_and_must_be_known(place: Place) -> None:
    nobody, wrong = await place.client(None), await place.client("lf_wrong")

    assert (await nobody.get(REPO)).json()["message"] == "Requires authentication"
    refused = await wrong.get(REPO)
    assert (refused.status_code, refused.json()["message"]) == (401, "Bad credentials")
    old_form = {"Authorization": f"token {place.forge.token('you')}"}
    assert json_of(await nobody.get("/user", headers=old_form))["login"] == "you"


async def test_the_read_only_token_reads_everything_and_writes_nothing(place: Place) -> None:
    await place.issue(place.you)

    assert (await place.reader.get(f"{REPO}/issues")).status_code == 200
    answers = [
        await place.reader.post(f"{REPO}/issues", json={"title": "t"}),
        await place.reader.post(f"{REPO}/issues/1/comments", json={"body": "b"}),
        await place.reader.put(f"{REPO}/pulls/1/merge", json={}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


async def test_a_private_repository_is_404_to_who_has_no_role(place: Place) -> None:
    ann = await place.person("ann", "none")
    with place.forge.context.store.transaction() as session:
        session.merge(place.repo).private = True

    assert (await ann.get(REPO)).status_code == 404
    assert (await ann.post(f"{REPO}/issues", json={"title": "t"})).status_code == 404
    assert (await place.you.get(REPO)).status_code == 200


async def test_an_etag_answers_304_without_a_body_until_something_changes(place: Place) -> None:
    await place.issue(place.you)
    first = await place.you.get(f"{REPO}/issues")
    known = {"If-None-Match": first.headers["etag"]}

    same = await place.you.get(f"{REPO}/issues", headers=known)
    await place.you.patch(f"{REPO}/issues/1", json={"title": "Other"})
    other = await place.you.get(f"{REPO}/issues", headers=known)

    assert (same.status_code, same.content, same.headers["etag"]) == (
        304,
        b"",
        first.headers["etag"],
    )
    assert other.status_code == 200
    assert other.headers["etag"] != first.headers["etag"]


async def test_a_304_is_free_and_other_requests_count(place: Place) -> None:
    first = await place.you.get(REPO)
    same = await place.you.get(REPO, headers={"If-None-Match": first.headers["etag"]})
    third = await place.you.get(REPO)

    left = [int(one.headers["x-ratelimit-remaining"]) for one in (first, same, third)]
    assert left == [4999, 4999, 4998]
    place.clock.advance(3600)
    core = json_of(await place.you.get("/rate_limit"))["resources"]["core"]
    assert core["remaining"] == 5000


async def test_pages_are_followed_by_link_and_hold_at_most_100(place: Place) -> None:
    for number in range(5):
        await place.issue(place.you, title=f"t{number}")

    url: str | None = f"{REPO}/issues?per_page=2&direction=asc"
    seen: list[list[str]] = []
    while url is not None:
        answer = await place.you.get(url)
        seen.append([one["title"] for one in json_of(answer)])
        url = answer.links.get("next", {}).get("url")

    assert seen == [["t0", "t1"], ["t2", "t3"], ["t4"]]
    last = await place.you.get(f"{REPO}/issues?per_page=2&page=3")
    assert set(last.links) == {"prev", "first"}
    assert "link" not in (await place.you.get(f"{REPO}/issues?per_page=500")).headers
    assert json_of(await place.you.get(f"{REPO}/issues?page=9")) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{REPO}/milestones"),
        ("PUT", f"{REPO}/pulls/1/update-branch"),
        ("PUT", f"{REPO}/issues/1/lock"),
        ("POST", f"{REPO}/merges"),
        ("PATCH", f"{REPO}/git/refs/heads/main"),
    ],
)
async def test_unknown_routes_are_404_and_counted(place: Place, method: str, path: str) -> None:
    answer = await place.you.request(method, path)

    assert answer.status_code == 404
    assert answer.json()["message"] == "Not Found"
    assert place.forge.unknown_routes == {f"{method} {path}": 1}


async def test_numbers_in_paths_are_digits(place: Place) -> None:
    await place.you.post(f"{REPO}/hooks", json={"config": {"url": "http://listener.test/"}})
    for odd in ("abc", "-1", "1.0", "9" * 15, "9" * 19, "9" * 30, "9" * 5000, "\u0661"):
        for path in ("issues/{}", "issues/comments/{}", "pulls/{}", "check-runs/{}", "hooks/{}"):
            answer = await place.you.get(f"{REPO}/{path.format(odd)}")
            assert (path, answer.status_code) == (path, 404)


async def test_a_page_number_that_is_none_is_the_first_page(place: Place) -> None:
    await place.issue(place.you)
    for odd in ("0", "x", "9" * 5000):
        assert len(json_of(await place.you.get(f"{REPO}/issues?page={odd}"))) == 1


async def test_a_number_that_no_issue_can_have_closes_nothing(place: Place) -> None:
    made = await place.pull(body=f"Closes #{'9' * 18}, closes #{'9' * 40}")
    query = {"query": QUERY, "variables": {"owner": "octo", "name": "hello", "number": 10**30}}

    assert made["number"] == 1
    asked = json_of(await place.you.post("/graphql", json=query))
    assert asked["data"] == {"repository": {"issue": None}}


async def test_i02_a_role_that_was_taken_away_counts_at_once(place: Place) -> None:
    ann = await place.person("ann", "write")
    path = f"{REPO}/collaborators/ann/permission"
    roles = [json_of(await place.you.get(path))["role_name"]]
    assert (await ann.post(f"{REPO}/labels", json={"name": "one"})).status_code == 201

    place.forge.roles.set(place.repo, "ann", "read")

    roles.append(json_of(await place.you.get(path))["role_name"])
    assert roles == ["write", "read"]
    assert (await ann.post(f"{REPO}/labels", json={"name": "two"})).status_code == 403


async def test_an_answer_is_given_again_only_while_nothing_changed(place: Place) -> None:
    await place.issue(place.you)
    paths = [f"{REPO}/issues/1", f"{REPO}/issues/1/comments", f"{REPO}/issues/1/timeline", REPO]
    before = [json_of(await place.you.get(path)) for path in paths]
    assert [json_of(await place.you.get(path)) for path in paths] == before

    place.clock.advance(60)
    await place.you.post(f"{REPO}/issues/1/comments", json={"body": "b"})
    await place.push("topic", {"a.txt": "a"})

    after = [json_of(await place.you.get(path)) for path in paths]
    assert [old == new for old, new in zip(before, after, strict=True)] == [False] * 4
    as_fleet = json_of(await place.fleet.get(REPO))
    assert as_fleet["permissions"] != after[3]["permissions"]


async def test_i24_the_log_of_deliveries_is_never_an_old_answer(place: Place) -> None:
    config = {"url": "http://listener.test/", "secret": "s"}
    await place.you.post(f"{REPO}/hooks", json={"config": config})
    assert json_of(await place.you.get(f"{REPO}/hooks/1/deliveries")) == []

    waiting = place.forge.webhooks.next_waiting()
    assert waiting is not None
    place.forge.webhooks.settle(waiting, status="OK", status_code=202)

    assert len(json_of(await place.you.get(f"{REPO}/hooks/1/deliveries"))) == 1


async def test_every_write_is_in_the_log_whole(place: Place) -> None:
    created = await place.you.post(f"{REPO}/issues", content=b'{"title":"t"}')
    refused = await place.reader.post(f"{REPO}/issues", content=b"{}")
    await place.you.get(f"{REPO}/issues")

    assert (created.status_code, refused.status_code) == (201, 403)
    digests = [body_digest(b'{"title":"t"}'), body_digest(b"{}")]
    assert place.forge.write_log == [
        Write("you", "POST", f"{REPO}/issues", digests[0], 201),
        Write("gatefleet[bot]", "POST", f"{REPO}/issues", digests[1], 403),
    ]
    assert place.forge.requests == {
        "POST /repos/{owner}/{repo}/issues": 2,
        "GET /repos/{owner}/{repo}/issues": 1,
    }


async def test_i38_a_fault_after_the_commit_leaves_the_work_done(place: Place) -> None:
    place.forge.faults.fail_after_commit(method="POST", path="*/issues")

    answer = await place.fleet.post(f"{REPO}/issues", json={"title": "t"})

    assert answer.status_code == 502
    assert [issue.title for issue in place.forge.issues.list(place.repo)] == ["t"]


async def test_i02_faults_hit_the_next_matching_requests_only(place: Place) -> None:
    faults = place.forge.faults
    faults.fail(404, path="*/permission")
    faults.fail(500, path="*/permission")
    faults.limit(retry_after_s=90, method="POST")

    path = f"{REPO}/collaborators/you/permission"
    codes = [(await place.fleet.get(path)).status_code for _ in range(3)]
    limited = await place.fleet.post(f"{REPO}/issues", json={"title": "t"})

    assert codes == [404, 500, 200]
    assert (limited.status_code, limited.headers["retry-after"]) == (403, "90")
    assert place.forge.issues.list(place.repo) == []


async def test_i25_a_truncated_list_says_how_many_there_should_be(place: Place) -> None:
    head = (await place.pull())["head"]["sha"]
    for name in ("a", "b"):
        body = {"name": name, "head_sha": head, "conclusion": "success"}
        json_of(await place.fleet.post(f"{REPO}/check-runs", json=body), 201)
    place.forge.faults.truncate(path="*/check-runs")

    short = json_of(await place.you.get(f"{REPO}/commits/{head}/check-runs"))

    assert (short["total_count"], len(short["check_runs"])) == (2, 1)
