"""What `gatefleet messages` prints: every message, or one with its fields, schema and example."""

import inspect
import json
from collections.abc import Iterator, Sequence

from rich.text import Text

from services.cli.page import Page
from services.cli.publishing.checking import topic
from shared.bus.described import field_words, type_words
from shared.bus.documents import default_words, heard_by, said_by
from shared.bus.party import Party
from shared.messages import CATALOGUE, Message, said_when
from shared.messages.examples import example

WHO = "said by {said}; heard by {heard}"
ONE = "`gatefleet messages TOPIC` tells of one: fields, JSON schema, example"
FIELDS, SCHEMA, EXAMPLE = "Fields", "JSON schema", "Example"
FIELD = "{name}: {kind}{default}{words}"
DEFAULT, WORDS = " ({default})", " — {words}"


def show(name: str | None, parties: Sequence[Party], *, as_json: bool) -> None:
    """Print the catalogue, or one of it. BadInput for a topic that is not there."""
    kind = _kind(name) if name is not None else None
    if as_json:
        found: object = (
            [_row(each, parties) for each in CATALOGUE.values()]
            if kind is None
            else _row(kind, parties) | _details(kind)
        )
        print(json.dumps(found, indent=2))
        return
    page = Page()
    if kind is None:
        for each in CATALOGUE.values():
            _head(page, each, parties)
        page.line(ONE, style="dim")
    else:
        _whole(page, kind, parties)
    page.show()


def _kind(name: str) -> type[Message]:
    return CATALOGUE[name] if name in CATALOGUE else topic(name).kind


def _row(kind: type[Message], parties: Sequence[Party]) -> dict[str, object]:
    return {
        "topic": kind.topic, "name": kind.__name__, "sent": said_when(kind),
        "said_by": said_by(kind, parties), "heard_by": heard_by(kind, parties),
    }  # fmt: skip


def _details(kind: type[Message]) -> dict[str, object]:
    return {
        "schema": kind.model_json_schema(),
        "example": example(kind.topic).model_dump(mode="json", exclude_defaults=True),
    }


def _head(page: Page, kind: type[Message], parties: Sequence[Party]) -> None:
    who = WHO.format(said=said_by(kind, parties), heard=heard_by(kind, parties))
    page.add(Text(kind.topic, style="bold", no_wrap=True, overflow="ignore"))
    page.line(f"  {said_when(kind)}")
    page.line(f"  {who}", style="dim")


def _whole(page: Page, kind: type[Message], parties: Sequence[Party]) -> None:
    who = WHO.format(said=said_by(kind, parties), heard=heard_by(kind, parties))
    page.add(Text(kind.topic, style="bold", no_wrap=True, overflow="ignore"))
    page.line(inspect.cleandoc(kind.__doc__ or ""))
    page.line(who, style="dim")
    for title, lines in (
        (FIELDS, _fields(kind)),
        (SCHEMA, _json(kind.model_json_schema())),
        (EXAMPLE, _json(example(kind.topic).model_dump(mode="json", exclude_defaults=True))),
    ):
        page.add("", Text(title, style="bold"))
        for line in lines:
            page.write(f"  {line}")


def _fields(kind: type[Message]) -> Iterator[str]:
    words = field_words(kind)
    for name, field in kind.model_fields.items():
        default, said = default_words(field).strip("`"), words[name]
        yield FIELD.format(
            name=name, kind=type_words(field.annotation).replace("`", ""),
            default=DEFAULT.format(default=default) if default else "",
            words=WORDS.format(words=said) if said else "",
        )  # fmt: skip


def _json(value: object) -> list[str]:
    return json.dumps(value, indent=2, ensure_ascii=False).splitlines()
