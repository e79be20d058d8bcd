"""The forge's tables, and all of their names in one place."""

from services.local_forge.tables.base import Base
from services.local_forge.tables.conversation import (
    Comment,
    Edit,
    Event,
    Issue,
    IssueLabel,
    Label,
    Pull,
)
from services.local_forge.tables.people import (
    Account,
    App,
    BrowserSession,
    Collaborator,
    LoginLink,
    Repository,
    Token,
)
from services.local_forge.tables.verdicts import (
    BranchProtection,
    CheckRun,
    RequestedReviewer,
    Review,
    ReviewComment,
    Ruleset,
    Status,
)
from services.local_forge.tables.webhooks import Delivery, Hook

__all__ = [
    "Account",
    "App",
    "Base",
    "BranchProtection",
    "BrowserSession",
    "CheckRun",
    "Collaborator",
    "Comment",
    "Delivery",
    "Edit",
    "Event",
    "Hook",
    "Issue",
    "IssueLabel",
    "Label",
    "LoginLink",
    "Pull",
    "Repository",
    "RequestedReviewer",
    "Review",
    "ReviewComment",
    "Ruleset",
    "Status",
    "Token",
]
