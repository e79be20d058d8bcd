"""dev-agent's work, on a real repository, in a real sandbox, with real tools."""

import json

from shared.clock import SystemClock
from shared.messages.content import Brief, RunEnd, Usage
from shared.messages.draft import ChangeProposed
from shared.runs import Drafted, Ended
from shared.sandbox.bubblewrap import Bubblewrap
from shared.sandbox.process import NOT_ISOLATED
from tests.dev_agent.engines import APP, APP_BRIEF, engine
from tests.dev_agent.runs import APPROVAL, NOW, REPO, RUN, Bench, implementation, phases, revision
from tests.git.making import File, git, module
from tests.sandbox.conftest import need_bubblewrap


async def test_an_approved_issue_becomes_a_draft_on_its_base(bench: Bench) -> None:
    base = bench.origin.commit(APP)

    end = await bench.run(implementation(base, brief=APP_BRIEF))

    assert isinstance(end, Drafted)
    assert isinstance(end.draft, ChangeProposed)
    summary = "ran ruff check; ruff format: 1 file(s) changed, 1 line(s) added, 2 removed"
    assert end.draft == ChangeProposed(
        repo=REPO, run=RUN, generation=5, issue=7, approval=APPROVAL, base=base,
        bundle=end.draft.bundle, at=NOW, summary=summary,
    )  # fmt: skip
    assert (end.reason, end.usage) == (summary, Usage())
    assert await bench.files(end) == {"app.py": b"value = [1, 2]\n", "other.py": b"import sys\n"}
    assert bench.said == [
        ("fetching", "fetching octo/hello"),
        ("sandbox", NOT_ISOLATED),
        ("exported", f"2 files of {base[:12]} are ready to work on"),
        ("base", f"running the tests on the base, {base[:12]}"),
        ("working", "command works on it, round 1"),
        ("working", "running ruff check (1 of 2)"),
        ("working", "running ruff format (2 of 2)"),
        ("drafting", "looking at what changed"),
    ]


async def test_it_works_in_bubblewrap(bench: Bench) -> None:
    need_bubblewrap()
    bench.sandbox = Bubblewrap(SystemClock())
    base = bench.origin.commit(APP)

    end = await bench.run(implementation(base, brief=APP_BRIEF))

    assert (await bench.files(end))["app.py"] == b"value = [1, 2]\n"
    assert "sandbox" not in phases(bench.said)


async def test_the_same_run_twice_is_the_same_draft(bench: Bench) -> None:
    request = implementation(bench.origin.commit(APP), brief=APP_BRIEF)

    assert await bench.run(request) == await bench.run(request)


async def test_a_revision_stands_on_the_head_and_is_told_what_was_found(bench: Bench) -> None:
    base = bench.origin.commit(APP)
    head = bench.origin.commit({**APP, b"app.py": b"x = 1\n"}, parents=[base], branch="w")
    copy = "import shutil, sys; shutil.copy(sys.argv[1], 'app.py')"
    policy = f"engines: {{dev: {{commands: [{json.dumps(['python', '-c', copy, '{prompt}'])}]}}}}"

    end = await bench.run(revision(base, head, policy, APP_BRIEF))

    assert isinstance(end, Drafted)
    assert isinstance(end.draft, ChangeProposed)
    assert (end.draft.base, end.draft.merges) == (head, None)
    asked = (await bench.files(end))["app.py"].decode()
    assert asked.startswith("# Mend it\n\nPlease mend it.\n")
    assert asked.endswith("## What the review asked for\n\n- app.py:3: say why\n")


async def test_i07_the_engine_reads_the_snapshot_and_nothing_else(bench: Bench) -> None:
    base = bench.origin.commit(APP)
    copy = "import shutil, sys; shutil.copy(sys.argv[1], 'app.py')"
    policy = f"engines: {{dev: {{commands: [{json.dumps(['python', '-c', copy, '{prompt}'])}]}}}}"
    request = implementation(base, policy)

    end = await bench.run(request)

    assert (await bench.files(end))["app.py"] == b"# Mend it\n\nPlease mend it.\n"


async def test_what_only_the_setup_made_is_no_part_of_the_change(bench: Bench) -> None:
    base = bench.origin.commit({**APP, b"lock": b"old\n", b"kept": b"1\n"})
    made = "import os; open('build.log','w').write('b'); open('lock','w').write('new'); os.remove('kept')"
    policy = f"setup: {json.dumps([['python', '-c', made]])}\n" + engine(
        "open('app.py', 'w').write(open('lock').read())"
    )

    end = await bench.run(implementation(base, policy))

    assert await bench.files(end) == {
        "app.py": b"new", "other.py": b"import sys\n", "lock": b"old\n", "kept": b"1\n",
    }  # fmt: skip
    assert phases(bench.said)[3:5] == ["base", "setting up"]


async def test_submodules_and_lfs_pointers_are_said_and_kept(bench: Bench) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 12\n"
    base = bench.origin.commit({**APP, b"sub": module("1" * 40), b"data.bin": pointer})

    end = await bench.run(implementation(base, brief=APP_BRIEF))

    line = (
        "not in the work tree: the contents of 1 submodule(s) (sub) and the contents of 1 file(s) "
        "kept in Git LFS (data.bin)"
    )
    assert ("exported", line) in bench.said
    imported = await bench.imported(end)
    kept = git(imported.git_dir, "ls-tree", imported.tree, "sub")
    assert kept.startswith(f"160000 commit {'1' * 40}")


async def test_names_with_spaces_newlines_and_bytes_that_are_no_utf8_come_through(
    bench: Bench,
) -> None:
    odd = (b"a b.py", b"c\nd.py", "é.py".encode(), b"\xff.py")
    base = bench.origin.commit(dict.fromkeys(odd, b"import os\n"))
    brief = Brief(paths=("a b.py", "é.py"))

    end = await bench.run(implementation(base, brief=brief))

    assert await bench.files(end) == {
        "a b.py": b"", "c\nd.py": b"import os\n", "é.py": b"", "\udcff.py": b"import os\n",
    }  # fmt: skip


async def test_a_link_that_leaves_the_repository_is_declined_by_name(bench: Bench) -> None:
    base = bench.origin.commit({**APP, b"evil": File(b"/etc/passwd", "120000")})

    end = await bench.run(implementation(base))

    words = "evil: a symbolic link that leaves the repository; replace it or take it out"
    assert end == Ended(RunEnd.DECLINED, words)


async def test_an_unknown_commit_is_declined(bench: Bench) -> None:
    bench.origin.commit(APP)

    end = await bench.run(implementation("a" * 40))

    words = "commit aaaaaaaaaaaa is not in octo/hello any more; its branch was rewritten or deleted"
    assert end == Ended(RunEnd.DECLINED, words)


async def test_a_repository_without_commits_is_declined(bench: Bench) -> None:
    end = await bench.run(implementation("a" * 40))

    assert isinstance(end, Ended)
    assert end.end is RunEnd.DECLINED
