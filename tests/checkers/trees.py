"""Small trees to check, a sandbox for them, and one whose answer is written beforehand."""

from dataclasses import dataclass, field
from pathlib import Path

from shared.clock import SystemClock
from shared.sandbox import Command, Finished, Sandbox
from shared.sandbox.process import ProcessSandbox


def write(folder: Path, files: dict[str, str]) -> Path:
    """A folder with these files in it."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


def sandbox() -> Sandbox:
    """A real one. These trees are our own, so that nothing has to be held."""
    return ProcessSandbox(SystemClock())


@dataclass
class Scripted:
    """A sandbox that runs nothing: it leaves `files` in the workspace and answers `finished`."""

    finished: Finished
    files: dict[str, str] = field(default_factory=dict)
    ran: list[Command] = field(default_factory=list)
    name: str = "scripted"
    isolation: str = "runs nothing"

    def path(self, workspace: Path) -> str:
        """As the isolating sandbox calls it."""
        return "/workspace"

    async def run(self, command: Command) -> Finished:
        """The answer."""
        self.ran.append(command)
        write(command.workspace, self.files)
        return self.finished
