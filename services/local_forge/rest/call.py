"""One request as a handler sees it: who asks, for what, with which body."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args

from starlette.requests import Request

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.forge import Forge
from services.local_forge.domain.issues import LARGEST_NUMBER
from services.local_forge.problems import Invalid, Unknown
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.bodies import Body, parse
from services.local_forge.rest.paging import asked_page, link_header
from services.local_forge.rest.rates import Rates
from services.local_forge.shape.links import Links
from services.local_forge.tables import Account, Issue, Repository

BAD_CHOICE = "{name}: {given!r} is not one of {known}"
BAD_TIME = "{name}: {given!r} is no time; write it as 2030-01-31T12:00:00Z"

_MOST_DIGITS = 32

T = TypeVar("T")
B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Call:
    """Handlers get one of these and return an `Answer`."""

    forge: Forge
    request: Request
    actor: Actor
    params: Mapping[str, str]
    raw: bytes
    rates: Rates

    @property
    def links(self) -> Links:
        """Addresses under the base that the caller itself used."""
        return Links(str(self.request.base_url).rstrip("/"))

    def read(self, model: type[B], *, bare: str | None = None) -> B:
        """The body; a `Problem` that names what is wrong."""
        return parse(self.raw, model, bare=bare)

    def number(self, name: str) -> int:
        """A number in the path."""
        text = self.params[name]
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
            raise Unknown
        number = int(text)
        if number > LARGEST_NUMBER:
            raise Unknown
        return number

    def repo(self) -> Repository:
        """The repository in the path, if the caller may read it."""
        return self.forge.repositories.get(
            self.params["owner"], self.params["repo"], reader=self.actor
        )

    def issue(self) -> Issue:
        """The issue, or the pull request, in the path."""
        return self.forge.issues.get(self.repo(), self.number("number"))

    def pull(self) -> Issue:
        """The pull request in the path."""
        return self.forge.pulls.get(self.repo(), self.number("number"))

    def chosen(self, name: str, choices: Any, default: T) -> T:
        """A query field whose values are those of a Literal."""
        given = self.request.query_params.get(name)
        if given is None:
            return default
        for known in get_args(choices):
            if known == given:
                return known  # type: ignore[no-any-return]  # a member of the Literal T stands for
        raise Invalid(
            BAD_CHOICE.format(name=name, given=given, known=", ".join(get_args(choices))),
            field=name,
        )

    def time(self, name: str) -> datetime | None:
        """A query field that is a time."""
        given = self.request.query_params.get(name)
        if given is None:
            return None
        try:
            found = datetime.fromisoformat(given)
        except ValueError:
            raise Invalid(BAD_TIME.format(name=name, given=given), field=name) from None
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)

    def listed(
        self, rows: Sequence[T], show: Callable[[T], Any], *, wrap: str | None = None
    ) -> Answer:
        """One page of a list; `wrap` puts it under that key beside `total_count`."""
        query = dict(self.request.query_params)
        page = asked_page(query)
        shown = [show(row) for row in page.of(rows)]
        url = f"{self.links.base}{self.request.url.path}"
        link = link_header(url, query, page, total=len(rows))
        headers = {} if link is None else {"Link": link}
        if wrap is None:
            return Answer(shown, headers=headers)
        return Answer({"total_count": len(rows), wrap: shown}, headers=headers, items=wrap)

    def by_email(self) -> Mapping[str, Account]:
        """Accounts by the address that their commits carry."""
        return {account.email: account for account in self.forge.accounts.all()}
