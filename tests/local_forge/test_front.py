"""The door: which names the forge answers to, and which words belong to the API."""

import pytest

from services.local_forge.front import name_of
from services.local_forge.pages.routes import RESERVED
from services.local_forge.rest.operations import OPERATIONS
from services.local_forge.rest.roots import ROOTS
from services.local_forge.settings import LocalForgeSettings
from tests.local_forge.place import REPO, Place


@pytest.mark.parametrize(
    "host", ["forge.test", "FORGE.test:80", "127.0.0.1:8300", "localhost", "[::1]:8300"]
)
async def test_the_forge_answers_to_its_own_names(place: Place, host: str) -> None:
    assert (await place.you.get(REPO, headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.test", "evil.test:8300", "127.0.0.1.evil.test", "", "you@localhost", "localhost/"],
)
@pytest.mark.parametrize("path", [REPO, "/", "/octo/hello.git/info/refs?service=git-upload-pack"])
async def test_another_name_is_refused_whatever_is_asked(
    place: Place, host: str, path: str
) -> None:
    answer = await place.you.get(path, headers={"Host": host})

    assert (answer.status_code, "localhost" in answer.text) == (400, True)
    assert place.forge.requests == {}


async def test_one_host_is_named_and_not_two(place: Place) -> None:
    twice = [("Host", "localhost"), ("Host", "evil.test")]
    answer = await place.you.get(REPO, headers=twice)
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_probes_are_answered_under_any_name_and_not_counted(place: Place, path: str) -> None:
    answer = await place.you.get(path, headers={"Host": "10.0.0.7:8300"})

    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert place.forge.requests == {}


def test_a_name_is_read_without_its_port() -> None:
    hosts = ("a.b:80", "[::1]:1", "A", "a:b", "a:99999999", "u@a", "a/b")
    found = [name_of(host) for host in hosts]
    assert found == ["a.b", "::1", "a", None, None, None, None]


def test_the_names_are_those_of_the_address_and_of_the_socket(place: Place) -> None:
    state = place.forge.context.state
    given = LocalForgeSettings(state=state, host="0.0.0.0", public_url="http://Forge.test:81/")
    assert given.names == {"forge.test", "0.0.0.0"}
    assert LocalForgeSettings(state=state).names == {"127.0.0.1"}


def test_pages_leave_every_word_of_the_api_alone() -> None:
    assert RESERVED == ROOTS
    assert {operation.path.split("/")[1] for operation in OPERATIONS} <= ROOTS
    assert "installation" in ROOTS
