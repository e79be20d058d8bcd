"""Which control groups are made, from what is mounted."""

from pathlib import Path

from shared.sandbox.cgroups import find_cgroups


def mounts(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "mounts"
    file.write_text("".join(f"{line} rw,relatime 0 0\n" for line in lines))
    return file


def test_i50_version_2_holds_memory_swap_and_processes_in_one_group(tmp_path: Path) -> None:
    root = tmp_path / "unified"
    root.mkdir()
    (root / "cgroup.subtree_control").write_text("cpu memory pids\n")
    listed = mounts(tmp_path, "proc /proc proc", f"cgroup2 {root} cgroup2")

    (group,) = find_cgroups(1000, 7, mounts=listed)

    assert group.folder == f"{root}/gatefleet-{{pid}}"
    assert group.events == "memory.events"
    assert [(name, value) for name, value, _ in group.write] == [
        ("memory.max", "1000"),
        ("memory.swap.max", "0"),
        ("memory.oom.group", "1"),
        ("pids.max", "7"),
    ]


def test_i50_version_1_takes_two_groups(tmp_path: Path) -> None:
    file = tmp_path / "mounts"
    for name in ("memory", "pids"):
        (tmp_path / name).mkdir()
    file.write_text(
        f"cgroup {tmp_path}/memory cgroup rw,relatime,memory 0 0\n"
        f"cgroup {tmp_path}/pids cgroup rw,relatime,pids 0 0\n"
    )

    groups = find_cgroups(1000, 7, mounts=file)

    assert [(group.write[0][:2], group.events) for group in groups] == [
        (("memory.limit_in_bytes", "1000"), "memory.oom_control"),
        (("pids.max", "7"), ""),
    ]


def test_half_of_what_is_needed_is_none(tmp_path: Path) -> None:
    root = tmp_path / "unified"
    root.mkdir()
    (root / "cgroup.subtree_control").write_text("memory\n")
    listed = mounts(tmp_path, f"cgroup2 {root} cgroup2", f"cgroup {root} cgroup")

    assert find_cgroups(1000, 7, mounts=listed) == ()


def test_a_machine_without_mounts_has_none(tmp_path: Path) -> None:
    assert find_cgroups(1000, 7, mounts=tmp_path / "missing") == ()
