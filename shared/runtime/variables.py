"""What a program reads from its environment, as text for a terminal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import fill

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.bus.described import field_words, type_words
from shared.bus.documents import default_words
from shared.runtime.settings import FOR_ALL, SHARED

USAGE = "usage: python -m {module} [--help]"
PREFACE = "It takes no arguments and reads these variables:"
VARIABLE = "{names} ({kind}, {default})"
OR_FOR_ALL = "{own}, else {for_all}"
OR_FILE = "{own} or {own}_FILE"
REQUIRED, OPTIONAL, DEFAULT = "required", "optional", "default {default}"
CALCULATED: Mapping[str, str] = {
    "state": "$XDG_STATE_HOME/gatefleet, else ~/.local/state/gatefleet",
}
"""Defaults that are worked out when the program starts."""

_WIDTH, _INDENT = 88, "    "


@dataclass(frozen=True)
class Variables:
    """The class that holds them, and how their names begin."""

    kind: type[BaseModel]
    prefix: str

    @property
    def module(self) -> str:
        """The program that reads them, as `python -m` takes it."""
        return self.kind.__module__.rpartition(".")[0]


def help_text(about: str, variables: Variables) -> str:
    """Usage, what the program is, and every variable with its default and meaning."""
    blocks = [USAGE.format(module=variables.module), about.strip(), PREFACE]
    return "\n\n".join([*blocks, "\n".join(_lines(variables))])


def _lines(variables: Variables) -> Iterator[str]:
    words = field_words(variables.kind)
    for name, field in variables.kind.model_fields.items():
        kind = type_words(field.annotation)
        yield VARIABLE.format(
            names=_names(variables.prefix, name, kind), kind=kind, default=_default(name, field)
        )
        if words[name]:
            yield fill(
                words[name], _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT,
                break_on_hyphens=False,
            )  # fmt: skip


def _names(prefix: str, name: str, kind: str) -> str:
    own = f"{prefix}{name.upper()}"
    if name in SHARED:
        return OR_FOR_ALL.format(own=own, for_all=f"{FOR_ALL}{name.upper()}")
    return OR_FILE.format(own=own) if "secret" in kind else own


def _default(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return REQUIRED
    if field.default_factory is not None:
        return DEFAULT.format(default=CALCULATED.get(name, "calculated"))
    words = default_words(field).strip("`")
    return DEFAULT.format(default=words) if words else OPTIONAL
