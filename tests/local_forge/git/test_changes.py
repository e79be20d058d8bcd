"""Changed files, in GitHub's shape, for every kind of change and name."""

from services.local_forge.git.changes import MAX_PATCH_LINES
from services.local_forge.git.facts import FileChange
from services.local_forge.git.repositories import BareRepository
from tests.local_forge.git.conftest import Source, copied


async def changes_of(
    source: Source, bare: BareRepository, files: dict[str, bytes | None]
) -> dict[str, FileChange]:
    """What one commit with these files changes."""
    base = source.git("rev-parse", "HEAD").stdout.strip()
    head = source.commit_files("Change", files)
    await copied(source, bare)
    return {change.filename: change for change in await bare.changed_files(base, head)}


async def test_a_modified_file_has_its_hunks_without_a_header(
    source: Source, bare: BareRepository
) -> None:
    found = await changes_of(source, bare, {"a.txt": b"one\n2\nthree\n"})
    sha = source.git("rev-parse", "HEAD:a.txt").stdout.strip()
    assert found == {
        "a.txt": FileChange(
            sha=sha,
            filename="a.txt",
            status="modified",
            additions=1,
            deletions=1,
            changes=2,
            patch="@@ -1,3 +1,3 @@\n one\n-two\n+2\n three",
        )
    }


async def test_added_removed_and_renamed(source: Source, bare: BareRepository) -> None:
    body = b"".join(b"line %d\n" % n for n in range(20))
    source.commit_files("Before", {"old name": body, "gone": b"x\n"})
    gone = source.git("rev-parse", "HEAD:gone").stdout.strip()
    found = await changes_of(
        source,
        bare,
        {"old name": None, "näw\nname": body + b"last\n", "gone": None, "made": b"", "z": b"z"},
    )
    renamed = found["näw\nname"]
    assert (renamed.status, renamed.previous_filename) == ("renamed", "old name")
    assert (renamed.additions, renamed.deletions) == (1, 0)
    assert renamed.patch is not None
    assert renamed.patch.endswith("\n+last")
    assert (found["gone"].status, found["gone"].sha) == ("removed", gone)
    assert found["gone"].patch == "@@ -1 +0,0 @@\n-x"
    assert (found["made"].status, found["made"].patch) == ("added", None)
    assert found["z"].patch == "@@ -0,0 +1 @@\n+z\n\\ No newline at end of file"


async def test_binary_and_long_changes_have_no_patch(source: Source, bare: BareRepository) -> None:
    long = b"".join(b"%d\n" % n for n in range(MAX_PATCH_LINES + 1))
    wide = b"x" * (3 * 1024 * 1024)
    found = await changes_of(
        source, bare, {"bin": b"\0\1\2", "long": long, "wide": wide, "zz": b"diff --git a/x b/x\n"}
    )
    assert [(c.filename, c.changes, c.patch) for c in found.values()] == [
        ("bin", 0, None),
        ("long", MAX_PATCH_LINES + 1, None),
        ("wide", 1, None),
        ("zz", 1, "@@ -0,0 +1 @@\n+diff --git a/x b/x"),
    ]


async def test_a_file_that_became_a_link_is_one_change(
    source: Source, bare: BareRepository
) -> None:
    base = source.git("rev-parse", "HEAD").stdout.strip()
    (source.path / "a.txt").unlink()
    (source.path / "a.txt").symlink_to("README.md")
    head = source.commit_files("Link", {"b.txt": b"b\n"})
    await copied(source, bare)
    found = await bare.changed_files(base, head)
    assert [(c.filename, c.status) for c in found] == [("a.txt", "changed"), ("b.txt", "added")]
    assert found[0].patch is not None
    assert "-one" in found[0].patch
    assert "+README.md" in found[0].patch
    assert found[1].patch == "@@ -0,0 +1 @@\n+b"


async def test_a_new_mode_alone_is_a_change_without_lines(
    source: Source, bare: BareRepository
) -> None:
    base = source.git("rev-parse", "HEAD").stdout.strip()
    (source.path / "a.txt").chmod(0o755)
    head = source.commit_files("Mode", {})
    await copied(source, bare)
    found = await bare.changed_files(base, head)
    assert [(c.filename, c.status, c.changes, c.patch) for c in found] == [
        ("a.txt", "modified", 0, None)
    ]


async def test_changes_count_from_the_merge_base(source: Source, bare: BareRepository) -> None:
    source.git("checkout", "--quiet", "-b", "topic")
    topic = source.commit("Topic", t=b"t\n")
    source.git("checkout", "--quiet", "main")
    main = source.commit("Main", m=b"m\n")
    await copied(source, bare)
    assert [c.filename for c in await bare.changed_files(main, topic)] == ["t"]
