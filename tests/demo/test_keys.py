"""Keys from a real pseudo-terminal."""

import asyncio
import os
import pty
import termios
from collections.abc import Iterator

import pytest

from services.demo.keys import END, Keys


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends: the keyboard's and the program's."""
    keyboard, program = pty.openpty()
    yield keyboard, program
    for end in (keyboard, program):
        try:
            os.close(end)
        except OSError:
            continue


async def next_key(keys: Keys) -> str:
    async with asyncio.timeout(10):
        while (key := keys.take()) is None:
            await asyncio.sleep(0)
    return key


async def test_keys_come_without_enter_and_without_an_echo(terminal: tuple[int, int]) -> None:
    keyboard, program = terminal
    before = termios.tcgetattr(program)
    with Keys(program) as keys:
        assert not termios.tcgetattr(program)[3] & (termios.ECHO | termios.ICANON)
        assert termios.tcgetattr(program)[3] & termios.ISIG  # Ctrl-C stays Ctrl-C
        os.write(keyboard, b"Yd")
        assert [await next_key(keys), await next_key(keys)] == ["y", "d"]
    assert termios.tcgetattr(program) == before


async def test_what_is_forgotten_is_not_taken(terminal: tuple[int, int]) -> None:
    keyboard, program = terminal
    with Keys(program) as keys:
        os.write(keyboard, b"ab")
        assert await next_key(keys) == "a"
        keys.forget()
        os.write(keyboard, b"c")
        assert await next_key(keys) == "c"


async def test_a_terminal_that_is_gone_counts_as_ctrl_d(terminal: tuple[int, int]) -> None:
    keyboard, program = terminal
    with Keys(program) as keys:
        os.close(keyboard)
        assert await next_key(keys) == END
