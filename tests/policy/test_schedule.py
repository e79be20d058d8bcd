"""Slots against an oracle that looks at every minute, and the changes of clocks by name."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.policy.schedule import Schedule, Slot, due, slots, upcoming

MINUTE = timedelta(minutes=1)
# (zone, a moment shortly before its clocks change)
CHANGES = [
    ("UTC", datetime(2030, 3, 30, tzinfo=UTC)),
    ("Europe/Paris", datetime(2030, 3, 30, 12, tzinfo=UTC)),
    ("Europe/Paris", datetime(2030, 10, 26, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2030, 3, 9, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2030, 11, 2, 12, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 3, 12, tzinfo=UTC)),  # at midnight
    ("Australia/Lord_Howe", datetime(2030, 4, 6, 0, tzinfo=UTC)),  # by half an hour
    ("Asia/Kathmandu", datetime(2030, 6, 1, tzinfo=UTC)),  # never, but 5:45 from UTC
]
MINUTES = {"0": [0], "30": [30], "59": [59], "*/20": [0, 20, 40], "5,35": [5, 35]}
HOURS = {"0": [0], "2": [2], "1-3": [1, 2, 3], "*": list(range(24)), "*/6": [0, 6, 12, 18]}
WEEKDAYS = {"*": set(range(7)), "1-5": set(range(5)), "SUN": {6}}


def oracle(line: str, zone: str, after: datetime, until: datetime) -> list[datetime]:
    """The slots, by looking at every minute of the time that clocks show or that passes."""
    minute, hour, _, _, weekday = line.split()
    place = ZoneInfo(zone)

    def named(at: datetime) -> bool:
        in_day = at.minute in MINUTES[minute] and at.hour in HOURS[hour]
        return in_day and at.weekday() in WEEKDAYS[weekday]

    def real(at: datetime) -> bool:
        return at.astimezone(UTC).astimezone(place).replace(tzinfo=None) == at.replace(tzinfo=None)

    found: set[datetime] = set()
    fixed = "*" not in (minute[0], hour[0]) and zone != "UTC"
    start = after.astimezone(place) - timedelta(days=1) if fixed else after
    shown = start.replace(second=0, microsecond=0, tzinfo=None if fixed else UTC)
    end = until + timedelta(days=1) if fixed else until
    while shown.replace(tzinfo=UTC) <= end + timedelta(days=1):
        if fixed and named(shown):
            at = shown.replace(tzinfo=place)
            while not real(at):
                at = (at.replace(tzinfo=None) + MINUTE).replace(tzinfo=place)
            found.add(at.astimezone(UTC))
        elif not fixed and named(shown.astimezone(place)):
            found.add(shown)
        shown += MINUTE
    return sorted(at for at in found if after < at <= until)


lines = st.builds(
    lambda m, h, w: f"{m} {h} * * {w}",
    st.sampled_from(sorted(MINUTES)),
    st.sampled_from(sorted(HOURS)),
    st.sampled_from(sorted(WEEKDAYS)),
)
windows = st.tuples(st.integers(0, 48 * 60), st.integers(0, 30 * 60))


@given(st.sampled_from(CHANGES), lines, windows)
def test_slots_are_what_the_clocks_show(
    change: tuple[str, datetime], line: str, window: tuple[int, int]
) -> None:
    zone, begin = change
    after = begin - timedelta(hours=6) + window[0] * MINUTE
    until = after + window[1] * MINUTE
    schedule = Schedule(proposals=(line,), timezone=zone)

    assert slots(schedule, after=after, until=until) == oracle(line, zone, after, until)


@given(
    st.sampled_from(CHANGES),
    st.lists(lines, max_size=3).map(tuple),
    st.integers(0, 48 * 60),
    st.one_of(st.none(), st.integers(0, 72 * 60)),
)
def test_due_is_the_last_of_the_missed_slots(
    change: tuple[str, datetime], several: tuple[str, ...], later: int, ago: int | None
) -> None:
    zone, begin = change
    schedule = Schedule(proposals=several, timezone=zone)
    now = begin + later * MINUTE + timedelta(seconds=7, microseconds=3)
    last = None if ago is None else now - ago * MINUTE

    found = due(schedule, last, now)

    missed = slots(schedule, after=last or now - timedelta(days=9), until=now)
    assert found == (Slot(missed[-1]) if missed else None)


@given(st.sampled_from(CHANGES), lines, st.integers(0, 48 * 60))
def test_the_upcoming_slot_is_the_first_one(
    change: tuple[str, datetime], line: str, later: int
) -> None:
    zone, begin = change
    schedule = Schedule(proposals=(line,), timezone=zone)
    after = begin + later * MINUTE

    found = upcoming(schedule, after=after)

    assert found == Slot(slots(schedule, after=after, until=after + timedelta(days=9))[0])


def test_a_time_that_the_clocks_skip_runs_right_after_and_once() -> None:
    schedule = Schedule(proposals=("0 2 * * *", "30 2 * * *"), timezone="Europe/Paris")
    day = datetime(2030, 3, 31, tzinfo=UTC)

    found = slots(schedule, after=day - timedelta(hours=1), until=day + timedelta(hours=12))

    assert found == [datetime(2030, 3, 31, 1, 0, tzinfo=UTC)]  # 03:00 in Paris


def test_a_midnight_that_the_clocks_skip_is_no_slot_of_a_line_that_follows_real_time() -> None:
    schedule = Schedule(proposals=("*/20 */6 * * SUN",), timezone="America/Sao_Paulo")
    begin = datetime(2018, 11, 3, 12, tzinfo=UTC)

    found = slots(schedule, after=begin, until=begin + timedelta(hours=21))

    assert found == [datetime(2018, 11, 4, 8, minute, tzinfo=UTC) for minute in (0, 20, 40)]


def test_a_time_that_the_clocks_repeat_runs_once() -> None:
    schedule = Schedule(proposals=("30 2 * * *",), timezone="Europe/Paris")
    day = datetime(2030, 10, 27, tzinfo=UTC)

    found = slots(schedule, after=day - timedelta(hours=1), until=day + timedelta(hours=12))

    assert found == [datetime(2030, 10, 27, 0, 30, tzinfo=UTC)]
    # Seen between the two passes of the hour, and after both: still the same slot.
    for minutes in (31, 60, 91, 125):
        assert due(schedule, None, day + minutes * MINUTE) == Slot(found[0])


def test_looking_back_over_a_change_of_half_an_hour_passes_no_slot_over() -> None:
    schedule = Schedule(proposals=("*/20 */6 * * *",), timezone="Australia/Lord_Howe")

    found = due(schedule, None, datetime(2030, 4, 6, 13, 45, tzinfo=UTC))

    assert found == Slot(datetime(2030, 4, 6, 13, 40, tzinfo=UTC))


def test_after_a_month_asleep_one_run_is_due() -> None:
    schedule = Schedule(proposals=("0 6 * * 1-5",), timezone="Europe/Paris")
    last = datetime(2030, 1, 7, 5, tzinfo=UTC)
    now = datetime(2030, 2, 10, 12, tzinfo=UTC)  # a Sunday

    found = due(schedule, last, now)

    assert found == Slot(datetime(2030, 2, 8, 5, tzinfo=UTC))
    assert found is not None
    assert found.name == "2030-02-08T05:00Z"
    assert due(schedule, found.at, now) is None


def test_a_schedule_without_lines_is_never_due() -> None:
    never = Schedule(proposals=())
    now = datetime(2030, 1, 1, tzinfo=UTC)

    assert due(never, None, now) is None
    assert upcoming(never, after=now) is None


def test_a_time_without_a_zone_is_not_taken() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        due(Schedule(), None, datetime(2030, 1, 1))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 6 * *", "4 fields"),
        ("0 6 * * * *", "6 fields"),
        ("", "0 fields"),
        ("61 6 * * *", "Bad minute"),
        ("0 0 30 2 *", "Bad day-of-month"),
        ("0 0 31 2,4 *", "Bad day-of-month"),
        ("@daily", "1 fields"),
        ("9" * 5000 + " * * * *", "longer"),
    ],
)
def test_a_bad_cron_line_names_what_is_wrong(line: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Schedule(proposals=(line,))


@pytest.mark.parametrize(
    "zone", ["Europe/Pari", "europe/paris", "../../etc/passwd", "/etc/localtime", "", "localtime"]
)
def test_a_bad_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError, match="is not a time zone"):
        Schedule(timezone=zone)


@given(st.text(alphabet="0123456789*/,-#LW MONJAN?", max_size=40))
def test_any_text_is_a_cron_line_that_runs_or_is_refused(text: str) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    wrong, runs = "", None
    try:
        runs = upcoming(Schedule(proposals=(text,), timezone="Europe/Paris"), after=now)
    except ValidationError as error:
        wrong = str(error)

    assert "is not a cron line" in wrong if wrong else runs is not None
