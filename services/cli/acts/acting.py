"""What every act of a person has in common: do it on the forge, wait for the answer, print it."""

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from services.cli.acts.hearing import NOT_YET, WAIT_S, Ear, Heard, ear
from services.cli.person import Here
from shared.clock import Clock
from shared.runtime.logs import to_stream

WAITING = "waiting for the gatekeeper (Ctrl-C leaves; what was said stays said) …"
FAILED = 1


@dataclass
class Said:
    """What was done and what came of it; printed as lines or as one JSON object."""

    done: str
    fields: dict[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    heard: Heard | None = None
    waited: bool = False
    number: int | None = None

    @property
    def code(self) -> int:
        """0: done, or on its way; 1: the fleet did not take it."""
        return FAILED if self.heard is not None and not self.heard.taken else 0

    def show(self, *, as_json: bool) -> int:
        """Print it; answers the exit code."""
        if as_json:
            answer = self.heard
            print(json.dumps({
                **self.fields, "done": self.done, "notes": self.notes,
                "answered": answer is not None,
                "taken": answer.taken if answer is not None else None,
                "answer": answer.line if answer is not None else None,
            }, indent=2))  # fmt: skip
            return self.code
        *before, last = self.lines() or [""]
        for line in before:
            print(line)
        print(last, file=sys.stderr if self.code else sys.stdout)
        return self.code

    def lines(self) -> list[str]:
        """For people."""
        said = [self.done, *self.notes] if self.done else list(self.notes)
        if self.heard is not None:
            said.append(f"gatefleet: {self.heard.line}" if self.code else self.heard.line)
        elif self.waited:
            said.append(NOT_YET.format(seconds=WAIT_S, number=self.number))
        return said


async def answered(
    here: Here, number: int, act: Callable[[], Awaitable[Said]], *, wait: bool, clock: Clock
) -> Said:
    """Do `act`, whose fields name the comment that it wrote, and hear what came of it."""
    async with ear(here.running, clock) as listening:
        after = await listening.place() if listening is not None and wait else 0
        said = await act()
        said.number = number
        if here.note:
            said.notes.append(here.note)
        if listening is None or not wait:
            return said
        return await _wait(listening, said, number, after)


async def _wait(listening: Ear, said: Said, number: int, after: int) -> Said:
    if sys.stderr.isatty():
        print(WAITING, file=sys.stderr)
    source, body = str(said.fields["source"]), str(said.fields["said"])
    said.heard = await listening.answer(
        number, source, after=after, command=body.startswith("/gatefleet")
    )
    said.waited = said.heard is None
    return said


def quiet() -> None:
    """What the embedded forge logs while it is open for a moment is nobody's business."""
    to_stream(sys.stderr, level="warning")
