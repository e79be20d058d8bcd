"""Small diffs to judge."""

from shared.git.changes import ChangedFile, Diff

BLOB, NOTHING = "a" * 40, "0" * 40


def changed(
    path: str,
    *,
    modes: tuple[str, str] = ("100644", "100644"),
    lines: int = 1,
    binary: bool = False,
    size_bytes: int = 10,
) -> ChangedFile:
    return ChangedFile(
        path=path,
        old_mode=modes[0],
        new_mode=modes[1],
        old_blob=NOTHING if modes[0] == "000000" else BLOB,
        new_blob=NOTHING if modes[1] == "000000" else BLOB,
        added=lines,
        deleted=0,
        binary=binary,
        size_bytes=size_bytes,
    )


def diff(*files: ChangedFile) -> Diff:
    return Diff(files, sum(file.added + file.deleted for file in files))
