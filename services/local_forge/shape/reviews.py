"""Reviews and their comments on lines as GitHub's JSON."""

from services.local_forge.shape.links import Links
from services.local_forge.shape.people import Json, association, moment, user_json
from services.local_forge.tables import Issue, Review, ReviewComment


def review_json(review: Review, issue: Issue, links: Links) -> Json:
    """A review; `state` in upper case, as REST has it."""
    page = links.issue_page(issue)
    return {
        "id": review.id,
        "node_id": f"PRR_{review.id}",
        "user": user_json(review.author, links),
        "body": review.body,
        "state": review.state,
        "html_url": f"{page}#pullrequestreview-{review.id}",
        "pull_request_url": links.api(issue.repository, "pulls", issue.number),
        "author_association": association(issue.repository, review.author),
        "submitted_at": moment(review.submitted_at),
        "commit_id": review.commit_id,
    }


def review_comment_json(comment: ReviewComment, issue: Issue, links: Links) -> Json:
    """A comment on a line."""
    repo = issue.repository
    return {
        "id": comment.id,
        "node_id": f"PRRC_{comment.id}",
        "pull_request_review_id": comment.review_id,
        "path": comment.path,
        "line": comment.line,
        "side": comment.side,
        "body": comment.body,
        "commit_id": comment.commit_id,
        "original_commit_id": comment.commit_id,
        "user": user_json(comment.author, links),
        "author_association": association(repo, comment.author),
        "created_at": moment(comment.created_at),
        "updated_at": moment(comment.updated_at),
        "url": links.api(repo, "pulls", "comments", comment.id),
        "html_url": f"{links.issue_page(issue)}#discussion_r{comment.id}",
        "pull_request_url": links.api(repo, "pulls", issue.number),
    }
