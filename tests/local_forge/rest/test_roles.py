"""Roles over REST, live."""

import pytest

from services.local_forge.domain.roles import ROLES
from services.local_forge.tables.people import Role
from tests.local_forge.place import REPO, Place, json_of

_OLDER = {"maintain": "write", "triage": "read"}


@pytest.mark.parametrize("role", ROLES)
async def test_i02_every_role_is_told_in_both_fields(place: Place, role: Role) -> None:
    await place.person("ann", role)

    told = json_of(await place.fleet.get(f"{REPO}/collaborators/ann/permission"))

    assert told["role_name"] == told["user"]["role_name"] == role
    assert told["permission"] == _OLDER.get(role, role)
    assert told["user"]["login"] == "ann"


async def test_i02_a_role_is_read_live(place: Place) -> None:
    await place.person("ann", "write")
    path = f"{REPO}/collaborators/ann/permission"
    before = json_of(await place.fleet.get(path))["role_name"]
    place.forge.roles.set(place.repo, "ann", "read")

    assert (before, json_of(await place.fleet.get(path))["role_name"]) == ("write", "read")


async def test_a_bots_role_is_asked_by_its_whole_login(place: Place) -> None:
    path = f"{REPO}/collaborators/gatefleet%5Bbot%5D/permission"

    assert json_of(await place.fleet.get(path))["role_name"] == "write"
    assert (await place.fleet.get(f"{REPO}/collaborators/gatefleet/permission")).status_code == 404


_ACTS: dict[str, tuple[str, str, dict[str, object], int]] = {
    "comment": ("POST", "/issues/1/comments", {"body": "b"}, 1),
    "label": ("POST", "/issues/1/labels", {"labels": ["proposed"]}, 2),
    "close": ("PATCH", "/issues/1", {"state": "closed"}, 2),
    "edit": ("PATCH", "/issues/1", {"body": "b"}, 3),
    "create label": ("POST", "/labels", {"name": "x"}, 3),
    "status": ("POST", "/statuses/{sha}", {"state": "success"}, 3),
    "merge": ("PUT", "/pulls/2/merge", {}, 3),
    "hook": ("POST", "/hooks", {"config": {"url": "http://listener.test"}}, 5),
}


@pytest.mark.parametrize("role", ROLES)
async def test_each_act_needs_its_role(place: Place, role: Role) -> None:
    await place.issue(place.you)
    sha = (await place.pull())["head"]["sha"]
    ann = await place.person("ann", role)

    allowed = []
    for act, (method, path, body, _) in _ACTS.items():
        answer = await ann.request(method, REPO + path.replace("{sha}", sha), json=body)
        allowed += [act] if answer.status_code != 403 else []

    assert allowed == [act for act, one in _ACTS.items() if ROLES.index(role) >= one[3]]


async def test_only_an_applications_own_account_makes_check_runs(place: Place) -> None:
    sha = (await place.pull())["head"]["sha"]
    body = {"name": "gatefleet/gate", "head_sha": sha, "status": "in_progress"}

    assert (await place.you.post(f"{REPO}/check-runs", json=body)).status_code == 403
    app = place.forge.accounts.app("gatefleet")
    through = await place.client(place.forge.accounts.issue_token("you", app=app))
    assert (await through.post(f"{REPO}/check-runs", json=body)).status_code == 403
    assert (await place.fleet.post(f"{REPO}/check-runs", json=body)).status_code == 201
