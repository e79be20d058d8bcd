"""Lists of issues and pull requests, one issue, and the form for a new one."""

from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

from starlette.responses import Response

from services.local_forge.domain.listing import Listing, State
from services.local_forge.pages.attention import verdicts_of, waits_for_approval
from services.local_forge.pages.issue_text import text_digest
from services.local_forge.pages.markdown import render_markdown
from services.local_forge.pages.site import Ask, go
from services.local_forge.pages.story import story_of
from services.local_forge.tables import Label, Repository

PAGE_SIZE = 50
_MOST_DIGITS = 9
STATE_WORDS: dict[State, str] = {"open": "Open", "closed": "Closed", "all": "All"}
ISSUES, PULLS = "Issues", "Pull requests"


@dataclass(frozen=True)
class Pill:
    """One choice of a filter."""

    words: str
    href: str
    on: bool
    label: Label | None = None


async def list_issues(ask: Ask) -> Response:
    """Issues, by state and label."""
    return await _list(ask, place="issues")


async def list_pulls(ask: Ask) -> Response:
    """Pull requests, by state and label."""
    return await _list(ask, place="pulls")


async def _list(ask: Ask, *, place: str) -> Response:
    repo = ask.repo()
    query = ask.request.query_params
    state: State = next((known for known in get_args(State) if known == query.get("state")), "open")
    names = tuple(name for name in query.getlist("label") if name)
    given = query.get("page", "")
    page = max(1, int(given)) if given.isdecimal() and len(given) <= _MOST_DIGITS else 1
    listing = Listing(state=state, labels=names, kind="pulls" if place == "pulls" else "issues")
    found = ask.forge.issues.list(repo, listing)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    here = f"/{repo.full_name}/{place}"
    return ask.in_repository(
        "issues.html",
        repo,
        place=place,
        heading=PULLS if place == "pulls" else ISSUES,
        issues=shown,
        total=len(found),
        cut=len(found) > page * PAGE_SIZE,
        older=_href(here, state, names, page=page + 1),
        filtered=bool(names) or state != "open",
        states=_states(here, state, names),
        label_pills=_labels(ask, repo, here=here, state=state, names=names),
        verdicts=await verdicts_of(ask.forge, shown),
        may_create=ask.visitor.actor is not None,
    )


async def show_issue(ask: Ask) -> Response:
    """One issue with its story; a pull request's number leads to its own page."""
    issue = ask.issue()
    repo = issue.repository
    if issue.pull is not None:
        return go(f"/{repo.full_name}/pull/{issue.number}")
    carried = {label.id for label in issue.labels}
    return ask.in_repository(
        "issue.html",
        repo,
        place="issues",
        issue=issue,
        story=story_of(ask.forge, issue),
        edits=ask.forge.edits.of_issue(issue),
        digest=text_digest(ask.forge, issue),
        waits=waits_for_approval(issue),
        may_write=ask.may(repo, "write"),
        may_label=ask.may(repo, "triage"),
        may_comment=ask.visitor.actor is not None and (not issue.locked or ask.may(repo, "write")),
        others=[label for label in ask.forge.labels.list(repo) if label.id not in carried],
        markdown=render_markdown,
    )


async def show_new_issue(ask: Ask) -> Response:
    """The form for a new issue; Forbidden without a login."""
    assert ask.actor
    return ask.in_repository("new_issue.html", ask.repo(), place="issues")


def _href(here: str, state: State, names: tuple[str, ...], *, page: int = 1) -> str:
    pairs: list[tuple[str, str]] = [("state", state)] if state != "open" else []
    pairs += [("label", name) for name in names]
    pairs += [("page", str(page))] if page > 1 else []
    return f"{here}?{urlencode(pairs)}" if pairs else here


def _states(here: str, state: State, names: tuple[str, ...]) -> list[Pill]:
    return [
        Pill(words, _href(here, known, names), known == state)
        for known, words in STATE_WORDS.items()
    ]


def _labels(
    ask: Ask, repo: Repository, *, here: str, state: State, names: tuple[str, ...]
) -> list[Pill]:
    """Each label as a switch: with it on, the link leads to the list without it."""
    chosen = {name.casefold() for name in names}
    pills = []
    for label in ask.forge.labels.list(repo):
        on = label.folded in chosen
        rest = tuple(name for name in names if name.casefold() != label.folded)
        target = rest if on else (*names, label.name)
        pills.append(Pill(label.name, _href(here, state, target), on, label))
    return pills
