"""Plays a person at the forge's pages: reads a page, presses a button of it. Nothing else.

The fleet itself has no way to merge or to approve; this is the person's side of the two gates, and
it goes through the same forms, session and CSRF token as a browser does.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

from shared.errors import Refused

NO_BUTTON = "{page}: there is no button {button!r} to press now"
NOT_TAKEN = "{page}: the button {button!r} was not taken: {why}"


@dataclass
class _Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects the forms of a page with their hidden fields, and what the page says of errors."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(given.get("action", "")))
            self._inside = True
        elif tag == "input" and self._inside and given.get("type") == "hidden":
            self.forms[-1].fields[given.get("name", "")] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


class Browser:
    """A logged-in person at local-forge's pages."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url, follow_redirects=True, timeout=30,
            headers={"accept": "text/html"},
        )  # fmt: skip

    async def log_in(self, link: str) -> None:
        """Follow a one-time link; the session stays in this browser."""
        answer = await self._client.get(link)
        answer.raise_for_status()

    async def press(self, page: str, button: str, **typed: str) -> None:
        """Press the button whose form acts on `…/button` on that page. Refused says why not."""
        shown = await self._client.get(page)
        shown.raise_for_status()
        forms = _Forms()
        forms.feed(shown.text)
        found = next((f for f in forms.forms if f.action.endswith(f"/{button}")), None)
        if found is None:
            raise Refused(NO_BUTTON.format(page=page, button=button))
        answer = await self._client.post(found.action, data=found.fields | typed)
        if answer.status_code >= 400:
            why = " ".join(answer.text.split())[:200]
            raise Refused(NOT_TAKEN.format(page=page, button=button, why=why))

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()
