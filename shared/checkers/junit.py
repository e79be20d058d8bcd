"""JUnit XML, read as data from an untrusted writer: no entities, no document type, bounded."""

import re
from dataclasses import dataclass, field
from typing import Literal
from xml.parsers import expat

CASES_LIMIT = 50_000
TEXT_LIMIT = 20_000
NAME_LIMIT = 500

Outcome = Literal["passed", "skipped", "failed", "error"]
WORST: tuple[Outcome, ...] = ("passed", "skipped", "failed", "error")
"""A test that is reported twice (a red teardown, a rerun) counts as the later one of these."""

_TAGS: dict[str, Outcome] = {"failure": "failed", "error": "error", "skipped": "skipped"}
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff]")


@dataclass
class Case:
    """One reported test. `id` is pytest's own node id where the report names the file."""

    id: str
    outcome: Outcome = "passed"
    message: str = ""
    text: str = ""


class Unreadable(ValueError):
    """The report is not JUnit XML that is accepted here."""


@dataclass
class _Reading:
    cases: list[Case] = field(default_factory=list)
    case: Case | None = None
    collecting: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "testcase":
            if len(self.cases) >= CASES_LIMIT:
                raise Unreadable(f"it names more than {CASES_LIMIT} tests")
            self.case = Case(_id(attributes))
            self.cases.append(self.case)
        elif self.case is not None and tag in _TAGS:
            outcome = _TAGS[tag]
            if WORST.index(outcome) > WORST.index(self.case.outcome):
                self.case.outcome = outcome
                self.case.message = attributes.get("message", "")[:TEXT_LIMIT]
                self.case.text = ""
            self.collecting = True

    def end(self, tag: str) -> None:
        if tag == "testcase":
            self.case = None
        if tag in _TAGS:
            self.collecting = False

    def data(self, text: str) -> None:
        if self.collecting and self.case is not None:
            self.case.text = (self.case.text + text)[:TEXT_LIMIT]


def parse(report: bytes) -> list[Case]:
    """The tests that a report names, in its order. Raises Unreadable, saying in words why."""
    reading = _Reading()
    # Bandit's worry is entities; a document type, without which there are none, is refused below.
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.data
    try:
        parser.Parse(report, True)
    except expat.ExpatError as error:
        raise Unreadable(f"it is not well-formed XML: {error}") from None
    return reading.cases


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("it has a document type, which could define entities")


def _id(attributes: dict[str, str]) -> str:
    """`tests/test_x.py::TestY::test_z[1]` where the file is named, else `class::name`."""
    name = attributes.get("name", "")
    owner = attributes.get("classname", "")
    file = attributes.get("file", "")
    if not file:
        return _shown("::".join(part for part in (owner, name) if part))
    module = file.removesuffix(".py").replace("\\", "/").replace("/", ".")
    if not owner and name == module:  # pytest's way to say that the file could not be collected
        return _shown(file)
    inner = (
        owner.removeprefix(module).strip(".").split(".") if owner.startswith(module) else [owner]
    )
    return _shown("::".join([file, *(part for part in inner if part), name]))


def _shown(name: str) -> str:
    return _UNSEEN.sub("�", name)[:NAME_LIMIT] or "(a test without a name)"
