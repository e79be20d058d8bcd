"""What the forge says no to, and the HTTP status that goes with it.

Problem                 status
├── Unknown             404   no such thing, or not for this reader
├── Forbidden           403   the account may not do it
├── Invalid             422   a field is missing, unknown or wrong; names the field
├── Conflict            409   the head moved since the caller looked
├── NotMergeable        405   protection, a conflict or the state forbids the merge
└── BadCredentials      401   no token, or one that is not known
"""

from dataclasses import dataclass

from shared.errors import GatefleetError

NOT_FOUND = "Not Found"
VALIDATION_FAILED = "Validation Failed"
BAD_CREDENTIALS = "Bad credentials"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One entry of GitHub's `errors` list; `code` is missing_field, invalid, unknown or custom."""

    resource: str
    field: str
    code: str
    message: str


class Problem(GatefleetError):
    """Something the forge does not do; `status` is the HTTP answer, the text is for people."""

    status = 400

    def __init__(self, message: str, *errors: FieldError) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors

    def explain(self) -> str:
        """One line for a page: the message, or what the fields' errors say."""
        said = "; ".join(error.message for error in self.errors)
        return said or self.message


class Unknown(Problem):
    """No such thing, or not for this reader."""

    status = 404

    def __init__(self, message: str = NOT_FOUND) -> None:
        super().__init__(message)


class Forbidden(Problem):
    """The account may not do it."""

    status = 403


class Conflict(Problem):
    """The head moved since the caller looked."""

    status = 409


class NotMergeable(Problem):
    """Protection, a conflict or the state forbids the merge."""

    status = 405


class BadCredentials(Problem):
    """No token, or one that is not known."""

    status = 401

    def __init__(self, message: str = BAD_CREDENTIALS) -> None:
        super().__init__(message)


class Invalid(Problem):
    """A field is missing, unknown or wrong."""

    status = 422

    def __init__(
        self, said: str, *, field: str = "base", resource: str = "Resource", code: str = "invalid"
    ) -> None:
        super().__init__(VALIDATION_FAILED, FieldError(resource, field, code, said))
