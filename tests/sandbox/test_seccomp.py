"""The system call filter, run as the kernel runs it (C2)."""

import struct
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.sandbox import Command
from shared.sandbox.bubblewrap import Bubblewrap
from shared.sandbox.seccomp import filter_program
from tests.sandbox.conftest import LONG, need_bubblewrap

_X86_64, _I386, _AARCH64, _ARM = 0xC000003E, 0x40000003, 0xC00000B7, 0x40000028
_ALLOW, _EPERM = 0x7FFF0000, 0x00050001


def verdict(program: bytes, arch: int, number: int) -> int:
    """What the filter returns for one system call."""
    code = list(struct.iter_unpack("=HBBI", program))
    loaded, at = 0, 0
    while True:
        operation, yes, no, value = code[at]
        at += 1
        if operation == 0x06:
            return int(value)
        if operation == 0x20:
            loaded = {0: number, 4: arch}[value]
        else:
            taken = loaded == value if operation == 0x15 else loaded >= value
            at += yes if taken else no


@pytest.mark.parametrize(
    ("machine", "arch", "denied", "allowed"),
    [
        (
            "x86_64",
            _X86_64,
            {"add_key": 248, "bpf": 321, "setns": 308, "acct": 163},
            (0, 1, 59, 317),
        ),
        (
            "aarch64",
            _AARCH64,
            {"keyctl": 219, "bpf": 280, "mount": 40, "unshare": 97},
            (63, 64, 221),
        ),
    ],
)
def test_c2_dangerous_calls_are_refused_and_others_are_not(
    machine: str, arch: int, denied: dict[str, int], allowed: tuple[int, ...]
) -> None:
    program = filter_program(machine)
    assert program is not None

    assert {verdict(program, arch, number) for number in denied.values()} == {_EPERM}
    assert {verdict(program, arch, number) for number in range(425, 434)} == {_EPERM}
    assert {verdict(program, arch, number) for number in allowed} == {_ALLOW}


def test_c2_calls_of_another_architecture_are_refused() -> None:
    intel, arm = filter_program("x86_64"), filter_program("aarch64")
    assert intel is not None
    assert arm is not None

    assert verdict(intel, _I386, 1) == _EPERM
    assert verdict(intel, _X86_64, 0x40000001) == _EPERM
    assert verdict(arm, _ARM, 1) == _EPERM


def test_a_machine_whose_numbers_are_unknown_has_no_filter() -> None:
    assert filter_program("riscv64") is None


async def test_c2_the_filter_is_on_in_the_sandbox(workspace: Path) -> None:
    need_bubblewrap()
    if filter_program() is None:
        pytest.skip("no system call filter for this machine's architecture")
    command = Command(("grep", "Seccomp:", "/proc/self/status"), workspace, timeout=LONG)

    finished = await Bubblewrap(SystemClock()).run(command)

    assert finished.output == b"Seccomp:\t2\n"
