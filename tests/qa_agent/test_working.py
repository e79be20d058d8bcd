"""qa-agent's work, on a real repository, with real tests, a real linter and a real sandbox."""

from shared.clock import SystemClock
from shared.messages.content import Brief, TestsReport, Verdict
from shared.messages.draft import ReviewProposed
from shared.runs import Drafted
from shared.sandbox.bubblewrap import Bubblewrap
from tests.qa_agent.reviews import REPO, RUN, Bench, lines, review
from tests.qa_agent.trees import BASE, BRIEF, MENDED
from tests.sandbox.conftest import need_bubblewrap


async def test_a_change_that_does_what_its_issue_asks_passes(bench: Bench) -> None:
    head, tip = bench.change(BASE, MENDED)
    request = review(head, tip, brief=BRIEF)

    end = await bench.run(request)

    assert isinstance(end, Drafted)
    assert isinstance(end.draft, ReviewProposed)
    tests = end.draft.tests
    assert end.draft == ReviewProposed(
        repo=REPO, run=RUN, generation=5, issue=7, pull_request=9, head=head, tip=tip,
        policy_digest=request.policy_digest, verdict=Verdict.PASS, findings=(),
        tests=TestsReport(
            ran=True, ok=True, passed=2, newly_passing=("test_app.py::test_two",),
            seconds=tests.seconds, summary=tests.summary,
        ),
    )  # fmt: skip
    assert end.reason == f"pass: 0 finding(s); tests: {tests.summary}"
    assert [line for phase, line in bench.said if phase != "sandbox"] == [
        "fetching octo/hello",
        "linting the changed files, with the base's configuration",
        f"running the tests on the base, {tip[:12]}",
        f"running the tests on the merge of {head[:12]} and {tip[:12]}",
    ]


async def test_it_works_in_bubblewrap(bench: Bench) -> None:
    need_bubblewrap()
    bench.sandbox = Bubblewrap(SystemClock())
    head, tip = bench.change(BASE, MENDED)

    judged = await bench.judge(review(head, tip, brief=BRIEF))

    assert (judged.verdict, judged.findings) == (Verdict.PASS, ())


async def test_what_is_left_is_said_where_it_is(bench: Bench) -> None:
    worse = b"import os\n\n\ndef two():\n    l = 1\n    return 3\n"
    head, tip = bench.change(BASE, {**BASE, b"app.py": worse})

    judged = await bench.judge(review(head, tip, brief=BRIEF))

    assert judged.verdict is Verdict.CHANGES
    assert lines(judged) == [
        "error criteria: test_app.py::test_two does not pass, which the issue asks for: "
        "assert 3 == 2",
        "error criteria app.py:1: F401 is still reported, which the issue asks to mend: "
        "`os` imported but unused",
        "error lint app.py:5: new since the base: E741 Ambiguous variable name: `l`",
        "error lint app.py:5: new since the base: F841 Local variable `l` is assigned to but "
        "never used",
    ]


async def test_the_tests_run_on_the_merge_with_a_base_that_moved(bench: Bench) -> None:
    base = bench.origin.commit(BASE)
    head = bench.origin.commit(MENDED, parents=[base], branch="w")
    moved = {
        **BASE,
        b"test_new.py": b"import app\n\n\ndef test_one():\n    assert app.two() == 1\n",
    }
    tip = bench.origin.commit(moved, parents=[base])

    judged = await bench.judge(review(head, tip))

    assert (judged.verdict, judged.tip) == (Verdict.CHANGES, tip)
    assert judged.tests.newly_failing == ("test_new.py::test_one",)
    assert lines(judged) == [
        "error tests: test_new.py::test_one passed on the base and fails: assert 2 == 1"
    ]


async def test_a_conflict_with_the_base_asks_for_changes(bench: Bench) -> None:
    base = bench.origin.commit(BASE)
    head = bench.origin.commit(MENDED, parents=[base], branch="w")
    tip = bench.origin.commit({**BASE, b"app.py": b"two = None\n"}, parents=[base])

    judged = await bench.judge(review(head, tip))

    words = f"conflicts with the base at {tip[:12]}; merge it and solve the conflict"
    assert (judged.verdict, lines(judged)) == (
        Verdict.CHANGES,
        [f"error conflict app.py: {words}"],
    )
    why = "the tests were not run, because the head conflicts with the base"
    assert judged.tests == TestsReport(ran=False, ok=False, summary=why)


async def test_i26_the_change_cannot_bring_its_own_linter_configuration(bench: Bench) -> None:
    lax = {**MENDED, b"pyproject.toml": b"[project]\nname = 'x'\n"}
    lax |= {b"ruff.toml": b"lint.select = ['W']\n"}
    lax |= {b"app.py": b"import os\n\n\ndef two():\n    return 2\n"}
    head, tip = bench.change({**BASE, b"app.py": b"two = None\n"}, lax)

    judged = await bench.judge(review(head, tip, brief=Brief(rules=("F401",))))

    assert [line for line in lines(judged, "error") if "F401" in line] == [
        "error criteria app.py:1: F401 is still reported, which the issue asks to mend: "
        "`os` imported but unused"
    ]
    assert lines(judged, "note")[0].startswith("note protected pyproject.toml: ")


async def test_i26_the_tests_are_run_by_the_bases_command(bench: Bench) -> None:
    planted = {**MENDED, b".gatefleet.yml": b"test: {command: 'true'}\n"}
    head, tip = bench.change(BASE, {**planted, b"app.py": b"def two():\n    return 9\n"})

    judged = await bench.judge(review(head, tip, brief=Brief(tests=BRIEF.tests)))

    assert (judged.verdict, judged.tests.ok) == (Verdict.CHANGES, False)


async def test_tests_that_were_deleted_or_skipped_are_findings(bench: Bench) -> None:
    weaker = b"import pytest\n\n\n@pytest.mark.skip\ndef test_app():\n    assert 1\n"
    green = {**MENDED}
    head, tip = bench.change(green, {**green, b"test_app.py": weaker})

    judged = await bench.judge(review(head, tip))

    assert (judged.verdict, lines(judged, "error")) == (
        Verdict.CHANGES,
        [
            "error tests test_app.py: test_app.py::test_app passed on the base and no longer "
            "runs; keep it",
            "error tests test_app.py: test_app.py::test_two passed on the base and no longer "
            "runs; keep it",
        ],
    )
