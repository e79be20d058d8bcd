"""Who acts: an account, through an application or not, with a token that may write or not."""

from dataclasses import dataclass
from typing import Literal

from services.local_forge.tables import Account, App

Scope = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The account behind a request; `app` is what `performed_via_github_app` will show."""

    account: Account
    app: App | None = None
    scope: Scope = "write"

    @property
    def login(self) -> str:
        """The account's login."""
        return self.account.login

    @property
    def app_id(self) -> int | None:
        """The application's id, if the request comes through one."""
        return self.app.id if self.app is not None else None
