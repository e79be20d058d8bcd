"""Our commits: the same id whenever they are made again, and read back as they are."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.git.commits import Commit, Person, Signers, commits_between, make_commit, trailers
from shared.git.failures import GitBadInput
from tests.git.making import Repo, git

AT = datetime(2030, 5, 6, 7, 8, 9, 999_999, tzinfo=UTC)
FLEET = Person("Gatefleet", "fleet@example.org")
WRITER = Person("Zoë O'Neil", "zoe@example.org")
BY = Signers(author=WRITER, committer=FLEET)
MESSAGE = "Mend the parser\n\nWhy: it was wrong.\n\nGatefleet-Run: 1\nGatefleet-Issue: 7\n"


async def test_i47_a_commit_of_ours_has_the_same_id_when_made_again(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})
    tree = origin.tree({b"a": b"2"})

    one = await make_commit(origin.git_dir, tree, [base], message=MESSAGE, at=AT, by=BY)
    elsewhere = AT.astimezone(timezone(timedelta(hours=9))).replace(microsecond=0)
    two = await make_commit(origin.git_dir, tree, [base], message=MESSAGE, at=elsewhere, by=BY)

    assert one == two
    assert git(origin.git_dir, "cat-file", "commit", one) == (
        f"tree {tree}\nparent {base}\n"
        f"author Zoë O'Neil <zoe@example.org> {int(AT.timestamp())} +0000\n"
        f"committer Gatefleet <fleet@example.org> {int(AT.timestamp())} +0000\n\n" + MESSAGE.strip()
    )


async def test_i47_exactly_one_commit_of_ours_stands_on_the_base(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})
    tree = origin.tree({b"a": b"2"})
    head = await make_commit(origin.git_dir, tree, [base], message=MESSAGE, at=AT, by=BY)

    assert await commits_between(origin.git_dir, base, head, first_parent=True) == [
        Commit(
            sha=head,
            parents=(base,),
            tree=tree,
            author=WRITER,
            authored_at=AT.replace(microsecond=0),
            committer=FLEET,
            committed_at=AT.replace(microsecond=0),
            message=MESSAGE,
        )
    ]


async def test_a_merge_is_read_whole_or_by_its_first_parents(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})
    ours = origin.commit({b"a": b"2"}, parents=[base], branch="ours")
    theirs = origin.commit({b"b": b"3"}, parents=[base], branch="theirs")
    merged = await make_commit(
        origin.git_dir,
        origin.tree({b"a": b"2", b"b": b"3"}),
        [ours, theirs],
        message="Merge\n",
        at=AT,
        by=BY,
    )

    line = await commits_between(origin.git_dir, base, merged, first_parent=True)
    every = await commits_between(origin.git_dir, base, merged, first_parent=False)

    assert [commit.sha for commit in line] == [ours, merged]
    assert {commit.sha for commit in every} == {ours, theirs, merged}
    assert line[-1].parents == (ours, theirs)
    assert await commits_between(origin.git_dir, merged, base, first_parent=True) == []


async def test_a_hostile_commit_is_still_read(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})
    tree = git(origin.git_dir, "rev-parse", f"{base}^{{tree}}")
    raw = (
        f"tree {tree}\nparent {base}\nauthor x <y> 99999999999999999 +0000\n"
        "committer Gatefleet <f@e> 1 +9999\n\n\x1b[31m\xff"
    ).encode("latin-1")
    sha = git(
        origin.git_dir, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", input=raw
    )

    (commit,) = await commits_between(origin.git_dir, base, sha, first_parent=True)

    assert commit.authored_at.tzinfo is UTC
    assert commit.committer == Person("Gatefleet", "f@e")


@pytest.mark.parametrize(
    ("message", "at", "person", "words"),
    [
        ("", AT, WRITER, "is empty"),
        (" \n", AT, WRITER, "is empty"),
        ("a\0b", AT, WRITER, "NUL byte"),
        ("a", AT.replace(tzinfo=None), WRITER, "time zone"),
        ("a", AT, Person("a\nb", "c"), "line breaks"),
        ("a", AT, Person("a <b>", "c"), "line breaks"),
        ("a", AT, Person("", "c"), "line breaks"),
    ],
)
async def test_what_would_not_be_a_sound_commit_is_bad_input(
    message: str, at: datetime, person: Person, words: str, origin: Repo
) -> None:
    tree = origin.tree({b"a": b"1"})

    with pytest.raises(GitBadInput, match=words):
        await make_commit(
            origin.git_dir, tree, [], message=message, at=at, by=Signers(person, FLEET)
        )


async def test_a_parent_that_is_no_commit_is_bad_input(origin: Repo) -> None:
    tree = origin.tree({b"a": b"1"})

    with pytest.raises(GitBadInput, match="no such commit"):
        await make_commit(origin.git_dir, tree, [tree], message="a", at=AT, by=BY)


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (MESSAGE, {"Gatefleet-Run": "1", "Gatefleet-Issue": "7"}),
        ("Subject: not a trailer", {}),
        ("Subject\n\nA: 1\nplain words\n", {}),
        ("Subject\n\nA: 1\n\nthe end", {}),
        ("Subject\n\nA: 1\nB: 2\na: 3\n", {"B": "2"}),
        ("Subject\r\n\r\nA: 1\r\nB: x: y\r\n", {"A": "1", "B": "x: y"}),
        ("", {}),
    ],
)
def test_trailers_are_the_last_paragraph_and_nothing_else(
    message: str, found: dict[str, str]
) -> None:
    assert trailers(message) == found
