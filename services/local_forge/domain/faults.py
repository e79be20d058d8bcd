"""What a test, or a drill, lets go wrong: state of the forge, not patches of its code."""

from collections import deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

FaultKind = Literal["status", "after_commit", "truncate"]
"""What happens: a plain error, an error after the work was done, a list that lost its last item."""


@dataclass(slots=True)
class Fault:
    """Hits the next `times` requests whose method and path match (`*` as in file names)."""

    kind: FaultKind
    method: str = "*"
    path: str = "*"
    times: int = 1
    status: int = 500
    message: str = "Server Error"
    retry_after_s: int | None = None

    def matches(self, method: str, path: str) -> bool:
        """Does it hit this request?"""
        return self.times > 0 and fnmatchcase(method, self.method) and fnmatchcase(path, self.path)


@dataclass(slots=True)
class Faults:
    """The faults that wait to happen, the oldest first."""

    waiting: deque[Fault] = field(default_factory=deque)
    drop_deliveries: int = 0
    """So many next webhooks fail, and the delivery log says so."""
    lose_deliveries: int = 0
    """So many next webhooks vanish: neither sent nor logged."""

    def fail(self, status: int, *, method: str = "*", path: str = "*", times: int = 1) -> None:
        """Answer `status` and do nothing, `times` times (404, then right: `fail(404)`)."""
        self.waiting.append(Fault("status", method, path, times, status, f"Fault {status}"))

    def fail_after_commit(self, *, method: str = "*", path: str = "*", times: int = 1) -> None:
        """Do the work, then answer 502: the caller cannot know that it was done."""
        self.waiting.append(Fault("after_commit", method, path, times, 502, "Bad Gateway"))

    def truncate(self, *, path: str = "*", times: int = 1) -> None:
        """Leave out the last item of a list, and say nothing about it."""
        self.waiting.append(Fault("truncate", "GET", path, times))

    def limit(self, *, retry_after_s: int | None, method: str = "*", times: int = 1) -> None:
        """Answer with a secondary rate limit, with or without `Retry-After`."""
        said = "You have exceeded a secondary rate limit. Please wait a few minutes."
        self.waiting.append(
            Fault("status", method, times=times, status=403, message=said)
            if retry_after_s is None
            else Fault(
                "status", method, times=times, status=403, message=said, retry_after_s=retry_after_s
            )
        )

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that hits this request, used up by one."""
        for fault in self.waiting:
            if fault.matches(method, path):
                fault.times -= 1
                if fault.times == 0:
                    self.waiting.remove(fault)
                return fault
        return None

    def take_delivery(self) -> Literal["drop", "lose"] | None:
        """What happens to the next webhook, if anything."""
        if self.lose_deliveries > 0:
            self.lose_deliveries -= 1
            return "lose"
        if self.drop_deliveries > 0:
            self.drop_deliveries -= 1
            return "drop"
        return None
