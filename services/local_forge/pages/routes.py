"""The addresses of the pages, as GitHub's web has them.

The REST side lives beside them under first words of its own, which no page may answer: those
addresses, and all that no browser asks for, stay with the routes that are mounted around these.
"""

from starlette.routing import Match, Route
from starlette.types import Scope

from services.local_forge.domain.forge import Forge
from services.local_forge.pages import (
    issue_actions,
    issue_pages,
    pull_actions,
    pull_pages,
    repository_pages,
    session_pages,
)
from services.local_forge.pages.icon import show_icon
from services.local_forge.pages.site import Handler, Site, not_here
from services.local_forge.rest.roots import ROOTS

RESERVED = ROOTS
"""First words of the path that belong to the REST side."""

_MOST_DIGITS = 1000

_REPO = "/{owner}/{name}"
_ISSUE = _REPO + "/issues/{number:int}"
_PULL = _REPO + "/pull/{number:int}"

READING: dict[str, Handler] = {
    "/": repository_pages.show_home,
    "/icon.svg": show_icon,
    "/login": session_pages.log_in,
    _REPO: repository_pages.show_repository,
    _REPO + "/commit/{sha}": repository_pages.show_commit,
    _REPO + "/issues": issue_pages.list_issues,
    _REPO + "/issues/new": issue_pages.show_new_issue,
    _ISSUE: issue_pages.show_issue,
    _REPO + "/pulls": issue_pages.list_pulls,
    _REPO + "/pulls/{number:int}": pull_pages.to_pull,
    _PULL: pull_pages.show_pull,
    _PULL + "/commits": pull_pages.show_commits,
    _PULL + "/files": pull_pages.show_files,
}
_SHARED: dict[str, Handler] = {
    "/comment": issue_actions.comment,
    "/close": issue_actions.close,
    "/reopen": issue_actions.reopen,
    "/labels/add": issue_actions.add_label,
    "/labels/remove": issue_actions.remove_label,
}
ACTING: dict[str, Handler] = {
    "/logout": session_pages.log_out,
    _REPO + "/issues/new": issue_actions.create,
    _ISSUE + "/approve": issue_actions.approve,
    _ISSUE + "/decline": issue_actions.decline,
    _PULL + "/approve": pull_actions.approve,
    _PULL + "/changes": pull_actions.ask_for_changes,
    _PULL + "/merge": pull_actions.merge,
    **{_ISSUE + path: handler for path, handler in _SHARED.items()},
    **{_PULL + path: handler for path, handler in _SHARED.items()},
}


class PageRoute(Route):
    """A route that leaves the REST side's first words, and other methods, to what comes after."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As a route, but wholly or not at all, and never for a reserved first word."""
        if str(scope["path"]).lstrip("/").partition("/")[0] in RESERVED:
            return Match.NONE, {}
        if any(part.isdecimal() and len(part) > _MOST_DIGITS for part in scope["path"].split("/")):
            return Match.NONE, {}  # Python reads no number that long
        match, found = super().matches(scope)
        return (match, found) if match is Match.FULL else (Match.NONE, {})


class BrowserRoute(PageRoute):
    """A route for browsers alone: whoever asks for no HTML gets what is mounted after it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As a page's route, if the request accepts HTML."""
        if not any(n == b"accept" and b"text/html" in value for n, value in scope["headers"]):
            return Match.NONE, {}
        return super().matches(scope)


def page_routes(forge: Forge) -> list[Route]:
    """Every page of the forge; to be mounted after the REST and git routes."""
    site = Site(forge)
    routes: list[Route] = [
        PageRoute(path, site.acting(handler), methods=["POST"]) for path, handler in ACTING.items()
    ]
    routes += [
        PageRoute(path, site.reading(handler), methods=["GET"]) for path, handler in READING.items()
    ]
    routes.append(BrowserRoute("/{rest:path}", site.reading(not_here), methods=["GET"]))
    return routes
