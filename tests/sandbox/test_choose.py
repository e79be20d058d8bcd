"""The sandbox that is asked for, or none (I-49)."""

from pathlib import Path
from typing import cast

import pytest

from shared.clock import FakeClock
from shared.errors import BadInput, Missing
from shared.sandbox import Command, Finished, choose, self_test
from shared.sandbox.choose import Wanted
from shared.sandbox.process import ProcessSandbox
from tests.sandbox.conftest import need_bubblewrap

MEND = (
    "install bubblewrap (apt-get install bubblewrap), or ask for --sandbox process, "
    "which does not isolate"
)


def broken(folder: Path) -> str:
    """A bubblewrap that is there and does not work."""
    program = folder / "bwrap"
    program.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    return str(program)


async def test_auto_is_bubblewrap_where_it_holds() -> None:
    need_bubblewrap()

    sandbox = await choose("auto", process_allowed=True)

    assert sandbox.name == "bubblewrap"
    assert "no network" in sandbox.isolation


async def test_auto_is_process_only_where_that_is_allowed_and_it_says_what_is_not_held() -> None:
    sandbox = await choose("auto", process_allowed=True, bubblewrap_program="no-such-bwrap")

    assert sandbox.name == "process"
    assert "NOT isolated" in sandbox.isolation
    assert "no-such-bwrap is not on PATH" in sandbox.isolation


@pytest.mark.parametrize("wanted", ["auto", "bubblewrap"])
async def test_i49_no_bubblewrap_is_an_error_with_its_mend(wanted: Wanted) -> None:
    with pytest.raises(Missing) as caught:
        await choose(wanted, process_allowed=False, bubblewrap_program="no-such-bwrap")

    assert "no-such-bwrap is not on PATH" in str(caught.value)
    assert str(caught.value).endswith(MEND)


async def test_i49_a_bubblewrap_that_does_not_work_is_an_error_with_its_cause(
    tmp_path: Path,
) -> None:
    need_bubblewrap()

    with pytest.raises(Missing) as caught:
        await choose("auto", process_allowed=False, bubblewrap_program=broken(tmp_path))

    assert "No permissions to create new namespace" in str(caught.value)
    assert str(caught.value).endswith(MEND)


async def test_i49_bubblewrap_by_name_is_never_replaced(tmp_path: Path) -> None:
    need_bubblewrap()

    with pytest.raises(Missing):
        await choose("bubblewrap", process_allowed=True, bubblewrap_program=broken(tmp_path))


async def test_process_must_be_allowed_and_asked_for() -> None:
    assert (await choose("process", process_allowed=True)).name == "process"
    with pytest.raises(Missing, match="does not isolate"):
        await choose("process", process_allowed=False)


async def test_an_unknown_kind_is_bad_input_that_lists_the_valid_ones() -> None:
    with pytest.raises(BadInput, match="use auto, bubblewrap or process"):
        await choose(cast(Wanted, "docker"), process_allowed=True)


async def test_the_self_test_sees_through_a_sandbox_that_holds_nothing() -> None:
    findings = await self_test(ProcessSandbox(FakeClock()))

    held = {finding.area: finding.held for finding in findings}
    assert held.keys() == {"files", "network", "processes", "environment"}
    assert (held["files"], held["network"], held["processes"]) == (False, False, False)


async def test_the_self_test_does_not_believe_a_probe_that_says_nothing() -> None:
    class Silent(ProcessSandbox):
        async def run(self, command: Command) -> Finished:
            return Finished("exited", 0, b"", 0, 0.0)

    findings = await self_test(Silent(FakeClock()))

    assert [(finding.area, finding.held) for finding in findings] == [("start", False)]
