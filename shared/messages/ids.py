"""Computed ids: the same inputs give the same id, so that a rebuilt database finds the same ones."""

import hashlib
import json
from collections.abc import Iterable
from uuid import UUID, uuid5

from shared.messages.base import Message, Repo

_SPACE = uuid5(UUID(int=0), "gatefleet")
_LATER = ("again", "approval", "at", "remembers_since", "stopped")
"""Fields that came to messages after these were published."""


def _named(kind: str, *parts: object) -> UUID:
    """uuid5 over a JSON list, so that field boundaries cannot be shifted."""
    return uuid5(_SPACE, json.dumps([kind, *map(str, parts)]))


def approval_id(repo_id: str, issue_node_id: str, digest: str, source: str) -> UUID:
    """Of the digest D and the approving comment or timeline event (`comment:7`, `label:9`)."""
    return _named("approval", repo_id, issue_node_id, digest, source)


def implementation_run(approval: UUID, retry: str = "") -> UUID:
    """Of an approval and, if any, the `retry` command that asks once more."""
    return _named("implementation", approval, retry)


def revision_run(approval: UUID, head: str, cause: str) -> UUID:
    """Of an approval, the head to mend and the id of what asks for it."""
    return _named("revision", approval, head, cause)


def review_run(repo_id: str, pull_request: int, head: str, tip: str, policy_digest: str) -> UUID:
    """Of what a verdict binds to."""
    return _named("review", repo_id, pull_request, head, tip, policy_digest)


def proposals_run(repo_id: str, asked_by: str) -> UUID:
    """Of the schedule slot (ISO time) or the id of the message that asks."""
    return _named("proposals", repo_id, asked_by)


def proposal_id(repo_id: str, tool: str, rule: str, paths: Iterable[str]) -> UUID:
    """Fingerprint of a finding."""
    return _named("proposal", repo_id, tool, rule, *sorted(paths))


def returned_id(proposal: UUID, issue: int) -> UUID:
    """Of a finding that came back after `issue`, which proposed to mend it, was merged."""
    return _named("returned", proposal, issue)


def content_id(topic: str, repo_id: str, content: Message) -> UUID:
    """Of the object and its content, not of who saw it: repeats by any way are one message."""
    body = content.model_dump(mode="json", exclude={"source", "seen_at", "so_far"})
    for later in _LATER:  # where it says nothing, the id is the one from before there was the field
        if not body.get(later):
            body.pop(later, None)
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return _named("content", topic, repo_id, digest)


def said_id(cause: UUID | str, topic: str, position: int) -> UUID:
    """Of the message or job that led to it: a repeated handling says the same ids."""
    return _named("said", cause, topic, position)


def slug(repo: Repo) -> str:
    """A file-system-safe name of a repository."""
    return f"{repo.owner}__{repo.name}"
