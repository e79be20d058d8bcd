"""Protection: what holds for us too, and what cannot be read."""

import pytest

from shared.messages.objects import Protection
from tests.forge.scripted import Reply, Scripted, reader, user

RULES = "rules/branches/main"
PARAMETERS = {
    "required_approving_review_count": 1,
    "dismiss_stale_reviews_on_push": True,
    "require_last_push_approval": True,
}
GOOD = [
    {"type": "pull_request", "ruleset_id": 5, "parameters": PARAMETERS},
    {"type": "deletion", "ruleset_id": 5},
    {"type": "non_fast_forward", "ruleset_id": 5},
]
NEVER = {"enforcement": "active", "current_user_can_bypass": "never"}
STRONG = Protection(
    readable=True,
    pull_request_required=True,
    approvals=1,
    dismiss_stale=True,
    last_push_approval=True,
    deletion_blocked=True,
    force_push_blocked=True,
    fleet_can_bypass=False,
)
CLASSIC = {
    "required_pull_request_reviews": {
        "required_approving_review_count": 1,
        "dismiss_stale_reviews": True,
        "require_last_push_approval": True,
    },
    "enforce_admins": {"enabled": True},
    "allow_force_pushes": {"enabled": False},
    "allow_deletions": {"enabled": False},
}
HIDDEN = {"message": "Not Found"}


def ruled(rules: object, ruleset: object) -> Scripted:
    return Scripted().on("GET", RULES, Reply(rules)).on("GET", "rulesets/5", Reply(ruleset))


async def test_i15_a_ruleset_that_nobody_of_us_bypasses() -> None:
    assert await reader(ruled(GOOD, NEVER)).protection("main") == STRONG


@pytest.mark.parametrize(
    "ruleset",
    [
        {**NEVER, "current_user_can_bypass": "always"},
        {**NEVER, "current_user_can_bypass": "pull_requests_only"},
        {**NEVER, "current_user_can_bypass": "exempt"},
        {"enforcement": "active"},
        {**NEVER, "enforcement": "evaluate"},
    ],
)
async def test_i15_a_ruleset_that_may_not_bind_us_does_not_count(ruleset: object) -> None:
    found = await reader(ruled(GOOD, ruleset)).protection("main")

    assert found.fleet_can_bypass
    assert found.readable


async def test_i15_rules_of_a_ruleset_that_we_bypass_add_nothing_to_one_that_binds() -> None:
    weak = [{"type": "pull_request", "ruleset_id": 5, "parameters": {}}]
    loose = [{**rule, "ruleset_id": 6} for rule in GOOD]
    forge = ruled([*weak, *loose], NEVER)
    forge.on("GET", "rulesets/6", Reply({**NEVER, "current_user_can_bypass": "always"}))

    found = await reader(forge).protection("main")

    assert found == Protection(readable=True, pull_request_required=True, fleet_can_bypass=False)


@pytest.mark.parametrize("reply", [Reply(status=500), Reply(status=403), Reply(status=404)])
async def test_i15_rules_that_cannot_be_read_are_not_readable(reply: Reply) -> None:
    of_rules = Scripted().on("GET", RULES, reply)
    of_ruleset = Scripted().on("GET", RULES, Reply(GOOD)).on("GET", "rulesets/5", reply)

    for forge in (of_rules, of_ruleset):
        found = await reader(forge).protection("main")
        assert not found.readable
        assert found.cause.startswith("octo/hello: the protection of main cannot be read")


async def test_i15_no_rules_and_no_protection_is_known_to_be_none() -> None:
    forge = Scripted().on("GET", RULES, Reply([]))
    forge.on("GET", "branches/main/protection", Reply({"message": "Branch not protected"}, 404))

    assert await reader(forge).protection("main") == Protection(readable=True)


@pytest.mark.parametrize("status", [403, 404])
async def test_i15_classic_protection_that_we_may_not_see_is_not_readable(status: int) -> None:
    forge = Scripted().on("GET", RULES, Reply([]))
    forge.on("GET", "branches/main/protection", Reply(HIDDEN, status))

    found = await reader(forge).protection("main")

    assert not found.readable
    assert "make a ruleset" in found.cause


async def test_i15_classic_protection_that_binds_administrators_too() -> None:
    forge = Scripted().on("GET", RULES, Reply([]))
    forge.on("GET", "branches/main/protection", Reply(CLASSIC))

    assert await reader(forge).protection("main") == STRONG


@pytest.mark.parametrize(
    ("admin", "bypass"), [({"admin": True}, True), ({"admin": False}, False), (None, True)]
)
async def test_i15_an_administrator_passes_classic_protection_that_spares_them(
    admin: object, bypass: bool
) -> None:
    repo = {"id": 9, "name": "hello", "owner": user(3, "octo"), "default_branch": "main"}
    forge = Scripted().on("GET", RULES, Reply([]))
    forge.on(
        "GET", "branches/main/protection", Reply({**CLASSIC, "enforce_admins": {"enabled": False}})
    )
    forge.on("GET", "", Reply({**repo, "permissions": admin}))

    assert (await reader(forge).protection("main")).fleet_can_bypass is bypass


@pytest.mark.parametrize("allowance", [{"users": [user(7, "gatefleet[bot]")]}, {"teams": [{}]}])
async def test_i15_an_allowance_that_names_us_or_maybe_us_is_a_bypass(allowance: object) -> None:
    reviews = {"bypass_pull_request_allowances": allowance}
    forge = Scripted().on("GET", RULES, Reply([]))
    forge.on("GET", "/user", Reply(user(7, "gatefleet[bot]", kind="Bot")))
    forge.on(
        "GET",
        "branches/main/protection",
        Reply({**CLASSIC, "required_pull_request_reviews": reviews}),
    )

    assert (await reader(forge).protection("main")).fleet_can_bypass


async def test_a_branch_name_with_a_slash_stays_one_segment() -> None:
    forge = Scripted()

    await reader(forge).protection("release/1.0")

    assert b"/rules/branches/release%2F1.0?" in forge.seen[0].url.raw_path
