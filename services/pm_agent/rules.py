"""What a linter's rules mean to people: a name for the title, and what leaving it costs."""

from typing import NamedTuple


class Meaning(NamedTuple):
    """`name` fits "Mend … in `file`"; `cost` is a sentence without its full stop."""

    name: str
    cost: str


OTHER = Meaning("{rule} findings", "the repository's own linter settings ask for it")

_MEANINGS = {
    "invalid-syntax": Meaning("syntax errors", "the file cannot be imported at all"),
    "B006": Meaning(
        "mutable defaults", "one call's changes to a default are seen by the next call"
    ),
    "B904": Meaning("hidden causes", "the error that came first is lost from the traceback"),
    "B": Meaning("likely mistakes", "it is written in a way that is known to hide mistakes"),
    "C4": Meaning("roundabout comprehensions", "it builds a collection that nobody needs"),
    "D": Meaning("docstrings", "readers have to find out from the code what it is for"),
    "E402": Meaning("late imports", "what a file needs is not seen at its top"),
    "E501": Meaning("long lines", "they are hard to read side by side in a review"),
    "E711": Meaning("comparisons to None", "`==` asks the object, which may answer anything"),
    "E712": Meaning("comparisons to True", "`==` is not what decides whether a value is true"),
    "E722": Meaning("bare excepts", "it also swallows Ctrl-C and typing mistakes"),
    "E": Meaning("style errors", "it makes changes harder to read"),
    "F401": Meaning(
        "unused imports",
        "they are loaded at every start and mislead about what the file depends on",
    ),
    "F541": Meaning("f-strings without a value", "the reader looks for a value that is not there"),
    "F632": Meaning(
        "comparisons by identity",
        "`is` asks whether it is the same object: equal texts or numbers come out as different",
    ),
    "F811": Meaning("redefinitions", "the first definition can never be used"),
    "F821": Meaning("undefined names", "the line fails with a NameError when it is reached"),
    "F841": Meaning(
        "unused variables", "either the value is useless work, or its use was forgotten"
    ),
    "F": Meaning("mistakes", "it does something else than it seems to, or nothing"),
    "I": Meaning("unsorted imports", "two people's added imports collide for no reason"),
    "N": Meaning("names", "readers take it for another kind of thing"),
    "PT": Meaning("test style", "a test says less than it could when it fails"),
    "RUF": Meaning("likely mistakes", "it is written in a way that is known to hide mistakes"),
    "S": Meaning("security findings", "it may be open to misuse; a person should look"),
    "SIM": Meaning("roundabout code", "it takes longer to read than what it does"),
    "UP": Meaning("outdated forms", "newer Python says the same more clearly and often faster"),
    "W": Meaning("stray whitespace", "it shows up as noise in later changes"),
}

_SERIOUS = ("invalid-syntax", "B", "E7", "E9", "F", "PLE", "S")
_HARMLESS = ("SIM",)


def meaning(rule: str) -> Meaning:
    """What a rule is about: its own entry, else that of the longest known beginning."""
    for length in range(len(rule), 0, -1):
        start = rule[:length]
        # `B` must not speak for `BLE001`: a beginning counts up to the digits, or inside them.
        if start in _MEANINGS and (length == len(rule) or not rule[length].isalpha()):
            return _MEANINGS[start]
    return Meaning(OTHER.name.format(rule=rule), OTHER.cost)


def serious(rule: str) -> bool:
    """Whether it is about what the code does, not only about how it reads."""
    return rule.startswith(_SERIOUS) and not rule.startswith(_HARMLESS)
