"""A policy's ways in and out: text in, typed policy out; whole in a message; one digest.

text ──parse──▶ Policy ──dump──▶ dict (in a message) ──load──▶ Policy
                  └──digest──▶ sha256
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from shared.errors import BadInput
from shared.policy.complaints import problems, sentences
from shared.policy.model import Policy
from shared.policy.yaml_tree import Problem, Tree, read

FILE = ".gatefleet.yml"
TEXT_LIMIT_BYTES = 64 * 1024

TOO_LARGE = "is larger than 64 KiB ({size} bytes); shorten it"
NOT_UTF8 = "is not UTF-8 text (byte {at}); save it as UTF-8"
NOT_A_MAPPING = "is not a mapping of sections; write lines such as `size:` with keys below them"


def parse(text: str | bytes | None, *, source: str = FILE) -> Policy:
    """The policy that `text` says; None (there is no file) and an empty text are all defaults.

    BadInput when it says anything else than a policy: one line for each error, all at once, each
    naming `source`, the line, the key and what to write instead.
    """
    if text is None:
        return Policy()
    plain, wrong = _plain(text)
    if wrong:
        raise BadInput(f"{source}: {wrong}")
    tree = read(plain)
    if tree.value is not None and not isinstance(tree.value, dict) and not tree.problems:
        tree.problems.append(Problem((), tree.line(()), NOT_A_MAPPING))
    value = tree.value if isinstance(tree.value, dict) else {}
    return _validated(value, tree, source)


def load(value: Mapping[str, Any], *, source: str = "policy") -> Policy:
    """The policy that `dump` wrote; BadInput, as `parse`'s, when it is no such thing."""
    return _validated(dict(value), Tree(), source)


def dump(policy: Policy) -> dict[str, Any]:
    """The whole effective policy as JSON values: every field, defaults included."""
    return policy.model_dump(mode="json")


def digest(policy: Policy) -> str:
    """64 hex digits: sha256 over the canonical JSON of the effective policy.

    Two files that mean the same (order of keys, comments, defaults written out, "60s" and "1m")
    have the same digest.
    """
    text = json.dumps(dump(policy), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(text: str | bytes) -> tuple[str, str]:
    """The text, or what is wrong with it before anyone reads it."""
    if isinstance(text, bytes):
        if len(text) > TEXT_LIMIT_BYTES:
            return "", TOO_LARGE.format(size=len(text))
        try:
            return text.decode("utf-8-sig"), ""
        except UnicodeDecodeError as error:
            return "", NOT_UTF8.format(at=error.start)
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > TEXT_LIMIT_BYTES:
        return "", TOO_LARGE.format(size=size)
    return text.removeprefix("\ufeff"), ""


def _validated(value: dict[str, Any], tree: Tree, source: str) -> Policy:
    found = list(tree.problems)
    policy = None
    try:
        policy = Policy.model_validate(_frozen(value))
    except ValidationError as error:
        found += problems(error.errors(include_url=False), Policy, tree)
    if policy is None or found:
        raise BadInput(sentences(found, source))
    return policy


def _frozen(value: object) -> object:
    """Lists as tuples: the models are strict, and what is frozen holds no lists."""
    if isinstance(value, dict):
        return {key: _frozen(below) for key, below in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
