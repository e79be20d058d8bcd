"""How a person's browser logs in: a link that works once, then a cookie and a token for forms."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from services.local_forge.domain.accounts import Accounts, digest_of
from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.tables import BrowserSession, LoginLink

LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is logged in; every form must carry `csrf`."""

    actor: Actor
    csrf: str


class Sessions:
    """Login links and browser sessions; only their SHA-256 is stored."""

    def __init__(self, context: Context, accounts: Accounts) -> None:
        self._context = context
        self._accounts = accounts

    def one_time_link(self, login: str = "you") -> str:
        """An address that logs a browser in as `login`, once, within a quarter of an hour."""
        token = secrets.token_urlsafe(_SECRET_BYTES)
        with self._context.store.transaction() as session:
            link = LoginLink(
                digest=digest_of(token),
                account_id=self._accounts.get(login).id,
                expires_at=self._context.now() + LINK_LIFE,
            )
            session.add(link)
        return f"{self._context.links.base}/login?token={token}"

    def redeem(self, token: str) -> str | None:
        """The cookie's value for a link's token; None if it is unknown, used or too old."""
        now = self._context.now()
        with self._context.store.transaction() as session:
            link = session.get(LoginLink, digest_of(token))
            if link is None:
                return None
            session.delete(link)
            if link.expires_at < now:
                return None
            cookie = secrets.token_urlsafe(_SECRET_BYTES)
            browser = BrowserSession(
                digest=digest_of(cookie),
                csrf=secrets.token_urlsafe(_SECRET_BYTES),
                account_id=link.account_id,
                expires_at=now + SESSION_LIFE,
            )
            session.add(browser)
        return cookie

    def find(self, cookie: str | None) -> Session | None:
        """Whose browser it is; None if nobody's or too old."""
        if not cookie:
            return None
        with self._context.store.reading() as session:
            browser = session.get(BrowserSession, digest_of(cookie))
        if browser is None or browser.expires_at < self._context.now():
            return None
        return Session(Actor(browser.account), browser.csrf)

    def end(self, cookie: str) -> None:
        """Log the browser out."""
        with self._context.store.transaction() as session:
            gone = delete(BrowserSession).where(BrowserSession.digest == digest_of(cookie))
            session.execute(gone)
