"""Accounts, applications and repositories as GitHub's JSON."""

from datetime import UTC, datetime
from typing import Any

from services.local_forge.shape.links import Links
from services.local_forge.tables import Account, App, Repository
from services.local_forge.tables.people import Role

Json = dict[str, Any]


def moment(time: datetime | None) -> str | None:
    """A time as GitHub writes it: UTC, whole seconds."""
    return None if time is None else time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user_json(account: Account, links: Links) -> Json:
    """A "simple user"."""
    return {
        "login": account.login,
        "id": account.id,
        "node_id": f"U_{account.id}",
        "avatar_url": "",
        "gravatar_id": "",
        "url": links.user(account.login),
        "html_url": f"{links.base}/{account.login}",
        "type": account.kind,
        "site_admin": False,
    }


def maybe_user(account: Account | None, links: Links) -> Json | None:
    """A simple user, or null."""
    return None if account is None else user_json(account, links)


def app_json(app: App | None, links: Links) -> Json | None:
    """An application, or null."""
    if app is None:
        return None
    return {
        "id": app.id,
        "slug": app.slug,
        "node_id": f"A_{app.id}",
        "name": app.name,
        "description": None,
        "external_url": links.base,
        "html_url": f"{links.base}/apps/{app.slug}",
        "created_at": moment(app.created_at),
        "updated_at": moment(app.created_at),
        "permissions": {},
        "events": [],
    }


def association(repo: Repository, account: Account) -> str:
    """`author_association`: it says nothing about who may write, as on GitHub."""
    if account.id == repo.owner_id:
        return "OWNER"
    roles = {row.account_id: row.role for row in repo.collaborators}
    return "COLLABORATOR" if roles.get(account.id, "none") != "none" else "NONE"


def permissions_json(role: Role) -> Json:
    """What a role may do, as five switches."""
    order = ("read", "triage", "write", "maintain", "admin")
    rank = order.index(role) if role in order else -1
    names = ("pull", "triage", "push", "maintain", "admin")
    return {name: rank >= place for place, name in enumerate(names)}


def repository_json(repo: Repository, links: Links, *, role: Role | None = None) -> Json:
    """A repository; with `permissions` where the reader's `role` is known."""
    shown = {
        "id": repo.id,
        "node_id": f"R_{repo.id}",
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
        "visibility": "private" if repo.private else "public",
        "owner": user_json(repo.owner, links),
        "html_url": links.page(repo),
        "description": repo.description,
        "fork": False,
        "url": links.api(repo),
        "clone_url": links.clone(repo),
        "git_url": links.clone(repo),
        "default_branch": repo.default_branch,
        "archived": False,
        "disabled": False,
        "has_issues": True,
        "allow_auto_merge": False,
        "created_at": moment(repo.created_at),
        "updated_at": moment(repo.updated_at),
        "pushed_at": moment(repo.pushed_at),
    }
    return shown if role is None else {**shown, "permissions": permissions_json(role)}
