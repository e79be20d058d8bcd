"""The service on our own bus: its test passes where a stranger would put it, and it runs on a broker."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from shared.messages import read, wire
from shared.messages.custom import CustomEvent
from shared.messages.examples import example as catalogue_example
from shared.messages.work import IssueParked
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import sealed
from tests.examples.running import FOLDER, Example
from tests.examples.watching import watched
from tests.packages.wheel import run


def test_its_test_passes_in_a_folder_of_its_own(tmp_path: Path) -> None:
    for name in ("escalation.py", "test_escalation.py"):
        shutil.copy(FOLDER / name, tmp_path)
    said = run([sys.executable, "-m", "pytest", "-q", "test_escalation.py"], tmp_path)
    assert "2 passed" in said


async def test_it_runs_on_a_broker(example: Callable[..., Example], amqp_vhost: str) -> None:
    parked = catalogue_example(IssueParked.topic).model_copy(update={"until": None})
    asked = sealed(parked, sender="scheduler")
    async with watched(amqp_vhost, "custom.#") as box:
        running = example("escalation", amqp_vhost)
        await running.hears(amqp_vhost, "escalation.work.issue.parked.v1")
        await Rabbit(amqp_vhost).inject(asked)
        said = await box.get()
    envelope = wire.envelope(said.body, said.info())
    event = read(envelope.topic, envelope.body)
    assert isinstance(event, CustomEvent)
    assert (envelope.sender, envelope.causation) == ("escalation", asked.id)
    assert event.name == "help.wanted"
