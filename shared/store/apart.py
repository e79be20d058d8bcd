"""Runs migrations in a process of its own, which takes their library's memory with it.

    upgrade_apart(url, schema, sets)

A service that runs for months needs that library for a second, and only at a start on an older database.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.store.engine import open_engine
from shared.store.migrate import Migrations, migrate

LONGEST_S = 600.0


def upgrade_apart(url: str, schema: str | None, sets: Sequence[Migrations]) -> None:
    """Bring a database to the newest version, if it can be; how it went is for the caller to look at.

    The address has a password in it: it goes over a pipe, where nobody else reads it.
    """
    asked = {
        "url": url, "schema": schema,
        "sets": [[str(each.folder), each.version_table] for each in sets],
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", __name__], input=json.dumps(asked).encode(), timeout=LONGEST_S,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def main() -> None:
    """What the other process does: it reads what it is asked for from its standard input."""
    asked = json.load(sys.stdin)
    engine = open_engine(asked["url"], schema=asked["schema"])
    try:
        for folder, version_table in asked["sets"]:
            migrate(engine, Migrations(Path(folder), version_table))
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
