"""Three pages for probes: one question, one answer, whatever is asked and however."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from shared.runtime.listening import listen
from shared.runtime.probes import MOST_AT_ONCE, MOST_BYTES, Answer, Probes
from tests.runtime.asking import ask, get

FEW = 200
DEAREST_MS = 1.0


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async def fine() -> Answer:
        return Answer(200, "fine\n")

    async def never() -> Answer:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    listener = listen("127.0.0.1", 0)
    probes = Probes({"/fine": fine, "/never": never}, listener)
    await probes.start()
    yield listener.getsockname()[1]
    await probes.stop()


@pytest.mark.parametrize(
    ("said", "status", "text"),
    [
        (b"GET /fine HTTP/1.0\r\n\r\n", 200, "fine\n"),
        (b"GET /fine HTTP/1.1\r\nHost: anything\r\n\r\n", 200, "fine\n"),
        (b"GET /fine?x=1 HTTP/1.1\r\n\r\n", 200, "fine\n"),
        (b"GET /fine HTTP/1.0\n\n", 200, "fine\n"),
        (b"HEAD /fine HTTP/1.0\r\n\r\n", 200, ""),
        (b"POST /fine HTTP/1.0\r\n\r\n", 405, "ask with GET or HEAD\n"),
        (b"GET /other HTTP/1.0\r\n\r\n", 404, "there are /fine, /never\n"),
        (b"\x16\x03\x01\x02\x00\n\n", 400, "this is no request of HTTP\n"),
        (b"\r\n\r\n", 400, "this is no request of HTTP\n"),
        (b"GET /" + b"a" * MOST_BYTES, 431, "a request is at most 8 KiB here\n"),
    ],
)
async def test_it_answers_whoever_asks(port: int, said: bytes, status: int, text: str) -> None:
    answer = await ask(port, said)

    assert (answer.status, answer.text) == (status, text)


async def test_a_question_in_pieces_is_one_question(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in (b"GET /fi", b"ne HTTP/1.0\r", b"\n\r", b"\n"):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)

    assert (await reader.read()).endswith(b"fine\n")
    writer.close()


async def test_those_who_ask_nothing_keep_nobody_out_for_long(port: int) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST_AT_ONCE)]
    # over the limit: hung up on at once, and those before it are still waited for
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()

    for _, each in silent:
        each.close()
        await each.wait_closed()
    answer = await get(port, "/fine")
    while answer.status == 0:
        answer = await get(port, "/fine")
    assert answer.text == "fine\n"


async def test_a_page_that_does_not_end_is_said_to_be_none(port: int) -> None:
    answer = await get(port, "/never")

    assert (answer.status, answer.text) == (503, "no answer within 2 s\n")


async def test_an_answer_costs_less_than_a_millisecond_of_this_process(port: int) -> None:
    await get(port, "/fine")
    before = time.process_time()
    for _ in range(FEW):
        await get(port, "/fine")
    spent = (time.process_time() - before) / FEW * 1000

    assert spent < DEAREST_MS * 2, "asking and answering, both in this process"
