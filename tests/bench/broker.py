"""A vhost of its own on the RabbitMQ that is here, and a schema on the PostgreSQL that is here."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError

POSTGRESQL = "postgresql://postgres@127.0.0.1/test"


@contextmanager
def vhost() -> Iterator[str | None]:
    """Its URL, the one in AMQP_URL if there is one; None where there is no broker."""
    if url := os.environ.get("AMQP_URL", ""):
        yield url
        return
    name = f"bench-{uuid.uuid4().hex[:12]}"
    if not _ctl("add_vhost", name):
        yield None
        return
    _ctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
    try:
        yield f"amqp://guest:guest@127.0.0.1:5672/{name}"
    finally:
        _ctl("delete_vhost", name)


def version() -> str:
    """Of the broker, as it says; empty where that cannot be asked."""
    done = _run("version")
    return done.stdout.decode().strip() if done is not None and done.returncode == 0 else ""


@contextmanager
def schemas() -> Iterator[tuple[str, str] | None]:
    """URL (DATABASE_URL or the local server's) and how the names of schemas begin that are dropped
    afterwards. None: there is no PostgreSQL."""
    url = os.environ.get("DATABASE_URL", POSTGRESQL)
    name = f"bench_{uuid.uuid4().hex[:12]}"
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        engine.connect().close()
    except OperationalError:
        yield None
        return
    try:
        yield url, name
    finally:
        with engine.begin() as connection:
            known = "select nspname from pg_namespace where nspname like %s"
            for (each,) in connection.exec_driver_sql(known, (f"{name}%",)).all():
                connection.exec_driver_sql(f"drop schema {each} cascade")
        engine.dispose()


def _ctl(*arguments: str) -> bool:
    done = _run(*arguments)
    return done is not None and done.returncode == 0


def _run(*arguments: str) -> "subprocess.CompletedProcess[bytes] | None":
    program = shutil.which("rabbitmqctl") or "/usr/sbin/rabbitmqctl"
    try:
        return subprocess.run([program, "-q", *arguments], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
