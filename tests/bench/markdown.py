"""Puts measured tables into a document, between two marks, with the machine and the day beside them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.report import Table, Value, cell

BEGIN, END = "<!-- begin: figures -->", "<!-- end: figures -->"
NO_MARKS = "{file}: it lacks the lines {begin} and {end}; put them where the tables are to stand"
MEASURED = "Measured on {day} by `python -m tests.bench`: {machine}."


def rewrite(
    file: Path, machine: Mapping[str, Value], tables: Sequence[tuple[Table, str | None]]
) -> None:
    """Replace what stands between the marks; SystemExit where there are none."""
    before, begin, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(NO_MARKS.format(file=file, begin=BEGIN, end=END))
    shape = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in machine.items())
    parts = [MEASURED.format(day=datetime.now(UTC).date().isoformat(), machine=shape)]
    parts += [_table(table, line) for table, line in tables]
    file.write_text(
        before + BEGIN + "\n\n" + "\n\n".join(parts) + "\n\n" + END + after, encoding="utf-8"
    )


def _table(table: Table, neighbours: str | None) -> str:
    lines = [f"### {table.title}", "", _row(table.columns)]
    lines.append(
        "|" + "|".join("---" if not n else "---:" for n, _ in enumerate(table.columns)) + "|"
    )
    lines += [_row([cell(value) for value in row]) for row in table.rows]
    notes = [f"- {note}" for note in (*table.notes, neighbours) if note]
    return "\n".join([*lines, "", *notes])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(each.replace("|", "\\|") for each in cells) + " |"
