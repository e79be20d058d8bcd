"""One instance of an agent: a store, a scratch folder and a holder of its own."""

from pathlib import Path

import pytest

from shared.agents import AgentSettings, Tools, assemble, real_tools
from shared.bus import MemoryBus
from shared.clock import FakeClock, SystemClock
from shared.messages import Repo
from shared.runtime.settings import read_settings, settings_config
from shared.sandbox.process import ProcessSandbox

REPO = Repo(owner="octo", name="hello", id="1")


class Settings(AgentSettings):
    """An agent's own."""

    model_config = settings_config("GATEFLEET_QA_AGENT_")


def settings(folder: Path, **environment: str) -> Settings:
    given = {f"GATEFLEET_QA_AGENT_{name.upper()}": text for name, text in environment.items()}
    return read_settings(Settings, {"GATEFLEET_STATE": str(folder), **given})


@pytest.mark.parametrize(
    ("instance", "own", "holder"),
    [("1", "qa-agent", "qa-agent:1"), ("b", "qa-agent-b", "qa-agent:b")],
)
def test_every_instance_has_a_store_and_a_scratch_folder_of_its_own(
    tmp_path: Path, instance: str, own: str, holder: str
) -> None:
    clock = FakeClock()
    tools = Tools(lambda _: pytest.fail("not asked"), ProcessSandbox(clock), tmp_path / "scratch")

    agent = assemble(
        "qa-agent", settings(tmp_path, instance=instance), MemoryBus(clock).driver(), clock,
        tools=tools,
    )  # fmt: skip

    assert (agent.holder, agent.tools.scratch) == (holder, tmp_path / "scratch" / own)
    assert agent.tools.sandbox is tools.sandbox
    assert agent.service.name == "qa-agent"


async def test_the_tools_of_this_machine_are_below_the_instances_folder(tmp_path: Path) -> None:
    given = settings(tmp_path, sandbox="process", git_url="https://git.example/", token="s3cret")

    tools = await real_tools(Tools, "qa-agent", given, SystemClock())

    own = tmp_path / "qa-agent" / "1"
    assert tools.sandbox.name == "process"
    assert tools.scratch == own / "scratch"
    assert tools.mirror(REPO).git_dir == own / "mirrors" / "octo__hello.git"
    assert "s3cret" not in repr(given)
