"""ruff on small trees."""

from pathlib import Path

from shared.checkers import Lint, LintFinding, NotRun, run_ruff
from shared.checkers.report_file import LINT
from shared.sandbox import Finished
from tests.checkers.trees import Scripted, sandbox, write

DIRTY = "import os\n\n\ndef f():\n    unused = 1\n    raise NameError(missing)\n"


async def lint(folder: Path, *paths: str, formatting: bool = False) -> Lint:
    result = await run_ruff(sandbox(), folder, paths or (".",), formatting=formatting)
    assert isinstance(result, Lint), result
    return result


async def test_a_finding_says_whether_a_fixer_mends_it_and_how_boldly(tmp_path: Path) -> None:
    write(tmp_path, {"pkg/a b.py": DIRTY})
    assert (await lint(tmp_path)).findings == (
        LintFinding("pkg/a b.py", 1, "F401", "`os` imported but unused", True),
        LintFinding(
            *("pkg/a b.py", 5, "F841", "Local variable `unused` is assigned to but never used"),
            unsafe_fix=True,
        ),
        LintFinding("pkg/a b.py", 6, "F821", "Undefined name `missing`"),
    )
    assert [path.name for path in tmp_path.iterdir()] == ["pkg"]


async def test_the_repositorys_own_settings_decide(tmp_path: Path) -> None:
    settings = '[tool.ruff]\nexclude = ["old"]\n[tool.ruff.lint]\nselect = ["F401"]\n'
    write(tmp_path, {"pyproject.toml": settings, "a.py": DIRTY, "old/b.py": DIRTY})
    found = (await lint(tmp_path, "a.py", "old/b.py")).findings
    assert [(one.path, one.rule) for one in found] == [("a.py", "F401")]


async def test_settings_of_a_folder_above_are_not_the_repositorys(tmp_path: Path) -> None:
    write(tmp_path, {"ruff.toml": '[lint]\nselect = ["D"]\n', "inside/a.py": "import os\n"})
    found = (await lint(tmp_path / "inside")).findings
    assert [one.rule for one in found] == ["F401"]


async def test_only_the_named_paths_are_checked_whatever_they_are_called(tmp_path: Path) -> None:
    write(tmp_path, {"-x.py": DIRTY, "é è.py": "import os\n", "other.py": DIRTY})
    found = (await lint(tmp_path, "-x.py", "é è.py")).findings
    assert {one.path for one in found} == {"-x.py", "é è.py"}
    assert (await run_ruff(sandbox(), tmp_path, ())) == Lint(())


async def test_a_file_that_is_no_python_is_a_finding_not_a_failure(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def f(:\n"})
    assert {one.rule for one in (await lint(tmp_path)).findings} == {"invalid-syntax"}


async def test_settings_that_ruff_cannot_read_are_said_in_its_words(tmp_path: Path) -> None:
    write(tmp_path, {"ruff.toml": "nonsense = 1\n", "a.py": DIRTY})
    result = await run_ruff(sandbox(), tmp_path)
    assert isinstance(result, NotRun)
    assert (result.kind, "unknown field `nonsense`" in result.why) == ("failed", True)
    assert "\n" not in result.why


async def test_formatting_is_asked_for_apart(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1\n", "b c.py": "x  =  1\n"})
    assert (await lint(tmp_path)).unformatted == ()
    assert (await lint(tmp_path, formatting=True)) == Lint((), ("b c.py",))


async def test_a_planted_report_and_a_folder_named_ruff_change_nothing(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"target": "mine"}) / "target"
    tree = write(
        tmp_path / "tree", {"ruff/__init__.py": "", "ruff/__main__.py": "", "a.py": "import os\n"}
    )
    (tree / LINT).symlink_to(outside)
    assert [one.rule for one in (await lint(tree)).findings] == ["F401"]
    assert outside.read_text() == "mine"


async def test_a_report_that_is_not_ruffs_is_no_result(tmp_path: Path) -> None:
    odd = Scripted(Finished("exited", 0, b"", 0, 0.1), {LINT: '[{"code": 7}]'})
    result = await run_ruff(odd, tmp_path)
    assert isinstance(result, NotRun)
    assert result.kind == "no_report"
