"""System calls that no fixer, test runner or coding engine needs, and kernel exploits do.

The kernel is the one wall that a sandbox shares with the host, and these calls are its thin spots:
each has a history of bugs that gave root, and the namespaces do not stand before them. They answer
EPERM. Calls of another architecture (32-bit ones, x32) do too: their numbers would pass the list.
The filter is a classic BPF program, as bubblewrap's `--seccomp` reads it.
"""

import platform
import struct

_EPERM = 1
_ALLOW = 0x7FFF0000
_DENY = 0x00050000 | _EPERM
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCH_AT = 0, 4
_X32_FROM = 0x40000000

# Newer calls have one number everywhere: io_uring (3), the mount calls (6), mount_setattr.
_EVERYWHERE = (425, 426, 427, 428, 429, 430, 431, 432, 433, 442)
_DENIED: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            **{"acct": 163, "add_key": 248, "bpf": 321, "delete_module": 176},
            **{"finit_module": 313, "init_module": 175, "kexec_file_load": 320},
            **{"kexec_load": 246, "keyctl": 250, "mount": 165, "open_by_handle_at": 304},
            **{"perf_event_open": 298, "pivot_root": 155, "reboot": 169, "request_key": 249},
            **{"setns": 308, "swapon": 167, "umount2": 166, "unshare": 272, "userfaultfd": 323},
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            **{"acct": 89, "add_key": 217, "bpf": 280, "delete_module": 106},
            **{"finit_module": 273, "init_module": 105, "kexec_file_load": 294},
            **{"kexec_load": 104, "keyctl": 219, "mount": 40, "open_by_handle_at": 265},
            **{"perf_event_open": 241, "pivot_root": 41, "reboot": 142, "request_key": 218},
            **{"setns": 268, "swapon": 224, "umount2": 39, "unshare": 97, "userfaultfd": 282},
        },
    ),
}


def filter_program(machine: str | None = None) -> bytes | None:
    """The filter for `machine` (this one when not given); None for one whose numbers we lack."""
    known = _DENIED.get(machine or platform.machine())
    if known is None:
        return None
    arch, named = known
    numbers = sorted({*named.values(), *_EVERYWHERE})
    # Jumps count instructions to skip; the last two are "deny" and "allow", in this order.
    rest = len(numbers)
    program = [
        _instruction(_LOAD, value=_ARCH_AT),
        _instruction(_EQUAL, no=rest + 2, value=arch),
        _instruction(_LOAD, value=_NUMBER_AT),
        _instruction(_AT_LEAST, yes=rest, value=_X32_FROM),
    ]
    for index, number in enumerate(numbers):
        last = index == rest - 1
        program.append(
            _instruction(_EQUAL, yes=rest - 1 - index, no=1 if last else 0, value=number)
        )
    program += [_instruction(_RETURN, value=_DENY), _instruction(_RETURN, value=_ALLOW)]
    return b"".join(program)


def _instruction(code: int, *, yes: int = 0, no: int = 0, value: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
