"""Commits and files as GitHub's JSON."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from services.local_forge.git.facts import CommitInfo, FileChange, Signature
from services.local_forge.shape.links import Links
from services.local_forge.shape.people import Json, moment, user_json
from services.local_forge.tables import Account, Repository


def signature_json(who: Signature) -> Json:
    """Author or committer inside a commit."""
    return {"name": who.name, "email": who.email, "date": moment(who.date)}


def commit_json(
    commit: CommitInfo, repo: Repository, links: Links, *, accounts: Mapping[str, Account]
) -> Json:
    """A commit; `accounts` by the e-mail address that their commits carry."""
    author, committer = accounts.get(commit.author.email), accounts.get(commit.committer.email)
    return {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha}",
        "url": links.api(repo, "commits", commit.sha),
        "html_url": links.page(repo, "commit", commit.sha),
        "comments_url": links.api(repo, "commits", commit.sha, "comments"),
        "commit": {
            "author": signature_json(commit.author),
            "committer": signature_json(commit.committer),
            "message": commit.message.rstrip("\n"),
            "tree": {"sha": commit.tree, "url": links.api(repo, "git/trees", commit.tree)},
            "url": links.api(repo, "git/commits", commit.sha),
            "comment_count": 0,
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        },
        "author": None if author is None else user_json(author, links),
        "committer": None if committer is None else user_json(committer, links),
        "parents": [
            {
                "sha": parent,
                "url": links.api(repo, "commits", parent),
                "html_url": links.page(repo, "commit", parent),
            }
            for parent in commit.parents
        ],
    }


def file_json(file: FileChange, repo: Repository, links: Links, *, head: str) -> Json:
    """A changed file; `patch` and `previous_filename` only where there is one."""
    shown: Json = {
        "sha": file.sha,
        "filename": file.filename,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.changes,
        "blob_url": links.page(repo, "blob", head, file.filename),
        "raw_url": links.page(repo, "raw", head, file.filename),
        "contents_url": f"{links.api(repo, 'contents', file.filename)}?ref={quote(head)}",
    }
    if file.patch is not None:
        shown["patch"] = file.patch
    if file.previous_filename is not None:
        shown["previous_filename"] = file.previous_filename
    return shown


def pushed_json(
    commit: CommitInfo, repo: Repository, links: Links, *, files: Sequence[FileChange]
) -> Json:
    """A commit as a `push` webhook has it."""
    by_status = {
        kind: [file.filename for file in files if file.status == kind]
        for kind in ("added", "removed")
    }
    listed = {*by_status["added"], *by_status["removed"]}
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message.rstrip("\n"),
        "timestamp": commit.committer.date.isoformat(),
        "url": links.page(repo, "commit", commit.sha),
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
        **by_status,
        "modified": [file.filename for file in files if file.filename not in listed],
    }
