"""When scheduled work is due: cron lines in a time zone, and missed runs that run once.

A line with a fixed hour and minute runs once a day that it names: in a gap (clocks go forward) at
the first minute after it, in a repeated hour the first time. A line with `*` in minute or hour
follows real time: it runs in both passes of a repeated hour and not in a gap. Debian's cron does
the same.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, Field

from shared.policy.section import Kind, Section

CRON_LIMIT = 100
CRON_WORDS = 'is not a cron line{why}; write minute hour day month weekday, such as "0 6 * * 1-5"'
ZONE_WORDS = "is not a time zone{maybe}; write a name such as Europe/Paris, or UTC"
NO_ZONES = "cannot be read, because this machine has no time zones; install tzdata, or write UTC"

# Cron times are found by walking local time; around a change of clocks the walk starts early
# enough that no slot is passed over. One day covers the largest change ever made (a skipped day).
_MARGIN = timedelta(days=1, hours=1)
_MINUTE = timedelta(minutes=1)
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_MACHINES_OWN = frozenset({"localtime", "posixrules", "Factory"})


def _cron(value: str) -> str:
    why = f" (longer than {CRON_LIMIT} characters)"
    if len(value) <= CRON_LIMIT and len(value.split()) == 5:
        try:
            next(CronSim(value, _ANY_TIME))
        except CronSimError as error:
            why = f" ({error})"
        except StopIteration:
            why = " (it names no day that exists)"
        else:
            return " ".join(value.split())
    elif len(value) <= CRON_LIMIT:
        why = f" (it has {len(value.split())} fields, not 5)"
    raise ValueError(CRON_WORDS.format(why=why))


def _zone(value: str) -> str:
    if value == "UTC":
        return value
    try:
        if value in _MACHINES_OWN:  # would mean another zone on another machine
            raise ZoneInfoNotFoundError(value)
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        names = available_timezones()
        if not names:
            raise ValueError(NO_ZONES) from None
        folded = {name.lower(): name for name in names}
        close = difflib.get_close_matches(value.lower(), folded, n=1, cutoff=0.75)
        maybe = f" (did you mean {folded[close[0]]}?)" if close else ""
        raise ValueError(ZONE_WORDS.format(maybe=maybe)) from None
    return value


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Cron = Annotated[str, AfterValidator(_cron), Kind("cron line")]


class Schedule(Section):
    """When the fleet looks for something to propose. Missed times run once."""

    proposals: Annotated[
        tuple[Cron, ...], BeforeValidator(_one_or_more, json_schema_input_type=str | list[str])
    ] = Field(
        default=("0 6 * * 1-5",),
        max_length=10,
        description="A cron line, or a list of them; `[]` is never.",
        examples=["0 6 * * 1-5", ["0 6 * * 1-5", "0 12 * * 6"]],
    )
    timezone: Annotated[str, AfterValidator(_zone), Kind("time zone")] = Field(
        default="UTC", description="The zone that the lines are read in.", examples=["Europe/Paris"]
    )


@dataclass(frozen=True)
class Slot:
    """A time that a schedule names."""

    at: datetime
    """In UTC, to the minute."""

    @property
    def name(self) -> str:
        """The slot as part of an id: "2030-01-07T05:00Z"."""
        return f"{self.at:%Y-%m-%dT%H:%MZ}"


def slots(schedule: Schedule, *, after: datetime, until: datetime) -> list[datetime]:
    """Every time of the schedule in (`after`, `until`], in UTC, ascending, each once."""
    start, end = _utc(after), _utc(until)
    if start >= end:
        return []
    zone = _zone_of(schedule)
    found: set[datetime] = set()
    for line in schedule.proposals:
        for at in _walk(line, (start - _MARGIN).astimezone(zone)):
            # Times around a repeated hour need not ascend; the margin is past any of that.
            if at > end + _MARGIN:
                break
            if start < at <= end:
                found.add(at)
    return sorted(found)


def due(schedule: Schedule, last: datetime | None, now: datetime) -> Slot | None:
    """The latest time of the schedule up to `now` that is later than `last`; None: nothing is due.

    `last` is the last slot that was started. However many were missed, one is due: the latest.
    Without a `last` that is the latest of all; a caller who would rather wait for the next one
    passes the time at which it first saw the repository.
    """
    present = _utc(now)
    zone = _zone_of(schedule)
    found = [
        at
        for line in schedule.proposals
        if (at := _latest(line, present, zone)) and (last is None or at > _utc(last))
    ]
    return Slot(max(found)) if found else None


def upcoming(schedule: Schedule, *, after: datetime) -> Slot | None:
    """The first time of the schedule later than `after`; None: it never runs."""
    start = _utc(after)
    zone = _zone_of(schedule)
    found = [
        next((at for at in _walk(line, (start - _MARGIN).astimezone(zone)) if at > start), None)
        for line in schedule.proposals
    ]
    times = [at for at in found if at is not None]
    return Slot(min(times)) if times else None


def _latest(line: str, now: datetime, zone: tzinfo) -> datetime | None:
    backwards = CronSim(line, (now + _MARGIN).astimezone(zone), reverse=True)
    found = next((at.astimezone(UTC) for at in backwards if at <= now), None)
    if found is None:
        return None
    # back over a change of clocks the library passes some over: from there, forwards again
    for at in _walk(line, found.astimezone(zone)):
        if at > now + _MARGIN:
            break
        if at <= now:
            found = max(found, at)
    return found


def _walk(line: str, start: datetime) -> Iterator[datetime]:
    times = CronSim(line, start)
    if times.fixup_tz is None and start.tzinfo is not UTC:
        return _in_real_time(line, start)
    return (at.astimezone(UTC) for at in times)


def _in_real_time(line: str, start: datetime) -> Iterator[datetime]:
    """The line from one change of clocks to the next, each at its own fixed distance from UTC: over a
    change the library passes times over, or names some that no clock shows."""
    moment, offset = start.astimezone(UTC), start.utcoffset() or timedelta(0)
    while True:
        for at in CronSim(line, moment.astimezone(timezone(offset))):
            found = at.astimezone(UTC)
            if _offset(start.tzinfo, found) != offset:
                change = _change(start.tzinfo, moment, found)
                moment, offset = change - _MINUTE, _offset(start.tzinfo, change)
                break
            moment = found
            yield found


def _change(zone: tzinfo | None, before: datetime, after: datetime) -> datetime:
    """The first minute of a new distance from UTC in between."""
    before, offset = before.replace(second=0, microsecond=0), _offset(zone, before)
    while after - before > _MINUTE:
        middle = before + (after - before) // _MINUTE // 2 * _MINUTE
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: tzinfo | None, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _zone_of(schedule: Schedule) -> tzinfo:
    # UTC needs no database of zones, and cronsim takes its shorter way.
    return UTC if schedule.timezone == "UTC" else ZoneInfo(schedule.timezone)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; pass the clock's time, which is in UTC")
    return moment.astimezone(UTC)
