"""Where programs that are not trusted run: bubblewrap, or a plain process where that is allowed."""

from shared.sandbox.choose import choose
from shared.sandbox.port import Command, Finished, Sandbox
from shared.sandbox.selftest import Finding, self_test
from shared.sandbox.tools import python_tool, tool_environment

__all__ = [
    "Command",
    "Finding",
    "Finished",
    "Sandbox",
    "choose",
    "python_tool",
    "self_test",
    "tool_environment",
]
