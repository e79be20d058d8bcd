"""One supervised run of the policy's tests on one tree, in a folder of its own.

Command, interpreter and time limit are the policy's, which was read from the base: nothing in the
tree that is tested can change how it is tested (I-26, C4).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from shared.checkers import NotRun, TestRun, run_tests
from shared.git.export import Exported, export
from shared.policy import Policy
from shared.sandbox import Sandbox
from shared.workspaces.setting_up import set_up


@dataclass(frozen=True)
class Tested:
    """What the run said, and what was exported for it."""

    __test__: ClassVar[bool] = False

    run: TestRun | NotRun
    exported: Exported


async def tested(
    git_dir: Path, treeish: str, folder: Path, *, policy: Policy, sandbox: Sandbox
) -> Tested:
    """Export a commit or tree to `folder`, set it up, run the tests there."""
    exported = await export(git_dir, treeish, folder)
    if (why := await set_up(sandbox, folder, policy)) is not None:
        return Tested(NotRun("failed", why), exported)
    test = policy.test
    run = await run_tests(
        sandbox,
        folder,
        command=test.command.run,
        timeout=test.timeout,
        python=test.python,
        junit=test.junit,
    )
    return Tested(run, exported)
