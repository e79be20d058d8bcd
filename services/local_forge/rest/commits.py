"""Commits, and what lies between two of them."""

from services.local_forge.problems import Unknown
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.commits import commit_json, file_json
from services.local_forge.tables import Repository

_REPO = "/repos/{owner}/{repo}"


async def resolved(call: Call, repo: Repository, name: str) -> str:
    """The commit that a branch, a tag or a SHA means; 404 if none."""
    sha = await call.forge.repositories.git(repo).resolve(name)
    if sha is None:
        raise Unknown(f"No commit found for SHA: {name}")
    return sha


async def one(call: Call) -> Answer:
    """A commit, with the files it changes against its first parent."""
    repo, links = call.repo(), call.links
    git = call.forge.repositories.git(repo)
    sha = await resolved(call, repo, call.params["ref"])
    commit = await git.commit(sha)
    files = await git.changed_files(commit.parents[0], sha) if commit.parents else []
    shown = commit_json(commit, repo, links, accounts=call.by_email())
    stats = {
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "total": sum(file.changes for file in files),
    }
    listed = [file_json(file, repo, links, head=sha) for file in files]
    return Answer({**shown, "stats": stats, "files": listed})


async def compare(call: Call) -> Answer:
    """`base...head`: the commits and files that the head has since their merge base."""
    repo, links = call.repo(), call.links
    git = call.forge.repositories.git(repo)
    left, dots, right = call.params["basehead"].partition("...")
    if not dots:
        raise Unknown
    base, head = await resolved(call, repo, left), await resolved(call, repo, right)
    start = await git.merge_base(base, head)
    if start is None:
        raise Unknown(f"No common ancestor between {left} and {right}.")
    ahead, behind = await git.commits(base, head), await git.commits(head, base)
    files = await git.changed_files(base, head)
    word = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    accounts = call.by_email()
    both = [await git.commit(base), await git.commit(start)]
    shown = [commit_json(commit, repo, links, accounts=accounts) for commit in both]
    return Answer(
        {
            "url": f"{links.api(repo, 'compare')}/{left}...{right}",
            "status": word.get((bool(ahead), bool(behind)), "diverged"),
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "base_commit": shown[0],
            "merge_base_commit": shown[1],
            "commits": [commit_json(one, repo, links, accounts=accounts) for one in ahead],
            "files": [file_json(file, repo, links, head=head) for file in files],
        }
    )


OPERATIONS = (
    Operation("GET", f"{_REPO}/compare/{{basehead:path}}", compare),
    Operation("GET", f"{_REPO}/commits/{{ref:path}}", one),
)
