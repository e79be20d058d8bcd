"""What a request body may hold: closed predicates over decoded JSON, built from small ones."""

import json
import re
from collections.abc import Callable, Mapping

Allowed = Callable[[object], bool]

FLEET_BRANCH = re.compile(r"gatefleet/issue-[1-9][0-9]{0,9}/[a-z0-9-]{1,40}")
FLEET_CHECK = re.compile(r"gatefleet/[a-z0-9-]{1,60}")
SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_COLOR = re.compile(r"[0-9a-fA-F]{6}")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def decode(content: bytes) -> object:
    """JSON in which no key is given twice: the last one would win here, the first one there.

    Raises ValueError for anything else.
    """

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key is given twice")
        return found

    return json.loads(content.decode("utf-8"), object_pairs_hook=once)


def nothing(value: object) -> bool:
    """No body at all."""
    return value is None


def text(value: object) -> bool:
    """A string."""
    return isinstance(value, str)


def number(value: object) -> bool:
    """A positive integer."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def words(value: object) -> bool:
    """A text for people: not empty, and not a command to another bot."""
    return isinstance(value, str) and bool(value.strip()) and not value.lstrip().startswith("/")


def exactly(*values: str) -> Allowed:
    """One of these strings."""
    return lambda value: isinstance(value, str) and value in values


def like(pattern: re.Pattern[str]) -> Allowed:
    """A string that the pattern matches whole."""
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def listing(item: Allowed, *, most: int) -> Allowed:
    """A list of at most `most`, each as `item` says."""
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(item, value))


def fields(needed: Mapping[str, Allowed], extra: Mapping[str, Allowed] | None = None) -> Allowed:
    """An object with all of `needed`, any of `extra`, and nothing else."""
    known = {**needed, **(extra or {})}

    def allowed(value: object) -> bool:
        if not isinstance(value, dict) or not needed.keys() <= value.keys() <= known.keys():
            return False
        return all(known[key](item) for key, item in value.items())

    return allowed


def some_of(extra: Mapping[str, Allowed]) -> Allowed:
    """An object with at least one of `extra`, and nothing else."""
    closed = fields({}, extra)
    return lambda value: bool(value) and closed(value)


def labels_but(forbidden: frozenset[str]) -> Allowed:
    """A list of label names without the forbidden ones; the forge ignores the case of a label."""
    folded = {name.casefold() for name in forbidden}

    def one(value: object) -> bool:
        return (
            isinstance(value, str)
            and value.strip() == value != ""
            and value.casefold() not in folded
        )

    return listing(one, most=20)


ISSUE_CLOSE = fields({"state": exactly("closed"), "state_reason": exactly("not_planned")})
"""Declined by a person; "completed" is said by the merge alone."""


def _one_of(*choices: Allowed) -> Allowed:
    return lambda value: any(choice(value) for choice in choices)


ISSUE_CHANGE = _one_of(some_of({"title": text, "body": text}), ISSUE_CLOSE)
PERSONS_COMMENT = fields({"body": text})
"""What a person says with their own token may be a command."""
PULL_CHANGE = some_of({"title": text, "body": text, "state": exactly("closed")})
PULL_REQUEST = fields({"head": like(FLEET_BRANCH), "base": text, "title": text, "body": text})
COMMENT = fields({"body": words})
LABEL = fields({"name": text, "color": like(_COLOR), "description": text})
REVIEWERS = fields({"reviewers": listing(like(_LOGIN), most=1)})
REVIEW = fields(
    {"event": exactly("COMMENT"), "commit_id": like(SHA), "body": words},
    {
        "comments": listing(
            fields({"path": text, "line": number, "side": exactly("RIGHT"), "body": words}),
            most=100,
        )
    },
)
_VERDICT = {
    "status": exactly("in_progress", "completed"),
    "output": fields({"title": text, "summary": text}),
}
_CONCLUSION = {"conclusion": exactly("success", "failure")}
CHECK_RUN = fields(
    {"name": like(FLEET_CHECK), "head_sha": like(SHA), "external_id": text, **_VERDICT},
    _CONCLUSION,
)
CHECK_RUN_CHANGE = fields(_VERDICT, _CONCLUSION)
STATUS = fields(
    {
        "state": exactly("pending", "success", "failure"),
        "context": like(FLEET_CHECK),
        "description": text,
    }
)


def issue(forbidden_labels: frozenset[str]) -> Allowed:
    """A new issue without the labels that only people put on."""
    return fields({"title": text, "body": text, "labels": labels_but(forbidden_labels)})


def new_labels(forbidden_labels: frozenset[str]) -> Allowed:
    """Labels to put on, without those that only people put on."""
    return fields({"labels": labels_but(forbidden_labels)})


def only_labels(labels: frozenset[str]) -> Allowed:
    """Labels to put on, of these alone."""
    return fields({"labels": listing(exactly(*labels), most=len(labels))})


def issue_with(labels: frozenset[str]) -> Allowed:
    """A new issue with these labels alone."""
    given = listing(exactly(*labels), most=len(labels))
    return fields({"title": text, "body": text, "labels": given})


def fixed_query(query: str, *, name: str, owner: str, repository: str) -> Allowed:
    """Exactly one GraphQL text, on exactly one repository; only the number varies."""
    return fields(
        {
            "query": exactly(query),
            "operationName": exactly(name),
            "variables": fields(
                {"owner": exactly(owner), "name": exactly(repository), "number": number}
            ),
        }
    )
