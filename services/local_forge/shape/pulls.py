"""Pull requests as GitHub's JSON."""

from services.local_forge.shape.issues import label_json
from services.local_forge.shape.links import Links
from services.local_forge.shape.people import (
    Json,
    association,
    maybe_user,
    moment,
    repository_json,
    user_json,
)
from services.local_forge.tables import Issue, Pull


def branch_json(issue: Issue, links: Links, *, ref: str, sha: str) -> Json:
    """`head` or `base`: both are always in the repository itself."""
    repo = issue.repository
    return {
        "label": f"{repo.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user_json(repo.owner, links),
        "repo": repository_json(repo, links),
    }


def pull_of(issue: Issue) -> Pull:
    """The pull request's own part; only called for pull requests."""
    assert issue.pull is not None
    return issue.pull


def short_pull_json(issue: Issue, links: Links) -> Json:
    """A pull request as the list has it."""
    pull, repo = pull_of(issue), issue.repository
    return {
        "id": issue.id,
        "node_id": f"PR_{issue.id}",
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "state": issue.state,
        "locked": issue.locked,
        "active_lock_reason": None,
        "draft": pull.draft,
        "user": user_json(issue.author, links),
        "author_association": association(repo, issue.author),
        "labels": [label_json(label, repo, links) for label in issue.labels],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "requested_reviewers": [user_json(account, links) for account in issue.asked],
        "requested_teams": [],
        "auto_merge": None,
        "created_at": moment(issue.created_at),
        "updated_at": moment(issue.updated_at),
        "closed_at": moment(issue.closed_at),
        "merged_at": moment(pull.merged_at),
        "merge_commit_sha": pull.merge_commit_sha,
        "head": branch_json(issue, links, ref=pull.head_ref, sha=pull.head_sha),
        "base": branch_json(issue, links, ref=pull.base_ref, sha=pull.base_sha),
        "url": links.api(repo, "pulls", issue.number),
        "html_url": links.issue_page(issue),
        "issue_url": links.api(repo, "issues", issue.number),
        "commits_url": links.api(repo, "pulls", issue.number, "commits"),
        "comments_url": links.api(repo, "issues", issue.number, "comments"),
        "review_comments_url": links.api(repo, "pulls", issue.number, "comments"),
        "statuses_url": links.api(repo, "statuses", pull.head_sha),
        "diff_url": f"{links.issue_page(issue)}.diff",
        "patch_url": f"{links.issue_page(issue)}.patch",
    }


def pull_json(issue: Issue, links: Links, *, mergeable: bool | None = None) -> Json:
    """A pull request whole; `mergeable` None means "not known yet", as right after a push."""
    pull = pull_of(issue)
    state = {None: "unknown", True: "clean", False: "dirty"}[mergeable]
    return {
        **short_pull_json(issue, links),
        "merged": pull.merged,
        "merged_by": maybe_user(pull.merged_by, links),
        "mergeable": mergeable,
        "mergeable_state": "draft" if pull.draft and mergeable else state,
        "rebaseable": None,
        "maintainer_can_modify": False,
        "comments": issue.comments,
        "review_comments": 0,
        "commits": pull.commits,
        "additions": pull.additions,
        "deletions": pull.deletions,
        "changed_files": pull.changed_files,
    }
