"""A store that refuses says so once, and again when it takes something; reading is no sign."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from shared.store import Store


def _write(session: Session) -> None:
    session.execute(text("create table if not exists kept (it text)"))
    session.execute(text("insert into kept values (:it)"), {"it": "x" * 100_000})


async def test_a_full_disk_is_one_line_until_something_is_written(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/s.db")
    await store.open()
    await store.run(lambda session: session.execute(text("pragma max_page_count = 1")))

    with capture_logs() as logs:
        for _ in range(2):
            with pytest.raises(DBAPIError, match="full"):
                await store.run(_write)
        await store.run(lambda session: session.execute(text("select 1")))
        trouble = store.trouble
        await store.run(lambda session: session.execute(text("pragma max_page_count = 4000")))
        await store.run(_write)
    await store.close()

    assert trouble == "database or disk is full"
    assert store.trouble == ""
    assert [(each["event"], each["store"]) for each in logs] == [
        ("store_refuses", f"{tmp_path}/s.db"), ("store_takes_again", f"{tmp_path}/s.db"),
    ]  # fmt: skip
    assert "make room on that disk" in logs[0]["next"]
