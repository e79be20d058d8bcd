"""What the engine is asked, and which paths it is handed."""

import pytest

from services.dev_agent.asking import PATHS_LIMIT, asked, task, usable
from services.dev_agent.starting import Start
from shared.engines import Task
from shared.messages.content import Brief, Cause, CauseKind, Finding, SnapshotComment
from tests.dev_agent.runs import implementation, snapshot

FILES = ("app.py", "src/a.py", "src/deep/b.py", "src/c.txt", "-x.py")


@pytest.mark.parametrize(
    ("patterns", "paths"),
    [
        ((), ()),
        (("app.py",), ("app.py",)),
        (("src/",), ("src",)),
        (("src/**",), ("src/a.py", "src/deep/b.py", "src/c.txt")),
        (("*.py", "app.py"), ("app.py", "src/a.py", "src/deep/b.py", "-x.py")),
        (("new.py",), ("new.py",)),
        (("app.py", "gone.py"), ("app.py",)),
        (("../app.py", "/etc/passwd", "src/../../x", "a\0b", ""), ()),
        (("none*",), ()),
    ],
)
def test_a_blocks_patterns_become_paths_inside_the_work_tree(
    patterns: tuple[str, ...], paths: tuple[str, ...]
) -> None:
    assert usable(patterns, FILES) == paths


def test_a_pattern_that_names_thousands_becomes_its_folder() -> None:
    files = [f"src/m{number}.py" for number in range(PATHS_LIMIT + 1)]
    assert usable(("src/*.py", "*.py"), files) == ("src", ".")


def test_i07_the_task_is_the_snapshot_and_the_block() -> None:
    brief = Brief(paths=("app.py",), rules=("F401",), criteria=("it is gone",))
    comment = SnapshotComment(id=1, author_id=2, author="ann", body="Mind the tests.")
    request = implementation("a" * 40).model_copy(
        update={"snapshot": snapshot().model_copy(update={"comments": (comment,)})}
    )
    start = Start(tree="a" * 40, base="a" * 40, against="a" * 40)

    assert task(request, brief, start, FILES) == Task(
        title="Mend it",
        text="Please mend it.\n\nComment by ann:\n\nMind the tests.\n\nDone when:\n- it is gone",
        paths=("app.py",),
        rules=("F401",),
        round=1,
        findings="",
        base_sha="a" * 40,
    )


def test_what_a_revision_must_mend_is_one_text() -> None:
    found = (
        Finding(path="a\nb.py", line=3, source="lint", text="F401 unused"),
        Finding(source="tests", text="red"),
    )
    cause = Cause(kind=CauseKind.CHECK, id="1", findings=found, log="E: boom")
    assert asked(cause, ("app.py",)) == (
        "- a\\nb.py:3: F401 unused\n- the whole change: red\n"
        "Both sides changed these files; solve the conflict that is marked in them:\n- app.py\n"
        "The log of what failed:\nE: boom"
    )
