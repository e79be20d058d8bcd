"""The one way out: our branches only, forward only, and a person's push is reported, not touched."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import Missing
from shared.git.failures import GitBadInput, GitFailed, GitRefused
from shared.git.mirror import Mirror
from shared.git.push import (
    AlreadyGone,
    AlreadyThere,
    Deleted,
    Moved,
    Pushed,
    Remote,
    delete_branch,
    push,
    remote_tip,
)
from tests.git.http_remote import serving
from tests.git.making import Repo, git

TOKEN = "secret-token-for-tests"
BRANCH = "gatefleet/issue-7/0123456789ab"


@pytest.fixture
async def fleet(origin: Repo, tmp_path: Path) -> tuple[Repo, str]:
    """The fleet's own repository with one commit on the origin's base, not pushed yet."""

    async def nobody() -> str | None:
        return None

    base = origin.commit({b"a": b"1"})
    mirror = Mirror(tmp_path / "fleet.git", origin.url, nobody)
    await mirror.fetch()
    return Repo(mirror.git_dir), base


def at(origin: Repo) -> Remote:
    return Remote(origin.url, None, "main")


def refs(origin: Repo) -> dict[str, str]:
    listing = git(origin.git_dir, "for-each-ref", "--format=%(refname) %(objectname)")
    names_and_shas = (line.partition(" ") for line in listing.splitlines())
    return {name: sha for name, _, sha in names_and_shas}


async def test_i17_a_commit_goes_to_our_branch_and_nowhere_else(
    origin: Repo, fleet: tuple[Repo, str]
) -> None:
    repo, base = fleet
    head = repo.commit({b"a": b"2"}, parents=[base], branch=None)

    first = await push(repo.git_dir, at(origin), sha=head, branch=BRANCH, expected=None)
    again = await push(repo.git_dir, at(origin), sha=head, branch=BRANCH, expected=None)

    assert (first, again) == (Pushed(head), AlreadyThere(head))
    assert refs(origin) == {"refs/heads/main": base, f"refs/heads/{BRANCH}": head}
    assert await remote_tip(repo.git_dir, at(origin), BRANCH) == head


async def test_i17_the_next_round_stands_on_the_last(origin: Repo, fleet: tuple[Repo, str]) -> None:
    repo, base = fleet
    one = repo.commit({b"a": b"2"}, parents=[base], branch=None)
    two = repo.commit({b"a": b"3"}, parents=[one], branch=None)
    await push(repo.git_dir, at(origin), sha=one, branch=BRANCH, expected=None)

    assert await push(repo.git_dir, at(origin), sha=two, branch=BRANCH, expected=one) == Pushed(two)
    assert refs(origin)[f"refs/heads/{BRANCH}"] == two


async def test_i17_a_persons_push_between_ours_is_reported_and_not_touched(
    origin: Repo, fleet: tuple[Repo, str]
) -> None:
    repo, base = fleet
    one = repo.commit({b"a": b"2"}, parents=[base], branch=None)
    two = repo.commit({b"a": b"3"}, parents=[one], branch=None)
    await push(repo.git_dir, at(origin), sha=one, branch=BRANCH, expected=None)
    theirs = origin.commit({b"a": b"theirs"}, parents=[one], branch=BRANCH)

    result = await push(repo.git_dir, at(origin), sha=two, branch=BRANCH, expected=one)

    assert result == Moved(theirs)
    assert refs(origin)[f"refs/heads/{BRANCH}"] == theirs


async def test_a_branch_that_is_gone_or_there_too_early_is_moved(
    origin: Repo, fleet: tuple[Repo, str]
) -> None:
    repo, base = fleet
    one = repo.commit({b"a": b"2"}, parents=[base], branch=None)
    two = repo.commit({b"a": b"3"}, parents=[one], branch=None)

    gone = await push(repo.git_dir, at(origin), sha=two, branch=BRANCH, expected=one)
    theirs = origin.commit({b"a": b"theirs"}, parents=[base], branch=BRANCH)
    early = await push(repo.git_dir, at(origin), sha=one, branch=BRANCH, expected=None)

    assert (gone, early) == (Moved(None), Moved(theirs))


async def test_i17_a_push_that_loses_the_race_to_a_person_is_moved(
    origin: Repo, fleet: tuple[Repo, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, base = fleet
    one = repo.commit({b"a": b"2"}, parents=[base], branch=None)
    theirs = origin.commit({b"a": b"theirs"}, parents=[base], branch=None)
    # A git that lets the person push first, between our look and our push.
    folder = tmp_path / "bin"
    folder.mkdir()
    real = os.environ["PATH"]
    (folder / "git").write_text(
        "#!/bin/sh\n"
        f"PATH='{real}'; export PATH\n"
        'case "$*" in *" push "*)\n'
        f"  git --git-dir='{origin.git_dir}' update-ref refs/heads/{BRANCH} {theirs};;\n"
        "esac\n"
        'exec git "$@"\n'
    )
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{real}")

    result = await push(repo.git_dir, at(origin), sha=one, branch=BRANCH, expected=None)

    assert result == Moved(theirs)
    assert refs(origin)[f"refs/heads/{BRANCH}"] == theirs


async def test_i17_what_does_not_follow_the_expected_commit_is_refused(
    origin: Repo, fleet: tuple[Repo, str]
) -> None:
    repo, base = fleet
    one = repo.commit({b"a": b"2"}, parents=[base], branch=None)
    beside = repo.commit({b"a": b"3"}, parents=[base], branch=None)
    await push(repo.git_dir, at(origin), sha=one, branch=BRANCH, expected=None)

    for expected in (one, "1" * 40):
        with pytest.raises(GitRefused, match="does not follow"):
            await push(repo.git_dir, at(origin), sha=beside, branch=BRANCH, expected=expected)
    assert refs(origin)[f"refs/heads/{BRANCH}"] == one


HOSTILE = [
    "main",
    "refs/heads/main",
    "+gatefleet/issue-7/0123456789ab",
    ":gatefleet/issue-7/0123456789ab",
    "gatefleet/issue-7/0123456789ab:main",
    "gatefleet/issue-7/0123456789ab\n",
    "gatefleet/issue-7/0123456789AB",
    "gatefleet/issue-7/0123456789abc",
    "gatefleet/issue-7/0123456789a",
    "gatefleet/issue-\u0667/0123456789ab",
    "gatefleet/issue-7/../../main",
    "gatefleet/issue-/0123456789ab",
    "gatefleet/issue-7/0123456789ab/x",
    "x/gatefleet/issue-7/0123456789ab",
    "../tags/v1",
    "--force",
    "",
]


@pytest.mark.parametrize("branch", HOSTILE)
async def test_i17_any_other_target_is_refused_before_a_process_starts(
    branch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # with no git to start, starting one would be Missing
    remote = Remote("file:///nowhere", None, "main")

    with pytest.raises(GitRefused):
        await push(tmp_path, remote, sha="1" * 40, branch=branch, expected=None)
    with pytest.raises(GitRefused):
        await delete_branch(tmp_path, remote, branch=branch, expected="1" * 40)
    with pytest.raises(GitRefused):
        await remote_tip(tmp_path, remote, branch)
    with pytest.raises(Missing):
        await push(tmp_path, remote, sha="1" * 40, branch=BRANCH, expected=None)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
async def test_i17_no_text_that_is_not_exactly_ours_is_a_target(branch: str) -> None:
    remote = Remote("ext::never", None, "main")

    with pytest.raises((GitRefused, GitBadInput)):
        await push(Path("/nonexistent"), remote, sha="1" * 40, branch=branch, expected=None)


@pytest.mark.parametrize("default", [BRANCH, f"refs/heads/{BRANCH}"])
async def test_i17_the_default_branch_is_refused_whatever_it_is_called(
    default: str, origin: Repo, fleet: tuple[Repo, str]
) -> None:
    repo, base = fleet
    head = repo.commit({b"a": b"2"}, parents=[base], branch=None)
    remote = Remote(origin.url, None, default)

    with pytest.raises(GitRefused, match="default branch is never pushed"):
        await push(repo.git_dir, remote, sha=head, branch=BRANCH, expected=None)
    with pytest.raises(GitRefused, match="default branch is never pushed"):
        await delete_branch(repo.git_dir, remote, branch=BRANCH, expected=head)


async def test_only_a_commit_that_is_here_is_pushed(origin: Repo, fleet: tuple[Repo, str]) -> None:
    repo, _ = fleet
    tree = repo.tree({b"a": b"1"})

    for sha in (tree, "1" * 40, "HEAD", BRANCH):
        with pytest.raises(GitBadInput):
            await push(repo.git_dir, at(origin), sha=sha, branch=BRANCH, expected=None)


async def test_i17_tags_and_hooks_of_ours_take_no_part(
    origin: Repo, fleet: tuple[Repo, str], tmp_path: Path
) -> None:
    repo, base = fleet
    head = repo.commit({b"a": b"2"}, parents=[base], branch=None)
    git(repo.git_dir, "tag", "-m", "x", "v1", head)
    git(repo.git_dir, "config", "push.followTags", "true")
    hooks = repo.git_dir / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "pre-push").write_text(f"#!/bin/sh\ntouch {tmp_path}/canary\nexit 1\n")
    (hooks / "pre-push").chmod(0o755)

    await push(repo.git_dir, at(origin), sha=head, branch=BRANCH, expected=None)

    assert set(refs(origin)) == {"refs/heads/main", f"refs/heads/{BRANCH}"}
    assert not (tmp_path / "canary").exists()


async def test_what_the_remote_refuses_is_refused_with_its_reason(
    origin: Repo, fleet: tuple[Repo, str]
) -> None:
    repo, base = fleet
    head = repo.commit({b"a": b"2"}, parents=[base], branch=None)
    (origin.git_dir / "hooks").mkdir(exist_ok=True)
    hook = origin.git_dir / "hooks/update"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(GitRefused, match=f"{BRANCH}: the remote refused it: .*hook declined"):
        await push(repo.git_dir, at(origin), sha=head, branch=BRANCH, expected=None)
    assert refs(origin) == {"refs/heads/main": base}


async def test_a_push_by_http_carries_the_token_only_in_its_header(
    origin: Repo, fleet: tuple[Repo, str]
) -> None:
    repo, base = fleet
    git(origin.git_dir, "config", "http.receivepack", "true")
    head = repo.commit({b"a": os.urandom(2_000_000)}, parents=[base], branch=None)

    with serving(origin.git_dir.parent, TOKEN) as address:
        remote = Remote(f"{address}/origin.git", TOKEN, "main")
        pushed = await push(repo.git_dir, remote, sha=head, branch=BRANCH, expected=None)
        stranger = Remote(f"{address}/origin.git", "other-token", "main")
        with pytest.raises(GitRefused) as refused:
            await push(repo.git_dir, stranger, sha=head, branch=BRANCH, expected=head)
    with pytest.raises(GitFailed):
        await push(repo.git_dir, remote, sha=head, branch=BRANCH, expected=head)

    assert pushed == Pushed(head)
    assert refs(origin)[f"refs/heads/{BRANCH}"] == head
    assert "other-token" not in str(refused.value)
    assert TOKEN not in repr(remote)


async def test_a_branch_is_removed_only_where_we_left_it(
    origin: Repo, fleet: tuple[Repo, str]
) -> None:
    repo, base = fleet
    head = repo.commit({b"a": b"2"}, parents=[base], branch=None)
    await push(repo.git_dir, at(origin), sha=head, branch=BRANCH, expected=None)

    elsewhere = await delete_branch(repo.git_dir, at(origin), branch=BRANCH, expected=base)
    removed = await delete_branch(repo.git_dir, at(origin), branch=BRANCH, expected=head)
    again = await delete_branch(repo.git_dir, at(origin), branch=BRANCH, expected=head)

    assert (elsewhere, removed, again) == (Moved(head), Deleted(), AlreadyGone())
    assert refs(origin) == {"refs/heads/main": base}
