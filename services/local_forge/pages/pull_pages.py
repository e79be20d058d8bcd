"""A pull request's three pages: conversation, commits, files changed."""

from typing import Any

from starlette.responses import Response

from services.local_forge.pages.files import anchor_of, shown_files
from services.local_forge.pages.markdown import render_markdown
from services.local_forge.pages.site import Ask, go
from services.local_forge.pages.story import story_of
from services.local_forge.pages.verdicts import checks_of, checks_verdict
from services.local_forge.shape.pulls import pull_of
from services.local_forge.tables import Issue

LOG_IN = "log in to merge"
NO_ROLE = "merging needs the write role, and you have {role}"


async def show_pull(ask: Ask) -> Response:
    """The conversation, the checks, and the merge button with the reasons where it is off."""
    issue, values = await _head(ask, tab="conversation")
    repo, pull = issue.repository, pull_of(issue)
    checks = checks_of(ask.forge, repo, sha=pull.head_sha)
    carried = {label.id for label in issue.labels}
    return ask.in_repository(
        "pull.html",
        repo,
        place="pulls",
        story=story_of(ask.forge, issue),
        edits=ask.forge.edits.of_issue(issue),
        checks=checks,
        verdict=checks_verdict(ask.forge, issue),
        reasons=await reasons_on_click(ask, issue),
        opinions=list(ask.forge.reviews.opinions(issue).values()),
        mine=_is_mine(ask, issue),
        may_write=ask.may(repo, "write"),
        may_label=ask.may(repo, "triage"),
        may_comment=ask.visitor.actor is not None and (not issue.locked or ask.may(repo, "write")),
        others=[label for label in ask.forge.labels.list(repo) if label.id not in carried],
        anchor=anchor_of,
        **values,
    )


async def show_commits(ask: Ask) -> Response:
    """The commits, oldest first."""
    issue, values = await _head(ask, tab="commits")
    commits = await ask.forge.pulls.commits(issue)
    return ask.in_repository(
        "pull_commits.html", issue.repository, place="pulls", commits=commits, **values
    )


async def show_files(ask: Ask) -> Response:
    """The diff with the findings beside their lines."""
    issue, values = await _head(ask, tab="files")
    changes = await ask.forge.pulls.files(issue)
    files = shown_files(changes, ask.forge.reviews.comments(issue), head=pull_of(issue).head_sha)
    return ask.in_repository(
        "pull_files.html", issue.repository, place="pulls", files=files, **values
    )


async def reasons_on_click(ask: Ask, issue: Issue) -> list[str]:
    """Why the visitor's merge button would fail; empty where it would merge.

    The button records the visitor's approval first, so what only lacks that is left out.
    """
    actor = ask.visitor.actor
    if actor is None:
        return [LOG_IN]
    role = ask.role(issue.repository)
    if not ask.may(issue.repository, "write"):
        return [NO_ROLE.format(role=role)]
    return await ask.forge.merging.reasons(issue, actor, as_person=True)


def _is_mine(ask: Ask, issue: Issue) -> bool:
    actor = ask.visitor.actor
    return actor is not None and actor.account.id == issue.author_id


async def _head(ask: Ask, *, tab: str) -> tuple[Issue, dict[str, Any]]:
    """The pull request and what all three pages show of it."""
    issue = ask.pull()
    return issue, {"issue": issue, "pull": issue.pull, "tab": tab, "markdown": render_markdown}


async def to_pull(ask: Ask) -> Response:
    """`/pulls/8` leads to `/pull/8`."""
    repo = ask.repo()
    return go(f"/{repo.full_name}/pull/{ask.request.path_params['number']}")
