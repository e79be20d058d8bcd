"""The one error tree, named for what the caller should do.

    GatefleetError
    ├── TryLater    the outside did not answer as it should; the same call may go through later
    │   └── Held    a person said stop; it goes on when a person says so, and is no open work till then
    ├── Refused     it may not be done, now or ever; the reason is for people, never tried again
    ├── BadInput    somebody handed in something wrong and must mend it; one line says what and how
    └── Missing     this machine lacks a tool or an isolation; one line says how to get it

Expected outcomes are return values; these are for the temporary and the unexpected. Every message
names its subject first (`octo/hello#7: …`) and says what to do next.
"""

from datetime import timedelta


class GatefleetError(Exception):
    """Anything that this project raises on purpose."""


class TryLater(GatefleetError):
    """The outside did not answer as it should; the same call may go through later."""

    def __init__(self, message: str, *, after: timedelta | None = None) -> None:
        """`after`: the earliest time the outside named for the next try, if it named one."""
        super().__init__(message)
        self.after = after


class Held(TryLater):
    """A person stopped it and a person lets it go on; nobody waits for it until then."""


class Refused(GatefleetError):
    """It may not be done: an allow-list, a gate or a limit says so. Never tried again."""


class BadInput(GatefleetError):
    """Somebody handed in something wrong and must mend it."""


class Missing(GatefleetError):
    """This machine lacks a tool or an isolation that was asked for."""
