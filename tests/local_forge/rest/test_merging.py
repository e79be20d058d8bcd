"""The merge, and what the base branch's rules ask for."""

from services.local_forge.domain.protection import DEFAULT_RULES, RulesetSpec
from services.local_forge.domain.seeding import RULESET
from tests.local_forge.place import REPO, Place, git, json_of

MERGE = f"{REPO}/pulls/1/merge"
REVIEWS = f"{REPO}/pulls/1/reviews"


async def _why_not(place: Place, **body: object) -> str:
    answer = await place.you.put(MERGE, json=body)
    assert answer.status_code == 405, answer.text
    return str(answer.json()["message"])


async def _require(place: Place, *checks: dict[str, object]) -> None:
    rule = {
        "type": "required_status_checks",
        "parameters": {"required_status_checks": list(checks)},
    }
    ruleset = place.forge.protection.rulesets(place.repo)[0]
    spec = RulesetSpec(RULESET, rules=[*DEFAULT_RULES, rule])
    place.forge.protection.change(ruleset, spec)


async def test_a_merge_is_a_merge_commit_on_the_base_by_the_person(place: Place) -> None:
    head = (await place.pull())["head"]["sha"]
    await place.you.post(REVIEWS, json={"event": "APPROVE"})

    merged = json_of(await place.you.put(MERGE, json={"sha": head}))

    whole = json_of(await place.you.get(f"{REPO}/pulls/1"))
    assert (whole["merged"], whole["merged_by"]["login"]) == (True, "you")
    assert whole["merge_commit_sha"] == merged["sha"]
    git(place.work, "fetch", "-q", "origin")
    assert git(place.work, "rev-parse", "origin/main", "origin/main^2") == (
        f"{merged['sha']}\n{head}"
    )
    assert git(place.work, "log", "-1", "--format=%an %s", "origin/main") == (
        "you Merge pull request #1 from octo/topic"
    )
    assert [entry["event"] for entry in await place.timeline(1)][-2:] == ["merged", "closed"]
    assert (await place.you.get(f"{REPO}/pulls/1/merge")).status_code == 204
    assert "merged already" in await _why_not(place)
    assert place.forge.merge_calls == 2


async def test_closing_words_close_the_issue_with_the_merge_as_its_cause(place: Place) -> None:
    await place.issue(place.you)
    await place.issue(place.you)
    await place.pull(body="Fixes #1, see #2. Closes other/repo#2")
    issue = place.forge.pulls.get(place.repo, 3)

    sha = await place.forge.merging.merge_as_person(issue, actor=place.forge.accounts.actor("you"))

    first = json_of(await place.you.get(f"{REPO}/issues/1"))
    assert (first["state"], first["state_reason"]) == ("closed", "completed")
    assert json_of(await place.you.get(f"{REPO}/issues/2"))["state"] == "open"
    entry = (await place.timeline(1))[-1]
    assert (entry["event"], entry["commit_id"]) == ("closed", sha)


async def test_i15_without_an_approval_by_a_writer_nothing_is_merged(place: Place) -> None:
    await place.pull()
    triage = await place.person("ann", "triage")
    await triage.post(REVIEWS, json={"event": "APPROVE"})

    assert "asks for 1 approving review(s) by people who may write, it has 0" in await _why_not(
        place
    )
    refused = await place.fleet.put(MERGE, json={})
    assert refused.status_code == 405
    assert json_of(await place.you.get(f"{REPO}/pulls/1"))["merged"] is False


async def test_i15_who_pushed_last_cannot_be_the_only_approver(place: Place) -> None:
    await place.pull()
    await place.push("topic", {"x.py": "X = 1\n"}, by="you")
    await place.you.post(REVIEWS, json={"event": "APPROVE"})

    assert "somebody other than you" in await _why_not(place)

    ann = await place.person("ann", "write")
    await ann.post(REVIEWS, json={"event": "APPROVE"})
    assert (await place.you.put(MERGE, json={})).status_code == 200


async def test_a_moved_head_is_409(place: Place) -> None:
    old = (await place.pull())["head"]["sha"]
    await place.push("topic", {"x.py": "X = 1\n"})

    answer = await place.you.put(MERGE, json={"sha": old})

    assert answer.status_code == 409
    assert json_of(await place.you.get(f"{REPO}/pulls/1"))["merged"] is False


