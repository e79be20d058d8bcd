"""Structured logs: stable words, key=value, one line each."""

import asyncio
import contextlib
import logging
import sys
from pathlib import Path
from typing import TextIO

import structlog
from structlog.typing import EventDict

from shared.messages.trace import read_trace
from shared.runtime.settings import WatchedSettings
from shared.watching.about import now

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}


class Patient:
    """A stream whose other end may go away: a terminal that was closed, a pipe, a disk that is full.

    What cannot be written is dropped: a log line must not end what it tells of.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        with contextlib.suppress(OSError, ValueError):  # ValueError: it was closed in this process
            return self._stream.write(text)
        return 0

    def flush(self) -> None:
        """Hand on what can be handed on."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def _whose(_logger: object, _method: str, line: EventDict) -> EventDict:
    """Say for whom and for what it was logged, where the line does not say it itself."""
    here = now()
    known = {"service": here.service, "instance": here.instance}
    if here.subject is not None:
        trace = read_trace(here.subject.trace)
        known |= {
            "correlation": here.subject.correlation, "about": str(here.subject.id),
            "trace": trace.id if trace is not None else "",
        }  # fmt: skip
    for key, value in known.items():
        if value:
            line.setdefault(key, value)
    return line


def to_stream(stream: TextIO, *, level: str = "info", as_json: bool = False) -> None:
    """Write logs to a stream from now on."""
    last = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(
        colors=stream.isatty()
    )  # fmt: skip
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _whose,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(Patient(stream)),  # type: ignore[arg-type]  # it only writes and flushes
        cache_logger_on_first_use=False,
    )


def log_as(settings: object, *, quiet: bool = False) -> None:
    """Write logs to stderr from now on as the settings say, if they say anything of it.

    `quiet`: only warnings, unless a level was asked for.
    """
    if isinstance(settings, WatchedSettings):
        as_json = settings.log_format == "json"
        asked_for = "log_level" in settings.model_fields_set or not quiet
        level = settings.log_level if asked_for else "warning"
        to_stream(sys.stderr, level=level, as_json=as_json)
        hear_libraries()


def to_file(path: Path, *, level: str = "info") -> TextIO:
    """Write logs to a file from now on; the caller closes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = path.open("a", encoding="utf-8", buffering=1)
    to_stream(stream, level=level)
    return stream


class _Forwarding(logging.Handler):
    """What libraries log by the standard library's way becomes lines like the others."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one."""
        structlog.get_logger().log(
            record.levelno, "library_said", library=record.name, said=record.getMessage(),
            exc_info=record.exc_info,
        )  # fmt: skip


def hear_libraries() -> None:
    """From now on, warnings and worse of libraries are lines of this log."""
    root = logging.getLogger()
    if not any(isinstance(each, _Forwarding) for each in root.handlers):
        root.addHandler(_Forwarding(logging.WARNING))


def hear_the_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Log what the event loop reports of callbacks that failed, instead of printing it on stderr.

    asyncio's own subprocess transports report an InvalidStateError when they are cancelled at the
    wrong moment; somebody who pressed Ctrl-C must not be shown a traceback for it.
    """

    def report(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        structlog.get_logger().warning(
            "loop_reported", message=context.get("message"), error=repr(context.get("exception"))
        )

    loop.set_exception_handler(report)
