"""The approval digest D: what binds an approval to the exact text that an agent will read."""

import hashlib
import json
from collections.abc import Sequence

from shared.messages.base import Repo
from shared.messages.content import Snapshot, SnapshotComment
from shared.messages.objects import Comment, Issue
from shared.snapshot.sanitise import SANITISER, Kind, in_words, sanitise

_VERSION = 1


def digest(
    repo_id: str,
    issue_node_id: str,
    *,
    title: str,
    body: str,
    comments: Sequence[SnapshotComment] = (),
) -> str:
    """64 hex digits over the text as given; the order of `comments` does not matter.

    Canonical JSON keeps the fields apart: moving a word from the title to the body changes it. An
    author counts by numeric id, because a login can be given to somebody else.
    """
    content = {
        "v": _VERSION,
        "repo_id": repo_id,
        "issue_node_id": issue_node_id,
        "title": title,
        "body": body,
        "comments": sorted([c.id, c.author_id, c.body] for c in comments),
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def take(repo: Repo, issue: Issue, comments: Sequence[Comment]) -> Snapshot:
    """What an agent reads of `issue` with exactly these `comments`, frozen with its digest."""
    counts: dict[str, int] = {}

    def clean(text: str, kind: Kind) -> str:
        result = sanitise(text, kind)
        for name, number in result.counts:
            counts[name] = counts.get(name, 0) + number
        return result.text

    title, body = clean(issue.title, "title"), clean(issue.body, "body")
    ordered = sorted(comments, key=lambda comment: comment.id)
    read = tuple(_comment(c, clean(c.body, "comment")) for c in ordered)
    raw = tuple(_comment(c, c.body) for c in ordered)
    return Snapshot(
        title=title,
        body=body,
        comments=read,
        digest=digest(repo.id, issue.node_id, title=title, body=body, comments=read),
        raw_digest=digest(repo.id, issue.node_id, title=issue.title, body=issue.body, comments=raw),
        sanitiser=SANITISER,
        removed=in_words(counts),
    )


def _comment(comment: Comment, body: str) -> SnapshotComment:
    return SnapshotComment(
        id=comment.id, author_id=comment.author.id, author=comment.author.login, body=body
    )
