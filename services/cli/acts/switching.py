"""The kill switch: a file in the gatekeeper's state folder, and an issue with the label that stops."""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from services.cli.acts.acting import quiet
from services.cli.person import Here, at_forge
from services.gatekeeper.desk import STOP_FILE, STOP_LABEL
from shared.clock import Clock, SystemClock
from shared.errors import GatefleetError

LABEL_COLOR, LABEL_WORDS = "b60205", "While an open issue carries this, the fleet does nothing"
TITLE = "Gatefleet is stopped"
BODY = (
    "{why}\n\nWhile this issue is open and carries the label `{label}`, the fleet writes nothing here "
    "and no agent runs. `gatefleet resume`, or closing this issue, lets it go on."
)
NO_REASON = "no reason was given"
WROTE = "the file {path} stops this fleet"
WROTE_ALREADY = "the file {path} stopped this fleet already"
NO_FOLDER = "no file: {folder} is not here, so this fleet's state folder is elsewhere"
NOT_WRITTEN = "no file: {path} cannot be written ({why})"
LABELLED = "issue #{number} with the label {label} stops every fleet on {repo}"
LABELLED_ALREADY = "issue #{number} carries the label {label} already"
NOT_LABELLED = "no label: {why}"
WHEN = (
    "nothing is written from now on: every effect looks first; agents that run are told within 20 "
    "seconds, and their work is asked for again after `gatefleet resume`"
)
NOT_STOPPED = (
    "nothing was stopped; set the label {label} on an open issue of the repository yourself"
)
REMOVED = "the file {path} is gone (it said: {why})"
NOT_REMOVED = "the file {path} cannot be removed ({why}); remove it yourself"
CLOSED = "issue #{number} is closed"
UNLABELLED = "issue #{number} lost the label {label}"
NOT_UNLABELLED = "the label {label} could not be looked for: {why}"
NOTHING_SET = "nothing had stopped it here"
GOES_ON = "the fleet goes on within 20 seconds"


@dataclass
class Moved:
    """What was done to the switch, and what could not be."""

    done: list[str] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)

    def show(self, *, last: str, code: int, as_json: bool) -> int:
        """Print it; answers the exit code."""
        if as_json:
            print(json.dumps(
                {"done": self.done, "not_done": self.not_done, "result": last}, indent=2
            ))  # fmt: skip
            return code
        for line in (*self.done, *self.not_done):
            print(line)
        print(f"gatefleet: {last}" if code else last, file=sys.stderr if code else sys.stdout)
        return code


def stop_now(state: Path, why: str, *, as_json: bool) -> int:
    """Stop what can be reached, and print what was done. Answers the exit code."""
    quiet()
    moved = Moved()
    _write_file(state, why or NO_REASON, moved)
    asyncio.run(_label(state, why or NO_REASON, moved, SystemClock()))
    code = 0 if moved.done else 1
    last = WHEN if moved.done else NOT_STOPPED.format(label=STOP_LABEL)
    return moved.show(last=last, code=code, as_json=as_json)


def resume_now(state: Path, *, as_json: bool) -> int:
    """Take away what can be reached, and print what was done. Answers the exit code."""
    quiet()
    moved = Moved()
    _remove_file(state, moved)
    asyncio.run(_unlabel(state, moved, SystemClock()))
    if moved.not_done:
        last = moved.not_done.pop()
        return moved.show(last=last, code=1, as_json=as_json)
    return moved.show(last=GOES_ON if moved.done else NOTHING_SET, code=0, as_json=as_json)


def _stop_file(state: Path) -> Path:
    return state / "fleet" / "gatekeeper" / STOP_FILE


def _write_file(state: Path, why: str, moved: Moved) -> None:
    path = _stop_file(state)
    if not path.parent.is_dir():
        moved.not_done.append(NO_FOLDER.format(folder=path.parent))
        return
    if path.exists():  # who stopped it first keeps the word
        moved.done.append(WROTE_ALREADY.format(path=path))
        return
    try:
        path.write_text(f"{why}\n", encoding="utf-8")
        moved.done.append(WROTE.format(path=path))
    except OSError as error:
        moved.not_done.append(NOT_WRITTEN.format(path=path, why=error.strerror))


def _remove_file(state: Path, moved: Moved) -> None:
    path = _stop_file(state)
    if not path.exists():
        return
    try:
        said = " ".join(path.read_text(encoding="utf-8", errors="replace").split())[:200]
        path.unlink()
        moved.done.append(REMOVED.format(path=path, why=said or NO_REASON))
    except OSError as error:
        moved.not_done.append(NOT_REMOVED.format(path=path, why=error.strerror))


async def _label(state: Path, why: str, moved: Moved, clock: Clock) -> None:
    try:
        async with at_forge(state, "stop", clock) as here:
            for issue in await here.hand.open_issues(label=STOP_LABEL):
                line = LABELLED_ALREADY.format(number=issue.number, label=STOP_LABEL)
                moved.done.append(line)
                return
            moved.done.append(await _open_stop(here, why))
    except GatefleetError as error:
        moved.not_done.append(NOT_LABELLED.format(why=error))


async def _open_stop(here: Here, why: str) -> str:
    with suppress(GatefleetError):  # who may not make labels may still set one that is there
        await here.hand.ensure_label(STOP_LABEL, color=LABEL_COLOR, description=LABEL_WORDS)
    body = BODY.format(why=why, label=STOP_LABEL)
    made = await here.hand.open_labelled(title=TITLE, body=body, label=STOP_LABEL)
    return LABELLED.format(number=made.number, label=STOP_LABEL, repo=here.facts.repo)


async def _unlabel(state: Path, moved: Moved, clock: Clock) -> None:
    try:
        async with at_forge(state, "resume", clock) as here:
            for issue in await here.hand.open_issues(label=STOP_LABEL):
                if issue.title == TITLE:
                    await here.hand.close_issue(issue.number)
                    moved.done.append(CLOSED.format(number=issue.number))
                    continue
                await here.hand.take_label_off(issue.number, STOP_LABEL)
                line = UNLABELLED.format(number=issue.number, label=STOP_LABEL)
                moved.done.append(line)
    except GatefleetError as error:
        moved.not_done.append(NOT_UNLABELLED.format(label=STOP_LABEL, why=error))
