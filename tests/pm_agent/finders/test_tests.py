"""Failing tests as a finder."""

from pathlib import Path

from services.pm_agent.finders import tests
from shared.policy import parse
from tests.pm_agent.findings import grouped, tree

RED = {
    "pkg/__init__.py": "",
    "pkg/a.py": "from pkg import b\n\ndef f():\n    return b.g()\n",
    "pkg/b.py": "def g():\n    raise KeyError('x')\n",
    "tests/test_a.py": "from pkg import a\n\ndef test_f():\n    a.f()\n\ndef test_g(): pass\n",
}


async def test_a_red_test_points_to_what_its_traceback_and_imports_name(tmp_path: Path) -> None:
    seen = tree(tmp_path, RED)
    (found,) = await tests.find(seen)
    assert (found.rule, found.path) == ("tests/test_a.py::test_f", "tests/test_a.py")
    assert found.paths == ("pkg/a.py", "pkg/b.py")
    assert found.text == "KeyError: 'x'"
    (candidate,) = grouped(found)
    assert candidate.proposal.title == "Make `test_f` pass"
    assert "pkg/b.py:2: KeyError" in candidate.proposal.evidence


async def test_a_module_that_only_the_sandbox_lacks_is_a_line_not_an_issue(tmp_path: Path) -> None:
    files = {"test_a.py": "import nonesuch_module\n", "test_b.py": "from pkg import gone\n"}
    seen = tree(tmp_path, {**files, "pkg/__init__.py": ""})
    assert [one.rule for one in await tests.find(seen)] == ["test_b.py"]
    assert seen.lines == [
        tests.NEEDS_MODULE.format(file="test_a.py", module="nonesuch_module"),
    ]


async def test_the_policys_command_is_run(tmp_path: Path) -> None:
    policy = parse("test: {command: [python, check.py]}")
    seen = tree(tmp_path, {"check.py": "raise SystemExit('the moon is full')"}, policy)
    (found,) = await tests.find(seen)
    assert (found.rule, found.path, found.text) == ("python check.py", "", "the moon is full")
    (candidate,) = grouped(found)
    assert (candidate.proposal.tests, candidate.proposal.paths) == (("python check.py",), ())


async def test_a_repository_without_tests_is_a_line(tmp_path: Path) -> None:
    seen = tree(tmp_path, {"a.py": ""})
    assert await tests.find(seen) == []
    assert seen.lines == ["tests: python -m pytest -q found no tests"]
