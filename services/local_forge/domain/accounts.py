"""Accounts, applications and their tokens."""

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, select

from services.local_forge.domain.actor import Actor, Scope
from services.local_forge.domain.context import Context
from services.local_forge.problems import BadCredentials, Invalid, Unknown
from services.local_forge.tables import Account, App, Token

USER, BOT, ORGANIZATION = "User", "Bot", "Organization"
_TOKEN_BYTES = 32


def digest_of(secret: str) -> str:
    """How secrets are kept: SHA-256, hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Accounts:
    """Who exists, and who a token belongs to."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def find(self, login: str) -> Account | None:
        """The account of that login, whatever its case."""
        if (residents := self._context.store.residents()) is not None:
            return residents.logins.get(login.lower())
        with self._context.store.reading() as session:
            return session.scalar(select(Account).where(func.lower(Account.login) == login.lower()))

    def get(self, login: str) -> Account:
        """The account of that login; Unknown if there is none."""
        account = self.find(login)
        if account is None:
            raise Unknown
        return account

    def all(self) -> Sequence[Account]:
        """Every account, in the order in which they were made."""
        if (residents := self._context.store.residents()) is not None:
            return list(residents.accounts.values())
        with self._context.store.reading() as session:
            return session.scalars(select(Account).order_by(Account.id)).all()

    def by_id(self, number: int) -> Account:
        """The account of that id; Unknown if there is none."""
        if (residents := self._context.store.residents()) is not None:
            account = residents.accounts.get(number)
        else:
            with self._context.store.reading() as session:
                account = session.get(Account, number)
        if account is None:
            raise Unknown
        return account

    def add(self, login: str, *, kind: str = USER, app: App | None = None) -> Account:
        """A new account; Invalid if the login is taken."""
        if self.find(login) is not None:
            raise Invalid(f"{login}: this login is taken; choose another", field="login")
        with self._context.store.transaction() as session:
            account = Account(
                login=login,
                kind=kind,
                app_id=app.id if app is not None else None,
                created_at=self._context.now(),
            )
            session.add(account)
            session.flush()
            session.refresh(account)
            return account

    def app(self, slug: str) -> App | None:
        """The application of that slug."""
        with self._context.store.reading() as session:
            return session.scalar(select(App).where(App.slug == slug))

    def add_app(self, slug: str, *, name: str) -> tuple[App, Account]:
        """A new application and its account `slug[bot]`."""
        with self._context.store.transaction() as session:
            app = App(slug=slug, name=name, created_at=self._context.now())
            session.add(app)
            session.flush()
            return app, self.add(f"{slug}[bot]", kind=BOT, app=app)

    def actor(self, login: str, *, scope: Scope = "write", app: App | None = None) -> Actor:
        """That account as somebody who acts; a Bot acts through its own application."""
        account = self.get(login)
        return Actor(account, app or account.app, scope)

    def issue_token(self, login: str, *, scope: Scope = "write", app: App | None = None) -> str:
        """A new token; `app` makes it one of a person through that application."""
        token = f"lf_{secrets.token_hex(_TOKEN_BYTES)}"
        with self._context.store.transaction() as session:
            session.add(self._token(token, login, scope=scope, app=app))
        return token

    def accept_token(self, token: str, login: str, *, scope: Scope) -> None:
        """Take a token that was made elsewhere; the account's others of that scope end with it."""
        account = self.get(login)
        with self._context.store.transaction() as session:
            theirs = (Token.account_id == account.id, Token.scope == scope)
            session.execute(delete(Token).where(*theirs))
            session.add(self._token(token, login, scope=scope))

    def _token(self, token: str, login: str, *, scope: Scope, app: App | None = None) -> Token:
        account = self.get(login)
        through = app or account.app
        return Token(
            digest=digest_of(token), scope=scope, account_id=account.id,
            app_id=through.id if through is not None else None,
        )  # fmt: skip

    def authenticate(self, token: str) -> Actor:
        """Whose token it is; BadCredentials if nobody's."""
        digest = digest_of(token)
        if (residents := self._context.store.residents()) is not None:
            found = residents.tokens.get(digest)
        else:
            with self._context.store.reading() as session:
                found = session.scalar(select(Token).where(Token.digest == digest))
        if found is None:
            raise BadCredentials
        scope: Scope = "write" if found.scope == "write" else "read"
        return Actor(found.account, found.app, scope)
