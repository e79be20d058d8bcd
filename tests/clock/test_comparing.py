"""A clock that differs from another's is one line, until they agree again."""

from structlog.testing import capture_logs

from shared.clock import Compared


def test_a_difference_is_told_once_and_its_end_as_well() -> None:
    compared = Compared(means="waits")
    with capture_logs() as logs:
        for ahead_s in (0.0, -59.0, -3600.0, -3601.0):
            compared.met("the forge", ahead_s)
        trouble = compared.trouble
        compared.met("the forge", 2.0)

    assert trouble == (
        "the clock of the forge is 3600 s behind this one's; set the one that is wrong "
        "(timedatectl set-ntp true)"
    )
    assert compared.trouble == ""
    assert [(each["event"], each.get("next")) for each in logs] == [
        ("clock_differs", "waits"), ("clock_agrees_again", None),
    ]  # fmt: skip


def test_it_is_not_over_because_somebody_else_agrees() -> None:
    compared = Compared(means="waits")
    compared.met("scheduler", 3600.0)
    compared.met("dev-agent", 0.0)

    assert compared.trouble.startswith("the clock of scheduler is 3600 s ahead of this one's")


def test_nothing_is_over_that_had_not_begun() -> None:
    compared = Compared(means="waits")
    with capture_logs() as logs:
        compared.met("", 0.0)

    assert logs == []
