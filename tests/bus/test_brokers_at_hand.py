"""Which broker tests are on: one that answers and does nothing is left for the next."""

import socket
import subprocess
import warnings
from collections.abc import Callable, Iterator

import pytest

from tests.broker_ctl import Ctl, Said
from tests.brokers import DONE, FULL, NO_ROOM, NO_VHOST, VHOSTS_AT_A_TIME, Broker, Vhosts, served


class Fake:
    """A broker that does what it is told, until it hangs."""

    def __init__(self, port: int, *, fails_at: int = -1, full_at: int = -1) -> None:
        self.port, self.fails_at, self.full_at = port, fails_at, full_at
        self.told: list[str] = []
        self.ended = 0

    def ctl(self, *arguments: str, given: str = "") -> Said:
        """Remembers it."""
        self.told.append(arguments[-1])
        if len(self.told) - 1 == self.fails_at:
            raise subprocess.TimeoutExpired("rabbitmqctl", 60)
        answer = FULL if len(self.told) - 1 == self.full_at else DONE
        return Said(arguments, 0, f"{answer}\n", given)

    def end(self) -> None:
        """Counts it."""
        self.ended += 1

    def broker(self) -> Broker:
        """As tests take it."""
        return Broker(f"here:{self.port}", self.ctl, self.end)


def handed_out(
    *fakes: Fake, served: Callable[[str], bool] = lambda _: True
) -> tuple[Vhosts, list[Ctl]]:
    chosen: list[Ctl] = []
    there: Iterator[Broker] = (fake.broker() for fake in fakes)
    return Vhosts(there, chosen.append, served), chosen


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


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize(("trouble", "why"), [
    ("fails_at", NO_VHOST),
    ("full_at", NO_ROOM),
])  # fmt: skip
def test_one_that_does_not_do_its_work_is_left_for_the_next_with_a_warning(
    at: int, trouble: str, why: str
) -> None:
    hangs, works = Fake(1, **{trouble: at}), Fake(2)
    vhosts, chosen = handed_out(hangs, works)
    with warnings.catch_warnings(record=True) as told:  # as all tests have them: no error
        urls = [taken(vhosts) for _ in range(VHOSTS_AT_A_TIME * (at + 1))]
    assert [str(each.message) for each in told] == [f"RabbitMQ at here:1 {why}"]
    assert urls[-1].startswith("amqp://guest:guest@here:2/")
    assert chosen == [hangs.ctl, works.ctl]
    assert "delete" not in works.told[0]  # what is on the other one is not its business
    vhosts.end()
    assert (hangs.ended, works.ended) == (1, 1)


def test_one_without_room_keeps_what_tests_are_in_until_they_have_ended() -> None:
    full, works = Fake(1, full_at=1), Fake(2)
    vhosts, _ = handed_out(full, works)
    kept = vhosts.take(kept=True)
    assert kept is not None
    with warnings.catch_warnings(record=True):
        urls = [taken(vhosts) for _ in range(VHOSTS_AT_A_TIME)]
    assert urls[-1].startswith("amqp://guest:guest@here:2/")
    assert len(full.told) == 2
    vhosts.end()
    assert full.told[2].count("rabbit_vhost:delete") == 1
    assert kept.rpartition("/")[2] in full.told[2]


def test_one_that_came_to_hang_when_its_vhosts_were_made_is_left_for_the_next() -> None:
    hangs, works = Fake(1), Fake(2)
    answers = iter([True, False, True])
    vhosts, chosen = handed_out(hangs, works, served=lambda _: next(answers))
    with warnings.catch_warnings(record=True) as told:
        first, second = taken(vhosts), taken(vhosts)
    assert [str(each.message) for each in told] == ["RabbitMQ at here:1 lets nobody into its vhost"]
    assert first.startswith("amqp://guest:guest@here:1/")
    assert second.startswith("amqp://guest:guest@here:2/")
    assert chosen == [hangs.ctl, works.ctl]


def test_a_vhost_that_nobody_gets_into_is_not_served(amqp_vhost: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as full:  # takes connections and says nothing
        port = full.getsockname()[1]
        assert not served(f"amqp://guest:guest@127.0.0.1:{port}/", within_s=0.2)
    assert not served(f"amqp://guest:guest@127.0.0.1:{port}/")
    assert served(amqp_vhost)
    assert not served(amqp_vhost + "-which-is-not-there")


def test_without_any_there_is_none() -> None:
    vhosts, _ = handed_out()
    assert vhosts.take() is None
    vhosts.end()
