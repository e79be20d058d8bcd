"""Entries of a timeline as GitHub's JSON: each kind has its own form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.local_forge.shape.issues import comment_json, issue_json
from services.local_forge.shape.links import Links
from services.local_forge.shape.people import Json, app_json, maybe_user, moment, user_json
from services.local_forge.shape.reviews import review_json
from services.local_forge.tables import Account, Comment, Event, Issue, Review


@dataclass(frozen=True, slots=True)
class Sources:
    """The rows that entries point to."""

    links: Links
    issue: Issue
    comments: Mapping[int, Comment]
    reviews: Mapping[int, Review]
    accounts: Mapping[int, Account]
    find: Callable[[int], Issue | None]


def event_json(event: Event, sources: Sources) -> Json:
    """One entry."""
    special = {"commented": _commented, "reviewed": _reviewed, "committed": _committed}
    shape = special.get(event.kind, _plain)
    return shape(event, sources)


def _base(event: Event, sources: Sources) -> Json:
    repo, links = sources.issue.repository, sources.links
    return {
        "id": event.id,
        "node_id": f"EV_{event.id}",
        "url": links.api(repo, "issues", "events", event.id),
        "event": event.kind,
        "actor": user_json(event.actor, links),
        "created_at": moment(event.created_at),
        "performed_via_github_app": app_json(event.app, links),
    }


def _plain(event: Event, sources: Sources) -> Json:
    links, repo, detail = sources.links, sources.issue.repository, dict(event.detail)
    commit = detail.pop("commit_id", None)
    url = None if commit is None else links.api(repo, "commits", commit)
    shown = {**_base(event, sources), "commit_id": commit, "commit_url": url}
    if event.kind == "cross-referenced":
        source = sources.find(detail["source_number"])
        issue = None if source is None else issue_json(source, links)
        return {**_base(event, sources), "source": {"type": "issue", "issue": issue}}
    if event.kind == "review_requested":
        asked = maybe_user(sources.accounts.get(detail["requested"]), links)
        return {**shown, "review_requester": shown["actor"], "requested_reviewer": asked}
    if event.kind == "review_dismissed":
        dismissed = {"state": "approved", "review_id": detail["review_id"]}
        return {**shown, "dismissed_review": {**dismissed, "dismissal_message": None}}
    return {**shown, **detail}


def _commented(event: Event, sources: Sources) -> Json:
    comment = sources.comments[event.detail["comment_id"]]
    shown = comment_json(comment, sources.links)
    return {**shown, "event": "commented", "actor": shown["user"]}


def _reviewed(event: Event, sources: Sources) -> Json:
    review = sources.reviews[event.detail["review_id"]]
    shown = review_json(review, sources.issue, sources.links)
    return {
        **shown,
        "event": "reviewed",
        "state": review.state.lower(),
        "actor": shown["user"],
        "created_at": shown["submitted_at"],
        "performed_via_github_app": app_json(event.app, sources.links),
    }


def _committed(event: Event, sources: Sources) -> Json:
    """A commit of a pull request: as on GitHub without id, actor and time of its own."""
    repo, links, detail = sources.issue.repository, sources.links, event.detail
    return {
        "event": "committed",
        "sha": detail["sha"],
        "node_id": f"C_{detail['sha']}",
        "url": links.api(repo, "git/commits", detail["sha"]),
        "html_url": links.page(repo, "commit", detail["sha"]),
        "author": detail["author"],
        "committer": detail["committer"],
        "message": detail["message"].rstrip("\n"),
        "tree": {"sha": detail["tree"], "url": links.api(repo, "git/trees", detail["tree"])},
        "parents": [
            {"sha": sha, "url": links.api(repo, "commits", sha)} for sha in detail["parents"]
        ],
    }
