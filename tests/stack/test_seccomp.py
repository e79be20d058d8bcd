"""The profiles of compose/: what containers have, and for bubblewrap six calls more."""

import json
from pathlib import Path

HERE = Path(__file__).parents[2] / "compose"
PLAIN = json.loads((HERE / "seccomp.json").read_text())
PROFILE = json.loads((HERE / "seccomp-sandbox.json").read_text())
NAMESPACES = 0x7E020000
"""The flags of clone that make a namespace."""
ADDED = {"clone", "mount", "pivot_root", "sethostname", "umount2", "unshare"}
DANGEROUS = {
    "acct", "add_key", "bpf", "chroot", "clock_settime", "delete_module", "finit_module", "fsmount",
    "fsopen", "init_module", "io_uring_setup", "ioperm", "iopl", "kexec_file_load", "kexec_load",
    "keyctl", "mount_setattr", "move_mount", "open_by_handle_at", "open_tree", "perf_event_open",
    "process_vm_readv", "process_vm_writev", "ptrace", "quotactl", "reboot", "request_key", "setns",
    "settimeofday", "swapoff", "swapon", "syslog", "userfaultfd", "vhangup",
}  # fmt: skip


def test_what_is_not_named_is_refused_on_known_processors_only() -> None:
    assert (PROFILE["defaultAction"], PROFILE["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 1)
    assert all(each["subArchitectures"] == [] for each in PROFILE["archMap"])


def test_who_runs_nothing_that_is_untrusted_has_the_same_without_namespaces() -> None:
    *shared, added = PROFILE["syscalls"]
    *plain, clone = PLAIN["syscalls"]
    without = {key: each for key, each in PROFILE.items() if key != "syscalls"}

    assert {key: each for key, each in PLAIN.items() if key != "syscalls"} == without
    assert plain == shared
    assert set(added["names"]) == ADDED
    assert (clone["names"], clone["action"]) == (["clone"], "SCMP_ACT_ALLOW")
    assert clone["args"] == [
        {"index": 0, "value": NAMESPACES, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    ]


def test_six_calls_are_added_and_nothing_else_that_is_dangerous() -> None:
    *rules, added = PROFILE["syscalls"]
    plain = {
        name
        for rule in rules
        if rule["action"] == "SCMP_ACT_ALLOW" and "args" not in rule
        for name in rule["names"]
    }

    assert set(added["names"]) == ADDED
    assert plain & (DANGEROUS | ADDED) == set()
    assert not DANGEROUS & {
        name for rule in PROFILE["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW"
        for name in rule["names"]
    }  # fmt: skip
