"""Policies whose engine is a line of Python, a small repository, and a sandbox whose time flies."""

import json
from dataclasses import replace
from functools import partial

from shared.clock import FakeClock
from shared.messages.content import Brief
from shared.sandbox import Command, Finished
from shared.sandbox.process import ProcessSandbox

APP = {b"app.py": b"import os\nvalue = [ 1,2 ]\n", b"other.py": b"import sys\n"}
APP_BRIEF = Brief(paths=("app.py",), rules=("F401",))


def engine(*scripts: str, more: str = "") -> str:
    """A policy whose engine runs these lines of Python."""
    lines = [json.dumps(["python", "-c", script]) for script in scripts]
    return f"engines:\n  dev:\n    commands: [{', '.join(lines)}]\n{more}"


class Advancing(ProcessSandbox):
    """The process sandbox; its clock jumps ahead at the first output."""

    def __init__(self, seconds: float) -> None:
        clock = FakeClock()
        super().__init__(clock)
        self._advance = partial(clock.advance, seconds)

    async def run(self, command: Command) -> Finished:
        return await super().run(replace(command, on_output=lambda _: self._advance()))
