"""Branches, rules, refs, contents and comparisons over REST."""

import base64

from services.local_forge.domain.protection import RulesetSpec
from tests.local_forge.place import FILES, REPO, Place, errors_of, json_of


async def test_i15_rules_of_the_default_branch_and_who_may_bypass_them(place: Place) -> None:
    rules = json_of(await place.fleet.get(f"{REPO}/rules/branches/main"))
    (short,) = json_of(await place.fleet.get(f"{REPO}/rulesets"))
    whole = json_of(await place.fleet.get(f"{REPO}/rulesets/{short['id']}"))

    assert [rule["type"] for rule in rules] == ["deletion", "non_fast_forward", "pull_request"]
    asked = rules[2]["parameters"]
    assert asked["required_approving_review_count"] == 1
    assert asked["dismiss_stale_reviews_on_push"] is True
    assert asked["require_last_push_approval"] is True
    assert (whole["enforcement"], whole["current_user_can_bypass"]) == ("active", "never")
    assert "bypass_actors" not in whole
    seen_by_admin = json_of(await place.you.get(f"{REPO}/rulesets/{short['id']}"))
    assert seen_by_admin["bypass_actors"] == []
    assert json_of(await place.fleet.get(f"{REPO}/rules/branches/topic")) == []


async def test_i15_a_ruleset_that_lets_the_fleet_pass_says_so_to_it(place: Place) -> None:
    app = place.forge.accounts.app("gatefleet")
    assert app is not None
    entry = {"actor_id": app.id, "actor_type": "Integration", "bypass_mode": "always"}
    ruleset = place.forge.protection.rulesets(place.repo)[0]
    place.forge.protection.change(ruleset, RulesetSpec("main", bypass=[entry]))
    path = f"{REPO}/rulesets/{ruleset.id}"

    assert json_of(await place.fleet.get(path))["current_user_can_bypass"] == "always"
    assert json_of(await place.you.get(path))["current_user_can_bypass"] == "never"


async def test_a_disabled_ruleset_has_no_rules(place: Place) -> None:
    ruleset = place.forge.protection.rulesets(place.repo)[0]
    place.forge.protection.change(ruleset, RulesetSpec("main", enforcement="disabled"))

    assert json_of(await place.fleet.get(f"{REPO}/rules/branches/main")) == []
    assert json_of(await place.fleet.get(f"{REPO}/branches/main"))["protected"] is False


async def test_branches_and_their_older_protection(place: Place) -> None:
    await place.push("a/b", {"x.py": "X = 1\n"})

    branch = json_of(await place.you.get(f"{REPO}/branches/a/b"))

    assert (branch["name"], branch["protected"]) == ("a/b", False)
    assert json_of(await place.you.get(f"{REPO}/branches/main"))["protected"] is True
    path = f"{REPO}/branches/main/protection"
    assert (await place.you.get(path)).json()["message"] == "Branch not protected"
    assert (await place.fleet.get(path)).status_code == 403
    place.forge.protection.set_classic(place.repo, "main", {"enforce_admins": {"enabled": True}})
    assert json_of(await place.you.get(path))["enforce_admins"] == {"enabled": True}
    assert (await place.you.get(f"{REPO}/branches/none")).status_code == 404


async def test_refs_are_read_matched_made_and_deleted(place: Place) -> None:
    main = json_of(await place.you.get(f"{REPO}/git/ref/heads/main"))
    body = {"ref": "refs/heads/gatefleet/issue-1/abc", "sha": main["object"]["sha"]}

    made = json_of(await place.fleet.post(f"{REPO}/git/refs", json=body), 201)
    found = json_of(await place.you.get(f"{REPO}/git/matching-refs/heads/gatefleet/"))

    assert found == [made]
    assert errors_of(await place.fleet.post(f"{REPO}/git/refs", json=body)) == [("ref", "invalid")]
    assert (await place.fleet.delete(f"{REPO}/git/{made['ref']}")).status_code == 204
    assert json_of(await place.you.get(f"{REPO}/git/matching-refs/heads/gatefleet/")) == []
    assert (await place.you.get(f"{REPO}/git/ref/heads/gatefleet")).status_code == 404


async def test_the_protected_branch_is_not_deleted_and_tags_are_not_made(place: Place) -> None:
    sha = json_of(await place.you.get(f"{REPO}/git/ref/heads/main"))["object"]["sha"]

    for who in (place.you, place.fleet):
        assert errors_of(await who.delete(f"{REPO}/git/refs/heads/main")) == [("ref", "invalid")]
    tag = {"ref": "refs/tags/v1", "sha": sha}
    assert errors_of(await place.fleet.post(f"{REPO}/git/refs", json=tag)) == [("ref", "invalid")]
    lost = {"ref": "refs/heads/x", "sha": "0" * 40}
    assert errors_of(await place.fleet.post(f"{REPO}/git/refs", json=lost)) == [("sha", "invalid")]


async def test_contents_of_files_and_folders_at_a_ref(place: Place) -> None:
    await place.push("topic", {"docs/a b é.md": "é\n"})

    file = json_of(await place.reader.get(f"{REPO}/contents/src/greet.py"))
    top = json_of(await place.reader.get(f"{REPO}/contents?ref=topic"))
    odd = json_of(await place.reader.get(f"{REPO}/contents/docs/a%20b%20%C3%A9.md?ref=topic"))

    assert base64.b64decode(file["content"]).decode() == FILES["src/greet.py"]
    assert (file["type"], file["encoding"], file["size"]) == (
        "file",
        "base64",
        len(FILES["src/greet.py"]),
    )
    assert [(one["name"], one["type"]) for one in top] == [
        ("README.md", "file"),
        ("docs", "dir"),
        ("src", "dir"),
    ]
    assert base64.b64decode(odd["content"]).decode() == "é\n"
    raw = await place.reader.get(
        f"{REPO}/contents/README.md", headers={"Accept": "application/vnd.github.raw+json"}
    )
    assert raw.content == b"# Hello\n"
    for path in ("contents/none.md", "contents/README.md?ref=none", "contents/../x"):
        assert (await place.reader.get(f"{REPO}/{path}")).status_code == 404


async def test_comparing_two_branches(place: Place) -> None:
    new = await place.push("topic", {"x.py": "X = 1\n"})
    await place.push("main", {"y.py": "Y = 1\n"}, by="you")

    compared = json_of(await place.you.get(f"{REPO}/compare/main...topic"))

    assert (compared["status"], compared["ahead_by"], compared["behind_by"]) == ("diverged", 1, 1)
    assert [one["sha"] for one in compared["commits"]] == [new]
    assert [one["filename"] for one in compared["files"]] == ["x.py"]
    same = json_of(await place.you.get(f"{REPO}/compare/main...main"))
    assert (same["status"], same["files"]) == ("identical", [])
    assert (await place.you.get(f"{REPO}/compare/main...none")).status_code == 404


async def test_a_commit_with_its_files(place: Place) -> None:
    new = await place.push("topic", {"x.py": "X = 1\n"})

    for ref in ("topic", new, new[:10]):
        commit = json_of(await place.you.get(f"{REPO}/commits/{ref}"))
        assert commit["sha"] == new
    assert commit["stats"] == {"additions": 1, "deletions": 0, "total": 1}
    assert [one["filename"] for one in commit["files"]] == ["x.py"]
