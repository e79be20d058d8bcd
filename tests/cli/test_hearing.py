"""Waiting for what the fleet makes of it: the right line, within its time, one line when it cannot."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from services.cli.acts.hearing import WAIT_S, Ear, Heard
from services.console.shapes import (
    EventAnswer,
    EventTaken,
    Log,
    LogLine,
    ProposalLine,
    RunLine,
    Tone,
)
from services.console.shapes import Spending as Spent
from shared.clock import FakeClock
from shared.errors import Refused
from shared.messages.content import RunEnd, RunKind

AT = datetime(2030, 1, 1, tzinfo=UTC)
ID = UUID(int=7)


class Quick(FakeClock):
    """Sleeping moves it on at once."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)


def line(seq: int, who: str, what: str, source: str = "comment:5", tone: Tone = "step") -> LogLine:
    return LogLine(seq=seq, at=AT, who=who, what=what, tone=tone, issue=7, source=source)


def log(*lines: LogLine) -> httpx.Response:
    found = Log(repository="o/r", asked=7, issue=7, title="t", seq=9, lines=lines)
    return httpx.Response(200, text=found.model_dump_json())


def ear(answer: Callable[[httpx.Request], httpx.Response], clock: FakeClock | None = None) -> Ear:
    transport = httpx.MockTransport(answer)
    client = httpx.AsyncClient(transport=transport, base_url="http://console")
    return Ear(client, "http://console", clock or Quick())


async def test_the_gatekeepers_own_words_answer_a_command() -> None:
    mine = line(2, "gatekeeper", "no agent works on it from now on", tone="quiet")
    looks = iter([
        log(),
        log(line(1, "you", "says /gatefleet pause")),
        log(line(1, "you", "says /gatefleet pause"), line(2, "gatekeeper", "no", "comment:4"), mine),
    ])  # fmt: skip
    heard = await ear(lambda _: next(looks)).answer(7, "comment:5", after=0)
    assert heard == Heard(True, "no agent works on it from now on")


async def test_what_was_not_taken_is_told_as_that() -> None:
    said = log(line(1, "gatekeeper", "nobody has approved this issue", tone="bad"))
    heard = await ear(lambda _: said).answer(7, "comment:5", after=0)
    assert heard == Heard(False, "nobody has approved this issue")


async def test_an_approval_is_its_own_answer() -> None:
    said = log(line(1, "ann", "approves the text abc (as write)", tone="good"))
    heard = await ear(lambda _: said).answer(7, "comment:5", after=0, command=False)
    assert heard == Heard(True, "ann approves the text abc (as write)")


async def test_an_answer_that_does_not_come_is_waited_for_a_while_only() -> None:
    clock = Quick()
    before = clock.monotonic()
    assert await ear(lambda _: httpx.Response(404), clock).answer(7, "comment:5", after=0) is None
    assert WAIT_S <= clock.monotonic() - before < WAIT_S + 1


async def test_a_console_that_is_gone_or_refuses_is_one_line() -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    problem = {"subject": "x", "problem": "the request bears no token", "mend": "send one"}
    with pytest.raises(Refused, match=r"http://console: .* does not answer \(ConnectError\)"):
        await ear(gone).place()
    with pytest.raises(Refused, match=r"the request bears no token; send one"):
        await ear(lambda _: httpx.Response(401, json=problem)).issue(7)
    assert await ear(lambda _: httpx.Response(503, json=problem)).place() == 0


def look(*, lives: bool, issue: int | None) -> EventAnswer:
    run = RunLine(
        run=ID, kind=RunKind.PROPOSALS, lives=lives, generation=1, holder="pm-agent:1", line="",
        started_at=AT, end=None if lives else RunEnd.DONE, reason="1 to propose", refused="",
        carried_out=not lives,
        spent=Spent(runs=1, seconds=1, money_micros=0, tokens=0, known=True),
    )  # fmt: skip
    proposal = ProposalLine(
        proposal=ID, title="Mend it", note="", doable=True, size="small", priority="low",
        finder="lint", issue=issue, at=AT,
    )  # fmt: skip
    made = () if lives else (proposal,)
    return EventAnswer(event=ID, answered=True, answer="asked", run=run, proposals=made)


async def test_a_look_is_over_when_its_proposals_stand_on_the_forge() -> None:
    taken = EventTaken(event=ID, topic="custom.propose.v1").model_dump_json()
    looks = iter([look(lives=True, issue=None), look(lives=False, issue=None),
                  look(lives=False, issue=3)])  # fmt: skip

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            assert request.read() == b'{"focus": "src"}'
            return httpx.Response(202, text=taken)
        return httpx.Response(200, text=next(looks).model_dump_json())

    found = await ear(answer).say("propose", {"focus": "src"})
    assert found is not None
    assert [each.issue for each in found.proposals] == [3]


async def test_proposals_that_the_gatekeeper_refuses_are_not_waited_for_long() -> None:
    taken = EventTaken(event=ID, topic="custom.propose.v1").model_dump_json()
    never = look(lives=False, issue=None).model_dump_json()
    clock = Quick()
    before = clock.monotonic()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=taken if request.method == "POST" else never)

    found = await ear(answer, clock).say("propose", {})
    assert found is not None
    assert [each.issue for each in found.proposals] == [None]
    assert clock.monotonic() - before < 6
