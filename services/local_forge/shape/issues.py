"""Issues, labels and comments as GitHub's JSON."""

from services.local_forge.shape.links import Links
from services.local_forge.shape.people import (
    Json,
    app_json,
    association,
    maybe_user,
    moment,
    user_json,
)
from services.local_forge.tables import Comment, Issue, Label, Repository


def label_json(label: Label, repo: Repository, links: Links) -> Json:
    """A label."""
    return {
        "id": label.id,
        "node_id": f"LA_{label.id}",
        "url": links.api(repo, "labels", label.name),
        "name": label.name,
        "color": label.color,
        "default": False,
        "description": label.description,
    }


def issue_json(issue: Issue, links: Links) -> Json:
    """An issue; a pull request seen as one has the key `pull_request`."""
    repo = issue.repository
    shown = {
        "id": issue.id,
        "node_id": f"{'I' if issue.pull is None else 'PR'}_{issue.id}",
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "state": issue.state,
        "state_reason": issue.state_reason,
        "locked": issue.locked,
        "active_lock_reason": None,
        "user": user_json(issue.author, links),
        "author_association": association(repo, issue.author),
        "labels": [label_json(label, repo, links) for label in issue.labels],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": issue.comments,
        "created_at": moment(issue.created_at),
        "updated_at": moment(issue.updated_at),
        "closed_at": moment(issue.closed_at),
        "closed_by": maybe_user(issue.closed_by, links),
        "performed_via_github_app": app_json(issue.app, links),
        **_addresses(issue, links),
    }
    if issue.pull is None:
        return shown
    pull = {
        "url": links.api(repo, "pulls", issue.number),
        "html_url": links.issue_page(issue),
        "merged_at": moment(issue.pull.merged_at),
    }
    return {**shown, "draft": issue.pull.draft, "pull_request": pull}


def _addresses(issue: Issue, links: Links) -> Json:
    repo, number = issue.repository, issue.number
    return {
        "url": links.api(repo, "issues", number),
        "repository_url": links.api(repo),
        "comments_url": links.api(repo, "issues", number, "comments"),
        "events_url": links.api(repo, "issues", number, "events"),
        "labels_url": links.api(repo, "issues", number, "labels") + "{/name}",
        "timeline_url": links.api(repo, "issues", number, "timeline"),
        "html_url": links.issue_page(issue),
    }


def comment_json(comment: Comment, links: Links) -> Json:
    """A comment of a conversation."""
    repo = comment.issue.repository
    return {
        "id": comment.id,
        "node_id": f"IC_{comment.id}",
        "url": links.api(repo, "issues", "comments", comment.id),
        "html_url": f"{links.issue_page(comment.issue)}#issuecomment-{comment.id}",
        "issue_url": links.api(repo, "issues", comment.issue.number),
        "body": comment.body,
        "user": user_json(comment.author, links),
        "author_association": association(repo, comment.author),
        "created_at": moment(comment.created_at),
        "updated_at": moment(comment.updated_at),
        "performed_via_github_app": app_json(comment.app, links),
    }
