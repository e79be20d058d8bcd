"""Coding engines: what changes the code. One file each, and the port they share."""

from shared.engines.command import CommandEngine
from shared.engines.port import Engine, EngineResult, Progress, Task, Usage

__all__ = ["CommandEngine", "Engine", "EngineResult", "Progress", "Task", "Usage"]
