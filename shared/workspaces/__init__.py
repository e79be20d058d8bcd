"""Folders in which programs work that nobody trusts: fresh, set up by the policy, tested, removed."""

from shared.workspaces.missing import missing_parts
from shared.workspaces.naming import named, readable
from shared.workspaces.scratch import reap, remove, sweep, workspace
from shared.workspaces.setting_up import set_up
from shared.workspaces.testing import Tested, tested

__all__ = [
    "Tested",
    "missing_parts",
    "named",
    "readable",
    "reap",
    "remove",
    "set_up",
    "sweep",
    "tested",
    "workspace",
]
