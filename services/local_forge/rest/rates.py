"""The rate limit as GitHub tells it: requests of an account in the running hour; a 304 is free."""

from collections import Counter

from shared.clock import Clock

_LIMIT = 5000
_WINDOW_S = 3600


class Rates:
    """Counts only: this forge turns nobody away (`Faults.limit` does that on request)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hour = -1
        self._used: Counter[str] = Counter()

    def count(self, login: str) -> None:
        """One request more."""
        self._turn()
        self._used[login] += 1

    def of(self, login: str) -> dict[str, int]:
        """limit, remaining, used and reset (seconds since 1970) of an account."""
        self._turn()
        used = min(self._used[login], _LIMIT)
        reset = (self._hour + 1) * _WINDOW_S
        return {"limit": _LIMIT, "remaining": _LIMIT - used, "used": used, "reset": reset}

    def headers(self, login: str) -> dict[str, str]:
        """The same as `X-RateLimit-*`."""
        shown = {
            f"X-RateLimit-{name.title()}": str(value) for name, value in self.of(login).items()
        }
        return {**shown, "X-RateLimit-Resource": "core"}

    def _turn(self) -> None:
        hour = int(self._clock.now().timestamp()) // _WINDOW_S
        if hour != self._hour:
            self._hour, self._used = hour, Counter()
