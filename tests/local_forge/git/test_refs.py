"""Refs read from files: the same answers as git gives."""

import pytest

from services.local_forge.git.refs import Refs, is_name
from services.local_forge.git.repositories import BareRepository
from tests.local_forge.git.conftest import Source, copied, run


def _by_git(bare: BareRepository) -> dict[str, str]:
    said = run(bare.path, "for-each-ref", "--format=%(objectname) %(refname)").stdout
    pairs = (line.split(" ", 1) for line in said.splitlines())
    return {name: sha for sha, name in pairs}


async def _grown(source: Source, bare: BareRepository) -> None:
    for name in ("a", "a-b", "deep/er/one", "näxt"):
        source.git("branch", name)
    source.git("tag", "-a", "-m", "annotated", "v1")
    source.commit("Second", b=b"2\n")
    await copied(source, bare)


async def test_loose_and_packed_refs_are_those_of_git(source: Source, bare: BareRepository) -> None:
    await _grown(source, bare)
    refs = Refs(bare.path)
    assert refs.all() == _by_git(bare)
    assert list(refs.all()) == list(_by_git(bare))

    run(bare.path, "pack-refs", "--all")
    assert refs.all() == _by_git(bare)
    run(bare.path, "update-ref", "refs/heads/a", "refs/heads/main")
    assert refs.all() == _by_git(bare)
    run(bare.path, "update-ref", "-d", "refs/heads/deep/er/one")
    assert refs.all() == _by_git(bare)
    assert refs.one("refs/heads/deep/er/one") is None
    assert refs.all("refs/heads/a") == {
        name: sha for name, sha in _by_git(bare).items() if name.startswith("refs/heads/a")
    }


async def test_a_symbolic_ref_is_followed_and_a_ring_of_them_is_none(bare: BareRepository) -> None:
    run(bare.path, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    (bare.path / "refs/heads/one").write_text("ref: refs/heads/two\n")
    (bare.path / "refs/heads/two").write_text("ref: refs/heads/one\n")
    refs = Refs(bare.path)
    assert refs.one("refs/heads/alias") == refs.one("refs/heads/main") is not None
    assert (refs.one("refs/heads/one"), "refs/heads/two" in refs.all()) == (None, False)


@pytest.mark.parametrize(
    "name",
    [
        "refs/heads/../../HEAD",
        "/etc/hostname",
        "refs/heads/./main",
        "refs//heads/main",
        "refs/heads",
        "refs/heads/main.lock",
        "refs/heads/a b",
        "",
        "-x",
        "refs/heads/main/",
        "refs/heads/main/x",
    ],
)
async def test_no_name_leads_elsewhere(bare: BareRepository, name: str) -> None:
    assert Refs(bare.path).one(name) is None


def test_a_lock_file_and_what_no_text_can_show_are_no_names() -> None:
    names = ("refs/heads/x", "refs/heads/x.lock", "refs/heads/.x", "refs/heads/\udcff", "x.lock/y")
    assert [is_name(name) for name in names] == [True, False, False, False, False]


async def test_a_tag_means_its_commit_and_a_moved_branch_its_new_one(
    source: Source, bare: BareRepository
) -> None:
    await _grown(source, bare)
    first = source.git("rev-parse", "v1^{commit}").stdout.strip()
    assert await bare.resolve("v1") == first
    second = await bare.resolve("main")
    assert second == source.git("rev-parse", "main").stdout.strip()

    run(bare.path, "update-ref", "refs/heads/main", first)

    assert await bare.resolve("main") == await bare.head("main") == first
    assert await bare.resolve("HEAD") == first
