"""docs/commands.md and the command itself say the same: every command, its options and its example."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from services.cli.commands import app

PAGE = (Path(__file__).parents[2] / "docs/commands.md").read_text(encoding="utf-8")
_SECTION = re.compile(r"^### `gatefleet ([a-z ]+)`\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = {found[1]: found[2] for found in _SECTION.finditer(PAGE)}


def _each(group: Any, before: str = "") -> dict[str, Any]:
    """Every command that does something, by all its words: `bus user add`."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        words = f"{before}{name}"
        found |= _each(command, f"{words} ") if hasattr(command, "commands") else {words: command}
    return found


COMMANDS = _each(typer.main.get_group(app))
EVERYWHERE = {"--help", "-h", "--json", "--state", "--console"}


def test_the_page_lists_every_command_and_no_other() -> None:
    assert set(SECTIONS) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_example_on_the_page_and_in_its_help(name: str) -> None:
    example = re.search(r"^Example: `(.+)`$", SECTIONS[name], re.MULTILINE)
    assert example, name
    assert example[1].startswith(f"gatefleet {name}")
    if name != "demo":  # its help tells what happens instead
        assert f"Example: {example[1]}" in (COMMANDS[name].help or "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_on_the_page(name: str) -> None:
    options = {
        option
        for parameter in COMMANDS[name].params
        for option in parameter.opts
        if option.startswith("--")
    }
    missing = {each for each in options - EVERYWHERE if each not in SECTIONS[name]}
    assert missing == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_what_answers_people_answers_programs_too(name: str) -> None:
    """`up` and `run` stay; the others end, and what they say can be read by a program."""
    options = {option for each in COMMANDS[name].params for option in each.opts}
    assert ("--json" in options) == (name not in ("up", "run"))


def test_the_page_names_the_exit_codes() -> None:
    assert re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE) == ["0", "1", "2", "130"]
