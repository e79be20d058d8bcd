"""What every page shares: who visits, what a form must carry, the headers, and how a no is shown.

A handler is a plain `async` function from an `Ask` to a response. `Site.reading` serves it for GET,
`Site.acting` for POST: there a session and its CSRF token are checked before the handler runs at all.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.forge import Forge
from services.local_forge.domain.issues import LARGEST_NUMBER
from services.local_forge.domain.listing import Listing
from services.local_forge.domain.roles import at_least
from services.local_forge.pages.look import environment, stylesheet_source
from services.local_forge.pages.words import FOR_TEMPLATES
from services.local_forge.problems import Forbidden, Problem, Unknown
from services.local_forge.tables import Issue, Repository
from services.local_forge.tables.people import Role
from shared.errors import Refused, TryLater

MAX_FORM_BYTES = 512 * 1024
NEEDS_SESSION = "You are not logged in; open the one-time login link and try again."
WRONG_CSRF = "This form is from another login; reload the page and send it again."
TOO_LARGE = "The form is too large; shorten the text and send it again."
NOT_HERE = "There is no such page here. It may have moved, or you may not be allowed to see it."
HEADINGS = {403: "Not allowed", 404: "Not found", 405: "Not yet", 409: "It changed meanwhile"}
OTHER_HEADING = "That did not work"

_CSRF = "csrf"


@dataclass(frozen=True)
class Visitor:
    """Who looks at the page; `actor` is None where nobody is logged in."""

    actor: Actor | None = None
    csrf: str = ""


@dataclass(frozen=True)
class Ask:
    """One request for a page or an action."""

    site: "Site"
    request: Request
    visitor: Visitor
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def forge(self) -> Forge:
        """The forge that is shown."""
        return self.site.forge

    @property
    def actor(self) -> Actor:
        """Who acts; Forbidden where nobody is logged in."""
        if self.visitor.actor is None:
            raise Forbidden(NEEDS_SESSION)
        return self.visitor.actor

    def repo(self) -> Repository:
        """The repository that the path names, if the visitor may read it."""
        path = self.request.path_params
        found = self.forge.repositories.get(path["owner"], path["name"], reader=self.visitor.actor)
        if found.private and self.visitor.actor is None:
            raise Unknown
        return found

    def issue(self) -> Issue:
        """The issue or pull request that the path names."""
        return self.forge.issues.get(self.repo(), self.number())

    def pull(self) -> Issue:
        """The pull request that the path names."""
        return self.forge.pulls.get(self.repo(), self.number())

    def number(self) -> int:
        """The number that the path names; Unknown where no database would hold it."""
        number = int(self.request.path_params["number"])
        if number > LARGEST_NUMBER:
            raise Unknown
        return number

    def role(self, repo: Repository) -> Role:
        """The visitor's role; without a login, `none`."""
        actor = self.visitor.actor
        return "none" if actor is None else self.forge.roles.of(repo, actor.account)

    def may(self, repo: Repository, needed: Role) -> bool:
        """Has the visitor at least this role?"""
        return at_least(self.role(repo), needed)

    def page(self, template: str, **values: Any) -> Response:
        """A page from a template."""
        return self.site.page(self.visitor, template, values)

    def in_repository(
        self, template: str, repo: Repository, *, place: str, **values: Any
    ) -> Response:
        """A page inside a repository, with its navigation; `place` is the current tab."""
        more = {"repo": repo, "home": f"/{repo.full_name}", "place": place}
        return self.page(template, tally=tally(self.forge, repo), **more, **values)


Handler = Callable[[Ask], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Tally:
    """How many issues and pull requests are open."""

    issues: int
    pulls: int


def tally(forge: Forge, repo: Repository) -> Tally:
    """Count what is open."""
    opened = forge.issues.list(repo, Listing())
    pulls = sum(issue.pull is not None for issue in opened)
    return Tally(len(opened) - pulls, pulls)


class Site:
    """The pages of one forge."""

    def __init__(self, forge: Forge) -> None:
        self.forge = forge
        self._templates = environment(forge.context.clock)
        self._templates.globals["words"] = FOR_TEMPLATES
        policy = (
            f"default-src 'none'; style-src {stylesheet_source()}; img-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        self.headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }

    def reading(self, handler: Handler) -> Endpoint:
        """Serve a page for GET."""

        async def endpoint(request: Request) -> Response:
            ask = Ask(self, request, self.visitor(request))
            return await self._answer(handler, ask)

        return endpoint

    def acting(self, handler: Handler) -> Endpoint:
        """Serve a form's POST: only with a session, and with that session's CSRF token."""

        async def endpoint(request: Request) -> Response:
            visitor = self.visitor(request)
            if visitor.actor is None:
                return self.problem(visitor, 403, NEEDS_SESSION)
            length = request.headers.get("content-length", "")
            if not length.isdecimal() or int(length) > MAX_FORM_BYTES:
                return self.problem(visitor, 413, TOO_LARGE)
            async with request.form(max_files=0, max_fields=50) as sent:
                form = {name: str(value) for name, value in sent.items()}
            if not hmac.compare_digest(form.get(_CSRF, "").encode(), visitor.csrf.encode()):
                return self.problem(visitor, 403, WRONG_CSRF)
            return await self._answer(handler, Ask(self, request, visitor, form))

        return endpoint

    async def _answer(self, handler: Handler, ask: Ask) -> Response:
        back = ask.request.url.path.rsplit("/", 1)[0] or "/"
        try:
            response = await handler(ask)
        except Problem as problem:
            said = NOT_HERE if problem.status == 404 else problem.explain()
            return self.problem(ask.visitor, problem.status, said, back=back)
        except Refused as refused:
            return self.problem(ask.visitor, 409, str(refused), back=back)
        except TryLater as later:
            return self.problem(ask.visitor, 503, str(later), back=back)
        response.headers.update(self.headers)
        return response

    def visitor(self, request: Request) -> Visitor:
        """Who holds the request's session cookie."""
        cookie = request.cookies.get(cookie_name(request))
        session = self.forge.sessions.find(cookie) if cookie else None
        return Visitor() if session is None else Visitor(session.actor, session.csrf)

    def page(
        self, visitor: Visitor, template: str, values: Mapping[str, Any], *, status: int = 200
    ) -> Response:
        """A page from a template, with the headers of all pages."""
        field = Markup('<input type="hidden" name="{}" value="{}">').format(_CSRF, visitor.csrf)
        html = self._templates.get_template(template).render(
            visitor=visitor, csrf_field=field, **values
        )
        return HTMLResponse(html, status, self.headers)

    def problem(self, visitor: Visitor, status: int, said: str, *, back: str = "/") -> Response:
        """The page that says no, and why."""
        values = {"heading": HEADINGS.get(status, OTHER_HEADING), "said": said, "back": back}
        return self.page(visitor, "problem.html", values, status=status)


def cookie_name(request: Request) -> str:
    """The session's cookie: named with the port, which cookies otherwise do not tell apart."""
    return f"forge_session_{request.url.port or 'default'}"


def go(path: str) -> RedirectResponse:
    """Look at another page, after a form."""
    return RedirectResponse(path, 303)


async def not_here(ask: Ask) -> NoReturn:
    """The handler of every address that is none."""
    raise Unknown
