"""Which body belongs to which event, and what a delivery asks to be looked at.

The event's name is not signed, the body is: a body that says something else than its name is refused.
Of the body only numbers, names and times are taken; what is there now is read from the forge.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, ValidationError

from services.github_ingest.looks import Look, What

PING = "ping"
MARKS = frozenset({
    "check_run", "check_suite", "comment", "commits", "context", "issue", "member", "pull_request",
    "repository_ruleset", "review", "rule", "thread", "zen",
})  # fmt: skip
"""Keys at the top of a body by which an event is known; each event has exactly its own."""

_HEADS = "refs/heads/"
_LONGEST_BRANCH = 250


class Misshapen(ValueError):
    """The body is not one of the event's; the text says what is wrong with it."""


class _Part(BaseModel):
    """A part of a body: tolerant of what it does not need."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Repository(_Part):
    id: StrictInt
    default_branch: str = ""


class _Installation(_Part):
    id: StrictInt


class _Numbered(_Part):
    number: StrictInt = Field(gt=0)
    updated_at: AwareDatetime | None = None
    pull_request: dict[str, Any] | None = None


class _Head(_Part):
    head_sha: str = Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")


class _Sender(_Part):
    """Whose an event is: what is read of events that nobody here acts on."""

    repository: _Repository | None = None
    installation: _Installation | None = None


class _Body(_Sender):
    """Everything that is read of the events below."""

    action: str | None = Field(default=None, pattern=r"^[a-z_]{1,40}$")
    issue: _Numbered | None = None
    pull_request: _Numbered | None = None
    check_run: _Head | None = None
    check_suite: _Head | None = None
    sha: str | None = Field(default=None, pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")
    ref: str | None = None


@dataclass(frozen=True)
class Understood:
    """A delivery whose event and body agree."""

    repository_id: int | None
    installation_id: int | None
    looks: tuple[Look, ...]
    """Empty: nothing that we speak of has changed."""


@dataclass(frozen=True)
class _Event:
    marks: frozenset[str]
    needs: tuple[str, ...]
    looks: Callable[[_Body], tuple[Look, ...]]
    actions: frozenset[str] | None = None
    """Those that change what we read; None: the event has no actions."""
    without: frozenset[str] = frozenset()
    """Further keys that tell it from another event with the same marks."""


def understand(event: str, body: Mapping[str, Any]) -> Understood:
    """What `body` asks for as `event`; an event nobody knows asks for nothing.

    Misshapen when the body is not one of that event's.
    """
    known = EVENTS.get(event)
    try:
        if known is None:
            return _understood(_Sender.model_validate(body), ())
        read = _Body.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Misshapen(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if MARKS & body.keys() != known.marks or known.without & body.keys():
        raise Misshapen(f"it is no body of {event}")
    missing = [name for name in known.needs if body.get(name) is None]
    if known.actions is not None and read.action is None:
        missing.append("action")
    if missing:
        raise Misshapen(f"{', '.join(missing)} missing")
    if known.actions is not None and read.action not in known.actions:
        return _understood(read, ())
    return _understood(read, known.looks(read))


def _understood(read: _Sender, looks: tuple[Look, ...]) -> Understood:
    repository = read.repository.id if read.repository else None
    return Understood(repository, read.installation.id if read.installation else None, looks)


def _look(what: What, key: object = "", least: datetime | None = None) -> Look:
    return Look(what=what, key=str(key), source="webhook", least=least)


def _issue(body: _Body) -> tuple[Look, ...]:
    found = body.issue
    if found is None:
        return ()
    what: What = "issue" if found.pull_request is None else "pull_request"
    return (_look(what, found.number, found.updated_at),)


def _pull_request(body: _Body) -> tuple[Look, ...]:
    found = body.pull_request
    return () if found is None else (_look("pull_request", found.number, found.updated_at),)


def _commit(body: _Body) -> tuple[Look, ...]:
    head = body.check_run or body.check_suite
    sha = head.head_sha if head else body.sha
    return (_look("commit", sha),) if sha else ()


def _push(body: _Body) -> tuple[Look, ...]:
    if body.ref is None or not body.ref.startswith(_HEADS):
        return ()
    branch = body.ref.removeprefix(_HEADS)
    is_default = body.repository is not None and body.repository.default_branch == branch
    looks = (_look("branch", branch),) if 0 < len(branch) <= _LONGEST_BRANCH else ()
    return (*looks, _look("repository")) if is_default or not looks else looks


def _repository(_body: _Body) -> tuple[Look, ...]:
    return (_look("repository"),)


def _nothing(_body: _Body) -> tuple[Look, ...]:
    return ()


_ISSUE_ACTIONS = frozenset({
    "opened", "edited", "deleted", "transferred", "closed", "reopened", "labeled", "unlabeled",
    "locked", "unlocked",
})  # fmt: skip
_PULL_ACTIONS = frozenset({
    "opened", "edited", "closed", "reopened", "labeled", "unlabeled", "synchronize",
    "converted_to_draft", "ready_for_review", "locked", "unlocked",
})  # fmt: skip
_CHANGED = frozenset({"created", "edited", "deleted"})
_HERE = ("repository",)

EVENTS: Mapping[str, _Event] = {
    PING: _Event(frozenset({"zen"}), ("hook_id",), _nothing),
    "issues": _Event(frozenset({"issue"}), (*_HERE, "issue"), _issue, _ISSUE_ACTIONS),
    "issue_comment": _Event(
        frozenset({"issue", "comment"}), (*_HERE, "issue", "comment"), _issue, _CHANGED
    ),
    "pull_request": _Event(
        frozenset({"pull_request"}), (*_HERE, "pull_request"), _pull_request, _PULL_ACTIONS
    ),
    "pull_request_review": _Event(
        frozenset({"pull_request", "review"}),
        (*_HERE, "pull_request", "review"),
        _pull_request,
        frozenset({"submitted", "edited", "dismissed"}),
    ),
    "check_run": _Event(
        frozenset({"check_run"}),
        (*_HERE, "check_run"),
        _commit,
        frozenset({"created", "completed", "rerequested"}),
    ),
    "check_suite": _Event(
        frozenset({"check_suite"}), (*_HERE, "check_suite"), _commit, frozenset({"completed"})
    ),
    "status": _Event(frozenset({"context"}), (*_HERE, "sha"), _commit),
    "push": _Event(frozenset({"commits"}), (*_HERE, "ref"), _push),
    "label": _Event(frozenset(), (*_HERE, "label"), _repository, _CHANGED),
    "repository": _Event(
        frozenset(),
        _HERE,
        _repository,
        frozenset({"edited", "renamed", "transferred"}),
        without=frozenset({"label"}),
    ),
    "branch_protection_rule": _Event(
        frozenset({"rule"}), (*_HERE, "rule"), _repository, _CHANGED
    ),
    "repository_ruleset": _Event(
        frozenset({"repository_ruleset"}), (*_HERE, "repository_ruleset"), _repository, _CHANGED
    ),
}  # fmt: skip
