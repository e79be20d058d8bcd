"""The list of repositories, a repository's overview, and one commit."""

from starlette.responses import Response

from services.local_forge.domain.forge import Forge
from services.local_forge.pages.attention import attention, opened_with_verdicts
from services.local_forge.pages.files import shown_files
from services.local_forge.pages.markdown import render_markdown
from services.local_forge.pages.site import Ask, tally
from services.local_forge.problems import Unknown
from services.local_forge.tables import Repository

SHOWN_ISSUES = 8
SHOWN_COMMITS = 10
README_NAMES = ("README.md", "readme.md", "README", "README.txt")
MAX_README_BYTES = 256 * 1024


async def show_home(ask: Ask) -> Response:
    """Every repository that the visitor may read, with what waits there."""
    rows = []
    for repo in ask.forge.repositories.all():
        if _readable(ask, repo):
            opened, verdicts = await opened_with_verdicts(ask.forge, repo)
            asks = attention(f"/{repo.full_name}", opened=opened, verdicts=verdicts)
            rows.append({"repo": repo, "tally": tally(ask.forge, repo), "asks": asks})
    return ask.page("home.html", rows=rows)


async def show_repository(ask: Ask) -> Response:
    """What waits, open issues and pull requests, recent commits and the README."""
    repo = ask.repo()
    home = f"/{repo.full_name}"
    opened, verdicts = await opened_with_verdicts(ask.forge, repo)
    git = ask.forge.repositories.git(repo)
    tip = await git.head(repo.default_branch)
    name, text = await _readme(ask.forge, repo, tip)
    return ask.in_repository(
        "repository.html",
        repo,
        place="home",
        asks=attention(home, opened=opened, verdicts=verdicts),
        issues=[issue for issue in opened if issue.pull is None][:SHOWN_ISSUES],
        pulls=[issue for issue in opened if issue.pull is not None][:SHOWN_ISSUES],
        verdicts=verdicts,
        commits=await git.log(tip, limit=SHOWN_COMMITS) if tip else [],
        clone=str(ask.request.url.replace(path=f"{home}.git", query="")),
        readme=render_markdown(text, home=home) if text else None,
        readme_name=name,
    )


async def show_commit(ask: Ask) -> Response:
    """One commit: its message and its changes against its first parent."""
    repo = ask.repo()
    git = ask.forge.repositories.git(repo)
    sha = await git.resolve(ask.request.path_params["sha"])
    if sha is None:
        raise Unknown
    commit = await git.commit(sha)
    changes = await git.changes_of(commit)
    return ask.in_repository(
        "commit.html",
        repo,
        place="home",
        commit=commit,
        text=commit.message.partition("\n")[2].strip(),
        files=shown_files(changes, [], head=sha),
        markdown=render_markdown,
    )


def _readable(ask: Ask, repo: Repository) -> bool:
    actor = ask.visitor.actor
    return not repo.private if actor is None else ask.forge.repositories.may_read(repo, actor)


async def _readme(forge: Forge, repo: Repository, tip: str | None) -> tuple[str, str | None]:
    """The README's name and text at the tip; no text where there is none or it is too large."""
    git = forge.repositories.git(repo)
    for name in README_NAMES if tip else ():
        found = await git.read_blob(tip or "", name)
        if found is not None and len(found) <= MAX_README_BYTES:
            return name, found.decode("utf-8", "replace")
    return README_NAMES[0], None
