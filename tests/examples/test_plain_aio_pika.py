"""The notifier knows the AsyncAPI document and nothing else, and the bus understands what it says."""

import ast
from collections.abc import Callable, Sequence

import pytest
from yarl import URL

from shared.messages import Message, read, wire
from shared.messages.custom import CustomEvent
from shared.messages.examples import example as catalogue_example
from shared.messages.gate import IssuePresented, PullRequestEvaluated
from tests.architecture.sources import ROOT
from tests.bus.rabbit import Rabbit, ctl
from tests.bus.worlds import sealed
from tests.docs.test_writing_a_service import rights
from tests.examples.running import FOLDER, Example
from tests.examples.watching import watched

DOCUMENT = str(ROOT / "docs/asyncapi.json")
QUEUES = ("notifier.gate.issue.presented.v1", "notifier.gate.pull_request.evaluated.v1")
TOLD = [
    "octo/hello#7: read the text and decide whether an agent may work on it",
    "octo/hello: pull request 8 of #7 is ready to merge",
]


def facts() -> Sequence[Message]:
    """What it hears: the text of an issue, gate 2 closed, gate 2 open."""
    judged = catalogue_example(PullRequestEvaluated.topic)
    return (
        catalogue_example(IssuePresented.topic),
        judged.model_copy(update={"open": False}),
        judged.model_copy(update={"open": True}),
    )


async def test_it_tells_people_and_says_so(
    example: Callable[..., Example], amqp_vhost: str
) -> None:
    async with watched(amqp_vhost, "custom.#") as box:
        running = example("plain_aio_pika", DOCUMENT, amqp_vhost)
        await running.hears(amqp_vhost, *QUEUES)
        heard = [sealed(fact) for fact in facts()]
        for each in (*heard, heard[0]):
            await Rabbit(amqp_vhost).inject(each)
        said = [await box.get() for _ in range(3)]
        assert sorted(await running.lines(3)) == sorted([*TOLD, TOLD[0]])
        envelopes = [wire.envelope(each.body, each.info()) for each in said]
        assert {each.causation for each in envelopes} == {heard[0].id, heard[2].id}
        assert (
            len({each.id for each in envelopes}) == 2
        )  # told twice, it is one event for everybody
        for each in envelopes:
            event = read(each.topic, each.body)
            assert isinstance(event, CustomEvent)
            assert (each.topic, each.sender, event.data["line"] in TOLD) == (
                "custom.notifier.told.v1", "notifier", True,
            )  # fmt: skip


async def test_what_is_no_message_of_the_document_is_parked(
    example: Callable[..., Example], amqp_vhost: str
) -> None:
    async with watched(amqp_vhost):
        await example("plain_aio_pika", DOCUMENT, amqp_vhost).hears(amqp_vhost, *QUEUES)
        poison = sealed(facts()[0], body=b'{"surprise": 1}')
        await Rabbit(amqp_vhost).inject(poison)
        assert await Rabbit(amqp_vhost).take_parked(1) == [b'{"surprise": 1}']


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("plain_aio_pika", {"aio_pika", "jsonschema"}),
        ("faststream_pm_agent", {"aio_pika", "faststream", "gatefleet_messages"}),
    ],
)
def test_an_example_imports_what_a_stranger_has(name: str, allowed: set[str]) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    modules = {each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)}
    modules |= {
        alias.name
        for each in ast.walk(tree)
        if isinstance(each, ast.Import)
        for alias in each.names
    }
    standard = {
        "asyncio", "collections", "dataclasses", "datetime", "json", "pathlib", "re", "sys",
        "typing", "urllib", "uuid",
    }  # fmt: skip
    assert {module.partition(".")[0] for module in modules} - standard == allowed


async def test_with_the_rights_of_the_page_it_does_the_same(
    example: Callable[..., Example], amqp_vhost: str
) -> None:
    name, commands = rights(URL(amqp_vhost).path.lstrip("/"))
    try:
        for command in commands:
            await ctl(*command)
        own = str(URL(amqp_vhost).with_user(name).with_password("SECRET"))
        async with watched(amqp_vhost, "custom.#") as box:
            await example("plain_aio_pika", DOCUMENT, own).hears(amqp_vhost, *QUEUES)
            await Rabbit(amqp_vhost).inject(sealed(facts()[0]))
            assert (await box.get()).user_id == name
    finally:
        await ctl("delete_user", name)
