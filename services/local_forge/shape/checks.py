"""Statuses and check runs as GitHub's JSON."""

from collections.abc import Sequence

from services.local_forge.shape.links import Links
from services.local_forge.shape.people import Json, app_json, moment, repository_json, user_json
from services.local_forge.tables import CheckRun, Repository, Status


def status_json(status: Status, repo: Repository, links: Links) -> Json:
    """One status of a commit."""
    return {
        "id": status.id,
        "node_id": f"SC_{status.id}",
        "url": links.api(repo, "statuses", status.sha),
        "avatar_url": "",
        "state": status.state,
        "description": status.description,
        "target_url": status.target_url,
        "context": status.context,
        "creator": user_json(status.creator, links),
        "created_at": moment(status.created_at),
        "updated_at": moment(status.created_at),
    }


def combined_json(
    state: str, latest: Sequence[Status], repo: Repository, *, sha: str, links: Links
) -> Json:
    """The combined status of a commit: the newest of each context."""
    return {
        "state": state,
        "sha": sha,
        "total_count": len(latest),
        "statuses": [status_json(status, repo, links) for status in latest],
        "repository": repository_json(repo, links),
        "commit_url": links.api(repo, "commits", sha),
        "url": links.api(repo, "commits", sha, "status"),
    }


def check_json(check: CheckRun, repo: Repository, links: Links) -> Json:
    """A check run."""
    output = {"title": None, "summary": None, "text": None, **check.output}
    return {
        "id": check.id,
        "node_id": f"CR_{check.id}",
        "name": check.name,
        "head_sha": check.head_sha,
        "external_id": check.external_id,
        "status": check.status,
        "conclusion": check.conclusion,
        "started_at": moment(check.started_at),
        "completed_at": moment(check.completed_at),
        "details_url": check.details_url,
        "output": {
            **output,
            "annotations_count": 0,
            "annotations_url": links.api(repo, "check-runs", check.id, "annotations"),
        },
        "check_suite": None,
        "app": app_json(check.app, links),
        "pull_requests": [],
        "url": links.api(repo, "check-runs", check.id),
        "html_url": links.page(repo, "runs", check.id),
    }
