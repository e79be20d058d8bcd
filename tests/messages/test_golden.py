"""Golden messages: what was published stays readable, and is said the same again."""

import json
from pathlib import Path

import pytest

from shared.errors import BadInput
from shared.messages import CATALOGUE, of_topic, read
from shared.messages.examples import example, examples
from tests.messages.write_golden import FOLDER, golden, main, text, write

FILES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("topic", sorted(examples()))
def test_every_topic_has_its_golden_message(topic: str) -> None:
    assert golden(FOLDER, topic).is_file(), f"run: python -m tests.messages.write_golden {topic}"


@pytest.mark.parametrize("pattern", sorted(CATALOGUE))
def test_every_message_of_the_catalogue_has_an_example(pattern: str) -> None:
    assert type(example(pattern)) is CATALOGUE[pattern]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_message_reads_and_is_written_the_same_again(path: Path) -> None:
    body = path.read_bytes()
    message = read(path.stem, body)
    assert type(message) is of_topic(path.stem)
    # Unset: a field that came later, with a default. All that was published is still said.
    assert json.loads(message.model_dump_json(exclude_unset=True)) == json.loads(body)
    assert message == type(message).model_validate_json(message.model_dump_json())


def test_a_topic_without_an_example_is_named() -> None:
    with pytest.raises(BadInput, match=r"gate\.nothing\.v1: has no example"):
        example("gate.nothing.v1")


def test_a_golden_message_is_never_written_over(tmp_path: Path) -> None:
    path = write(tmp_path, "gate.fleet.stopped.v1")
    before = path.read_text()
    with pytest.raises(BadInput, match="never edited"):
        write(tmp_path, "gate.fleet.stopped.v1")
    assert path.read_text() == before == text(example("gate.fleet.stopped.v1"))


def test_the_command_refuses_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main([]), main(["gate.nothing.v1"])) == (2, 2)
    said = capsys.readouterr().err
    assert "usage:" in said
    assert "gate.nothing.v1: has no example; the topics are custom.sentry.alert.v1" in said