async def test_drafts_conflicts_closed_ones_and_asked_changes_say_so(place: Place) -> None:
    await place.pull(draft=True)
    await place.you.post(REVIEWS, json={"event": "REQUEST_CHANGES", "body": "no"})
    await place.push("main", {"src/greet.py": "def greet():\n    return 3\n"}, by="you")

    said = await _why_not(place)

    assert "it is a draft" in said
    assert "it has conflicts with main" in said
    assert "you asked for changes" in said
    await place.you.patch(f"{REPO}/pulls/1", json={"state": "closed"})
    assert "it is closed" in await _why_not(place)


async def test_i24_a_required_check_counts_by_its_application_and_on_this_head(
    place: Place,
) -> None:
    head = (await place.pull())["head"]["sha"]
    await place.you.post(REVIEWS, json={"event": "APPROVE"})
    app = place.forge.accounts.app("gatefleet")
    assert app is not None
    await _require(place, {"context": "gatefleet/gate", "integration_id": app.id})
    await place.you.post(
        f"{REPO}/statuses/{head}", json={"context": "gatefleet/gate", "state": "success"}
    )

    assert "the check 'gatefleet/gate'" in await _why_not(place)
    check = {"name": "gatefleet/gate", "head_sha": head, "conclusion": "success"}
    json_of(await place.fleet.post(f"{REPO}/check-runs", json=check), 201)
    failed = {**check, "conclusion": "failure"}
    json_of(await place.fleet.post(f"{REPO}/check-runs", json=failed), 201)
    assert "the check 'gatefleet/gate'" in await _why_not(place)
    json_of(await place.fleet.post(f"{REPO}/check-runs", json=check), 201)
    assert (await place.you.put(MERGE, json={})).status_code == 200


async def test_a_required_status_counts_whoever_posted_it_where_no_application_is_named(
    place: Place,
) -> None:
    head = (await place.pull())["head"]["sha"]
    await place.you.post(REVIEWS, json={"event": "APPROVE"})
    await _require(place, {"context": "ci"})

    assert "the check 'ci'" in await _why_not(place)
    await place.you.post(f"{REPO}/statuses/{head}", json={"context": "ci", "state": "success"})
    assert (await place.you.put(MERGE, json={})).status_code == 200


async def test_the_merge_button_records_the_persons_review_first(place: Place) -> None:
    head = (await place.pull())["head"]["sha"]
    issue = place.forge.pulls.get(place.repo, 1)

    await place.forge.merging.merge_as_person(issue, actor=place.forge.accounts.actor("you"))

    (review,) = place.forge.reviews.of(issue)
    assert (review.author.login, review.state, review.commit_id) == ("you", "APPROVED", head)
    assert place.forge.merge_calls == 0


async def test_only_merge_commits_are_made(place: Place) -> None:
    await place.pull()

    answer = await place.you.put(MERGE, json={"merge_method": "squash"})

    assert answer.status_code == 422


async def test_who_may_bypass_the_rules_merges_without_them(place: Place) -> None:
    await place.pull()
    ruleset = place.forge.protection.rulesets(place.repo)[0]
    admins = {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "pull_request"}
    place.forge.protection.change(ruleset, RulesetSpec(RULESET, bypass=[admins]))

    assert (await place.fleet.put(MERGE, json={})).status_code == 405
    assert (await place.you.put(MERGE, json={})).status_code == 200


async def test_the_button_lacks_only_what_a_click_does_not_bring(place: Place) -> None:
    await place.pull()
    await _require(place, {"context": "gatefleet/gate"})
    you, fleet = (place.forge.accounts.actor(who) for who in ("you", "gatefleet[bot]"))
    issue = place.forge.pulls.get(place.repo, 1)
    await place.you.post(REVIEWS, json={"event": "REQUEST_CHANGES", "body": "Not yet."})

    plain = await place.forge.merging.reasons(issue, you)
    clicked = await place.forge.merging.reasons(issue, you, as_person=True)
    own = await place.forge.merging.reasons(issue, fleet, as_person=True)

    approval = "main asks for 1 approving review(s) by people who may write, it has 0"
    check = "main asks for the check 'gatefleet/gate' to be a success on this head"
    assert plain == ["you asked for changes", approval, check]
    assert clicked == [check]
    assert own == plain


async def test_the_button_does_not_stand_in_for_a_second_reviewer(place: Place) -> None:
    ann = await place.person("ann", "write")
    await place.pull()
    issue = place.forge.pulls.get(place.repo, 1)
    await ann.post(REVIEWS, json={"event": "REQUEST_CHANGES", "body": "Not yet."})

    you = place.forge.accounts.actor("you")
    assert await place.forge.merging.reasons(issue, you, as_person=True) == [
        "ann asked for changes"
    ]
