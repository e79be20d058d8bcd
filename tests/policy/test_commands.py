"""Command lines are argument lists, however they are written."""

import pytest

from shared.errors import BadInput
from shared.policy import CommandLine, parse


@pytest.mark.parametrize(
    ("written", "run", "ok"),
    [
        ("make all", ("make", "all"), (0,)),
        ("'\"a b\" c'", ("a b", "c"), (0,)),
        ("[a, 'b c', '|']", ("a", "b c", "|"), (0,)),
        ("{run: 'ruff check', ok: [0, 1]}", ("ruff", "check"), (0, 1)),
        ("{run: [ruff, check]}", ("ruff", "check"), (0,)),
    ],
)
def test_a_command_is_its_arguments(
    written: str, run: tuple[str, ...], ok: tuple[int, ...]
) -> None:
    assert parse(f"setup: [{written}]").setup == (CommandLine(run=run, ok=ok),)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("''", "is empty"),
        ("[]", "is empty"),
        ("['', x]", "is empty; write a command"),
        ("a && b", "needs a shell"),
        ("{run: 'a > b'}", "needs a shell"),
        ("[a, 3]", "3 is not text"),
        ("{run: a, ok: [256]}", "256 is too large"),
        ("{run: a, ok: []}", "is empty"),
        ("{ok: [0]}", "is missing"),
        ("7", "is not a mapping"),
    ],
)
def test_what_is_no_command_is_refused(written: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse(f"setup: [{written}]")
