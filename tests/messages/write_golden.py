"""`python -m tests.messages.write_golden TOPIC`: write a topic's golden message, once for ever.

A golden message is how a version of a topic looked when it was published. It is never edited: a
change that no longer reads it needs a new version beside the old one.
"""

import sys
from pathlib import Path

from shared.errors import BadInput
from shared.messages import Message
from shared.messages.examples import examples

FOLDER = Path(__file__).parent / "golden"

USAGE = "usage: python -m tests.messages.write_golden TOPIC"
NO_TOPIC = "{topic}: has no example; the topics are {topics}"
THERE = "{path}: is there already, and golden messages are never edited; publish a new version"
WRITTEN = "{path}: written"


def golden(folder: Path, topic: str) -> Path:
    """Where a topic's golden message is."""
    return folder / f"{topic}.json"


def text(message: Message) -> str:
    """A message as its golden file holds it."""
    return message.model_dump_json(indent=2) + "\n"


def write(folder: Path, topic: str) -> Path:
    """Write the golden message of a concrete topic. BadInput when there is one, or no example."""
    known = examples()
    if topic not in known:
        raise BadInput(NO_TOPIC.format(topic=topic, topics=", ".join(sorted(known))))
    path = golden(folder, topic)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text(known[topic]))
    except FileExistsError:
        raise BadInput(THERE.format(path=path)) from None
    return path


def main(arguments: list[str]) -> int:
    """0 when written, 2 otherwise."""
    if len(arguments) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        print(WRITTEN.format(path=write(FOLDER, arguments[0])))
    except BadInput as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
