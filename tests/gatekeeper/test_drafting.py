"""I-27, I-28: a change is judged by git's facts and the base's policy."""

import pytest

from services.gatekeeper.drafting import FILE_BYTES, Verdict, judge_change
from shared.git.changes import ChangedFile, Diff
from shared.git.secrets import Leak
from shared.messages.content import Brief
from shared.policy import load
from tests.gatekeeper.changes import changed, diff

POLICY = load(
    {"scope": {"allow": ["src/**", "docs/**", ".github/**", "*.toml"], "deny": ["src/secret/**"]}}
)


def names(verdict: Verdict) -> tuple[list[str], list[str]]:
    return [r.name for r in verdict.rejects], [f.name for f in verdict.flags]


def test_i27_a_small_change_in_scope_is_taken_without_a_word() -> None:
    assert judge_change(diff(changed("src/a.py")), POLICY) == Verdict((), ())


@pytest.mark.parametrize(
    ("file", "rejects", "flags"),
    [
        (changed("lib/a.py"), ["out_of_scope"], []),
        (changed("src/secret/a.py"), ["out_of_scope"], []),
        (changed("src/a.bin", binary=True), [], ["binary"]),
        (changed("src/a.py", size_bytes=FILE_BYTES), [], []),
        (changed("src/a.py", size_bytes=FILE_BYTES + 1), ["big_file"], []),
        (changed("src/a", modes=("000000", "120000")), ["symlink"], []),
        (changed("src/a", modes=("120000", "000000")), [], []),
        (changed("src/a", modes=("000000", "160000")), ["submodule"], []),
        (changed("src/a", modes=("100644", "100664")), ["odd_mode"], ["mode"]),
        (changed("src/a", modes=("100644", "100755")), [], ["executable"]),
        (changed("src/a", modes=("100755", "100644")), [], ["mode"]),
        (changed("src/a", modes=("000000", "100755")), [], ["executable"]),
        (changed(".github/workflows/ci.yml"), ["workflow"], ["protected"]),
        (changed(".GitHub/Workflows/CI.yml"), ["out_of_scope", "workflow"], ["protected"]),
        (changed("pyproject.toml"), [], ["protected"]),
        (changed("src/AGENTS.md"), [], ["protected"]),
        (changed("docs/.gatefleet.yml"), [], ["protected"]),
    ],
)
def test_i27_i28_one_file_at_a_time(
    file: ChangedFile, rejects: list[str], flags: list[str]
) -> None:
    assert names(judge_change(diff(file), POLICY)) == (rejects, flags)


@pytest.mark.parametrize(
    ("lines", "rejects", "flags"),
    [(400, [], []), (401, [], ["large"]), (1500, [], ["large"]), (1501, ["too_large"], [])],
)
def test_i27_size_flags_and_then_rejects_with_advice(
    lines: int, rejects: list[str], flags: list[str]
) -> None:
    verdict = judge_change(diff(changed("src/a.py", lines=lines)), POLICY)

    assert names(verdict) == (rejects, flags)
    assert all("split the work" in reason.text for reason in verdict.rejects)


def test_i27_too_many_files_are_refused() -> None:
    files = [changed(f"src/{n}.py") for n in range(101)]

    assert names(judge_change(diff(*files[:100]), POLICY)) == ([], [])
    assert names(judge_change(diff(*files), POLICY)) == (["too_many_files"], [])


def test_i28_both_sides_of_a_rename_are_looked_at() -> None:
    gone = changed("pyproject.toml", modes=("100644", "000000"))
    new = changed("src/other.txt", modes=("000000", "100644"))

    assert judge_change(diff(gone, new), POLICY).protected == ("pyproject.toml",)


def test_the_policy_adds_protected_paths_and_cannot_take_any_away() -> None:
    policy = load({"protected": ["deploy/**"]})

    verdict = judge_change(diff(changed("deploy/x.sh"), changed("Makefile")), policy)

    assert verdict.protected == ("deploy/x.sh", "Makefile")


def test_an_issues_block_narrows_the_scope() -> None:
    brief = Brief(paths=("src/a.py",))

    assert names(judge_change(diff(changed("src/a.py")), POLICY, brief=brief)) == ([], [])
    assert names(judge_change(diff(changed("src/b.py")), POLICY, brief=brief)) == (
        ["outside_brief"],
        [],
    )
    wide = Brief(paths=("**",))
    assert names(judge_change(diff(changed("lib/a.py")), POLICY, brief=wide)) == (
        ["out_of_scope"],
        [],
    )


def test_i27_an_empty_change_is_refused() -> None:
    assert names(judge_change(Diff((), 0), POLICY)) == (["empty"], [])


def test_i48_a_leak_is_refused_by_place_and_kind_without_the_value() -> None:
    verdict = judge_change(diff(changed("src/a.py")), POLICY, leaks=[Leak("src/a.py", 3, "a key")])

    assert names(verdict) == (["secret"], [])
    assert "src/a.py:3 (a key)" in verdict.rejects[0].text


def test_reasons_are_one_line_whatever_the_names_hold() -> None:
    odd = [
        changed(f"lib/{name}") for name in ("a\nb`c", "\udcff", "@ann", "é", "\u202ex", "6", "7")
    ]

    [reason] = judge_change(diff(*odd), POLICY).rejects

    assert "\n" not in reason.text
    assert "`lib/a\\nb'c`, `lib/\\udcff`, `lib/@ann`, `lib/é`, `lib/x` and 2 more" in reason.text
