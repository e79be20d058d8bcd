"""An issue's story for its page: the timeline with its comments and reviews, oldest first.

Neighbouring entries that one person made within a minute and that read alike (labels, commits)
become one line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from services.local_forge.domain.forge import Forge
from services.local_forge.tables import Comment, Event, Issue, Review

TOGETHER = timedelta(minutes=1)

ADDED_LABEL, REMOVED_LABEL = "added", "removed"
PUSHED = "pushed"
RENAMED = "changed the title from “{old}” to “{new}”"
CLOSED, DECLINED, CLOSED_BY = "closed this", "declined this", "closed this by merging"
WORDS = {
    "reopened": "reopened this",
    "locked": "locked this conversation",
    "merged": "merged this",
    "head_ref_deleted": "deleted the branch",
    "head_ref_force_pushed": "force-pushed the branch",
    "review_requested": "asked for a review by {asked}",
    "review_dismissed": "dismissed an approval: the branch moved since",
    "cross-referenced": "mentioned this in",
}
_MARKS = {
    "labeled": "#",
    "unlabeled": "#",
    "committed": "●",
    "closed": "✕",
    "merged": "⇣",
    "reopened": "↻",
    "renamed": "✎",
}
REVIEWED = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "asked for changes",
    "COMMENTED": "reviewed",
    "DISMISSED": "approved, before the branch moved",
}


@dataclass(frozen=True)
class Commit:
    """A commit in a line of the story."""

    sha: str
    title: str


@dataclass(frozen=True)
class Entry:
    """One entry: a comment, a review or a line about what happened."""

    kind: Literal["comment", "review", "line"]
    who: str
    when: datetime
    mark: str = "·"
    words: str = ""
    more: str = ""
    labels: tuple[Mapping[str, Any], ...] = ()
    commits: tuple[Commit, ...] = ()
    number: int | None = None
    comment: Comment | None = None
    edited: bool = False
    review: Review | None = None


def story_of(forge: Forge, issue: Issue) -> list[Entry]:
    """Every entry of the issue's story."""
    comments = {comment.id: comment for comment in forge.comments.of(issue)}
    reviews = {review.id: review for review in forge.reviews.of(issue)} if issue.pull else {}
    entries: list[Entry] = []
    for event in forge.timeline.of(issue):
        if issue.pull and event.kind == "closed" and event.detail.get("commit_id"):
            continue  # "merged" stands right before it and says the same
        entry = _entry(forge, event, comments, reviews)
        if entry is None:
            continue
        joined = _joined(entries[-1], entry) if entries else None
        if joined is None:
            entries.append(entry)
        else:
            entries[-1] = joined
    return entries


def _entry(
    forge: Forge, event: Event, comments: Mapping[int, Comment], reviews: Mapping[int, Review]
) -> Entry | None:
    who, when, detail = event.actor.login, event.created_at, event.detail
    if event.kind == "commented":
        comment = comments.get(detail.get("comment_id", 0))
        if comment is None:
            return None
        edited = bool(forge.edits.of_comment(comment))
        return Entry("comment", who, when, comment=comment, edited=edited)
    if event.kind == "reviewed":
        review = reviews.get(detail.get("review_id", 0))
        if review is None:
            return None
        return Entry("review", who, when, words=REVIEWED[review.state], review=review)
    return _line(forge, event, Entry("line", who, when, mark=_MARKS.get(event.kind, "·")))


def _line(forge: Forge, event: Event, line: Entry) -> Entry:
    detail = event.detail
    match event.kind:
        case "labeled" | "unlabeled":
            words = ADDED_LABEL if event.kind == "labeled" else REMOVED_LABEL
            return replace(line, words=words, labels=(detail["label"],))
        case "committed":
            title = str(detail.get("message", "")).split("\n", 1)[0]
            return replace(line, words=PUSHED, commits=(Commit(detail["sha"], title),))
        case "renamed":
            old, new = detail["rename"]["from"], detail["rename"]["to"]
            return replace(line, words=RENAMED.format(old=old, new=new))
        case "closed":
            return _closed(detail, line)
        case "merged":
            return replace(line, words=WORDS["merged"], commits=_one(detail.get("commit_id")))
        case "cross-referenced":
            number = detail.get("source_number")
            return replace(line, words=WORDS["cross-referenced"], number=number)
        case "review_requested":
            asked = forge.accounts.by_id(detail["requested"]).login
            return replace(line, words=WORDS["review_requested"].format(asked=asked))
    return replace(line, words=WORDS.get(event.kind, event.kind.replace("_", " ")))


def _closed(detail: Mapping[str, Any], line: Entry) -> Entry:
    if detail.get("commit_id"):
        return replace(line, words=CLOSED_BY, commits=_one(detail["commit_id"]))
    return replace(line, words=DECLINED if detail.get("state_reason") == "not_planned" else CLOSED)


def _one(sha: str | None) -> tuple[Commit, ...]:
    return (Commit(sha, ""),) if sha else ()


def _joined(last: Entry, entry: Entry) -> Entry | None:
    """The two as one line, if they read alike and are close together."""
    alike = (last.kind, last.who, last.words) == (entry.kind, entry.who, entry.words)
    if entry.kind != "line" or not alike or entry.when - last.when > TOGETHER:
        return None
    if not (entry.labels or entry.commits):
        return None
    labels: Sequence[Mapping[str, Any]] = (*last.labels, *entry.labels)
    return replace(last, labels=tuple(labels), commits=(*last.commits, *entry.commits))
