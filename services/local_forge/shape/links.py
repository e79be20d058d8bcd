"""The forge's addresses: where its API and its pages are."""

from dataclasses import dataclass
from urllib.parse import quote

from services.local_forge.tables import Issue, Repository


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses under one base, such as `http://127.0.0.1:8300` (no slash at the end)."""

    base: str

    def api(self, repo: Repository, *parts: object) -> str:
        """A REST address inside a repository."""
        tail = "".join(f"/{quote(str(part), safe='/')}" for part in parts)
        return f"{self.base}/repos/{repo.full_name}{tail}"

    def page(self, repo: Repository, *parts: object) -> str:
        """A web page inside a repository."""
        tail = "".join(f"/{quote(str(part), safe='/')}" for part in parts)
        return f"{self.base}/{repo.full_name}{tail}"

    def user(self, login: str) -> str:
        """The REST address of an account."""
        return f"{self.base}/users/{quote(login)}"

    def clone(self, repo: Repository) -> str:
        """Where git clones from."""
        return f"{self.base}/{repo.full_name}.git"

    def issue_page(self, issue: Issue) -> str:
        """The page of an issue or of a pull request."""
        kind = "issues" if issue.pull is None else "pull"
        return self.page(issue.repository, kind, issue.number)
