"""What a title and a body may be."""

from services.local_forge.problems import Invalid

LONGEST_TITLE = 256
LONGEST_BODY = 65_536
BAD_TITLE = f"{{subject}}: a title needs 1 to {LONGEST_TITLE} characters"
LONG_BODY = f"{{subject}}: a text may have {LONGEST_BODY} characters; shorten it"
NO_BODY = "{subject}: the text is empty; write something"


def checked_title(subject: str, title: str) -> str:
    """The title without blanks around it; Invalid if nothing or too much is left."""
    title = title.strip()
    if not 0 < len(title) <= LONGEST_TITLE:
        said = BAD_TITLE.format(subject=subject)
        raise Invalid(said, field="title", resource="Issue", code="missing_field")
    return title


def checked_body(subject: str, body: str | None) -> str | None:
    """The body as it is; Invalid if it is too long."""
    if body is not None and len(body) > LONGEST_BODY:
        raise Invalid(LONG_BODY.format(subject=subject), field="body", resource="Issue")
    return body


def checked_comment(subject: str, body: str) -> str:
    """A comment's text; Invalid if it is empty or too long."""
    if not body.strip():
        said = NO_BODY.format(subject=subject)
        raise Invalid(said, field="body", resource="IssueComment", code="missing_field")
    checked_body(subject, body)
    return body
