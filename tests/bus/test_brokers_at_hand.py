"""Which broker tests are on: one that answers and does nothing is left for the next."""

import subprocess
import warnings
from collections.abc import Iterator

import pytest

from tests.broker_ctl import Ctl, Said
from tests.brokers import VHOSTS_AT_A_TIME, Broker, Vhosts


class Fake:
    """A broker that does what it is told, until it hangs."""

    def __init__(self, port: int, *, fails_at: int = -1) -> None:
        self.port, self.fails_at = port, fails_at
        self.told: list[str] = []
        self.ended = 0

    def ctl(self, *arguments: str, given: str = "") -> Said:
        """Remembers it."""
        self.told.append(arguments[-1])
        if len(self.told) - 1 == self.fails_at:
            raise subprocess.TimeoutExpired("rabbitmqctl", 60)
        return Said(arguments, 0, "", given)

    def end(self) -> None:
        """Counts it."""
        self.ended += 1

    def broker(self) -> Broker:
        """As tests take it."""
        return Broker(f"here:{self.port}", self.ctl, self.end)


def handed_out(*fakes: Fake) -> tuple[Vhosts, list[Ctl]]:
    chosen: list[Ctl] = []
    there: Iterator[Broker] = (fake.broker() for fake in fakes)
    return Vhosts(there, chosen.append), chosen


def taken(vhosts: Vhosts) -> str:
    url = vhosts.take()
    assert url is not None
    return url


def test_each_is_handed_out_once_and_deleted_when_the_next_are_made() -> None:
    fake = Fake(1)
    vhosts, chosen = handed_out(fake)
    kept = vhosts.take(kept=True)
    urls = {kept, *(taken(vhosts) for _ in range(VHOSTS_AT_A_TIME))}
    assert len(urls) == VHOSTS_AT_A_TIME + 1
    assert len(fake.told) == 2
    assert len(chosen) == 1
    assert fake.told[1].count("rabbit_vhost:delete") == VHOSTS_AT_A_TIME - 1  # all but the one kept
    vhosts.end()
    assert fake.told[2].count("rabbit_vhost:delete") == VHOSTS_AT_A_TIME + 1
    assert fake.ended == 1


@pytest.mark.parametrize("fails_at", [0, 1])
def test_one_that_hangs_is_left_for_the_next_with_a_warning(fails_at: int) -> None:
    hangs, works = Fake(1, fails_at=fails_at), Fake(2)
    vhosts, chosen = handed_out(hangs, works)
    with warnings.catch_warnings(record=True) as told:  # as all tests have them: no error
        urls = [taken(vhosts) for _ in range(VHOSTS_AT_A_TIME * (fails_at + 1))]
    assert [str(each.message) for each in told] == ["RabbitMQ at here:1 makes no vhost"]
    assert urls[-1].startswith("amqp://guest:guest@here:2/")
    assert chosen == [hangs.ctl, works.ctl]
    assert "delete" not in works.told[0]  # what is on the other one is not its business
    vhosts.end()
    assert (hangs.ended, works.ended) == (1, 1)


def test_without_any_there_is_none() -> None:
    vhosts, _ = handed_out()
    assert vhosts.take() is None
    vhosts.end()
