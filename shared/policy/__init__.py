"""The repository's own policy: `.gatefleet.yml` on the default branch, typed.

Pure: text in, policy out. Whoever calls reads the file at the base SHA, never from a pull request.
"""

from shared.policy.commands import CommandLine
from shared.policy.judging import RequiredCheck
from shared.policy.model import Policy
from shared.policy.reading import FILE, TEXT_LIMIT_BYTES, digest, dump, load, parse
from shared.policy.schedule import Schedule, Slot, due, slots, upcoming
from shared.policy.triggers import FieldSchema, Trigger, mismatches
from shared.policy.working import BUNDLE_HARD_CAP_BYTES, Engine

__all__ = [
    "BUNDLE_HARD_CAP_BYTES",
    "FILE",
    "TEXT_LIMIT_BYTES",
    "CommandLine",
    "Engine",
    "FieldSchema",
    "Policy",
    "RequiredCheck",
    "Schedule",
    "Slot",
    "Trigger",
    "digest",
    "due",
    "dump",
    "load",
    "mismatches",
    "parse",
    "slots",
    "upcoming",
]
