"""Where mirrors point to, and that a token is in no address."""

from pathlib import Path

from pydantic import SecretStr

from shared.git.mirrors import mirrors
from shared.messages import Repo
from tests.git.making import Repo as Origin

REPO = Repo(owner="octo", name="hello", id="1")


async def test_a_repositorys_mirror_is_the_same_each_time_and_fetches(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "octo" / "hello.git")
    sha = origin.commit({b"a": b"1"})
    mirror = mirrors(tmp_path / "mirrors", tmp_path.as_uri(), SecretStr("s3cret"))

    await mirror(REPO).fetch()

    assert mirror(REPO) is mirror(REPO)
    assert await mirror(REPO).tip("main") == sha
    held = [path for path in (tmp_path / "mirrors").rglob("*") if path.is_file()]
    assert not [path for path in held if b"s3cret" in path.read_bytes()]


def test_a_name_cannot_leave_the_folder_of_mirrors(tmp_path: Path) -> None:
    mirror = mirrors(tmp_path, "https://git.example", None)

    found = mirror(Repo(owner="../..", name="/etc", id="2")).git_dir

    assert found.parent == tmp_path


def test_each_repository_has_a_folder_of_its_own(tmp_path: Path) -> None:
    mirror = mirrors(tmp_path, "https://forge.example/", None)
    other = Repo(owner="octo", name="h", id="2")

    assert mirror(REPO).git_dir == tmp_path / "octo__hello.git"
    assert mirror(other).git_dir != mirror(REPO).git_dir
