"""JUnit reports as data from an untrusted writer."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.checkers.junit import (
    CASES_LIMIT,
    NAME_LIMIT,
    TEXT_LIMIT,
    WORST,
    Case,
    Unreadable,
    parse,
)


def report(inside: str) -> bytes:
    return f"<testsuites><testsuite>{inside}</testsuite></testsuites>".encode()


@pytest.mark.parametrize(
    ("attributes", "id"),
    [
        (
            'classname="tests.test_a" name="test_x" file="tests/test_a.py"',
            "tests/test_a.py::test_x",
        ),
        (
            'classname="tests.test_a.TestIn" name="test_x[a b]" file="tests/test_a.py"',
            "tests/test_a.py::TestIn::test_x[a b]",
        ),
        ('classname="" name="tests.test_a" file="tests/test_a.py"', "tests/test_a.py"),
        ('classname="pkg.Suite" name="works"', "pkg.Suite::works"),
        (
            'classname="other.Base" name="t" file="tests/test_a.py"',
            "tests/test_a.py::other.Base::t",
        ),
        ('name="alone"', "alone"),
        ("", "(a test without a name)"),
        ('name="a&#10;b&#x202e;c"', "a�b�c"),
    ],
)
def test_an_id_is_pytests_own_where_the_file_is_named(attributes: str, id: str) -> None:
    assert parse(report(f"<testcase {attributes}/>")) == [Case(id)]


def test_every_outcome_keeps_its_message_and_text() -> None:
    cases = parse(
        report(
            '<testcase name="a"/>'
            '<testcase name="b"><failure message="no">trace</failure></testcase>'
            '<testcase name="c"><error message="bad"/></testcase>'
            '<testcase name="d"><skipped message="later"/></testcase>'
            '<testcase name="e"><system-out>printed</system-out></testcase>'
        )
    )
    assert cases == [
        Case("a"),
        Case("b", "failed", "no", "trace"),
        Case("c", "error", "bad"),
        Case("d", "skipped", "later"),
        Case("e"),
    ]


def test_a_red_teardown_makes_a_failed_test_an_error_not_a_pass() -> None:
    (case,) = parse(
        report('<testcase name="a"><failure/><error message="t"/><skipped/></testcase>')
    )
    assert (case.outcome, case.message) == ("error", "t")


LAUGHS = b"""<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<testsuites><testcase name="&b;"/></testsuites>"""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (LAUGHS, "document type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "document type"),
        (b"", "well-formed"),
        (b"<testsuites><testcase>", "well-formed"),
        (b"all tests passed", "well-formed"),
    ],
)
def test_what_is_no_plain_report_is_refused_in_words(content: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        parse(content)


def test_a_report_cannot_fill_the_memory() -> None:
    many = report('<testcase name="x"/>' * (CASES_LIMIT + 1))
    with pytest.raises(Unreadable, match="more than"):
        parse(many)
    (long,) = parse(
        report(f'<testcase name="{"n" * 9999}"><failure>{"t" * 99999}</failure></testcase>')
    )
    assert (len(long.id), len(long.text)) == (NAME_LIMIT, TEXT_LIMIT)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_report_or_a_reason(content: bytes) -> None:
    with suppress(Unreadable):
        assert all(case.outcome in WORST for case in parse(content))
