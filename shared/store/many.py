"""Many rows and many ids in one statement.

What each message costs in a store goes through here: SQLAlchemy prepares every parameter of every row by
itself, which takes longer than the database does.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, ColumnElement, Dialect, LargeBinary, Table, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine, UserDefinedType

from shared.store.types import UtcDateTime

IDS = "ids"
"""The parameter of `among` and of statements with a parameter of type `Ids`."""

WRONG_COUNT = "{table}: {count} values for a row of {names}"

Processor = Callable[[Any], Any] | None


class Ids(UserDefinedType[Iterable[UUID]]):
    """Any number of ids as one parameter: a JSON list for SQLite, an array for PostgreSQL."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Of a parameter on PostgreSQL; there is no such column."""
        return "UUID[]"

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """To the database."""
        return _as_json if dialect.name == "sqlite" else list


def _as_json(ids: Iterable[UUID]) -> str:
    return json.dumps([identity.hex for identity in ids])


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


def among(column: Column[UUID]) -> ColumnElement[bool]:
    """Whether an id is one of the parameter `ids`."""
    return _Among(column, bindparam(IDS, type_=Ids()))


@compiles(_Among, "sqlite")
def _among_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - a compiled parameter


@compiles(_Among, "postgresql")
def _among_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY (CAST({ids} AS UUID[]))"


class ManyRows:
    """Rows of a table, written in one call of the driver. A row whose unique key is there already is left
    as it is there."""

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        """`names`: the columns that are given, in the order of each row's values."""
        self._table = table.name
        self._names = tuple(names)
        self._columns = tuple(table.c[name] for name in names)
        self._into = f"INSERT INTO {table.name} ({', '.join(names)})"
        self._processors: dict[str, list[Processor]] = {}
        self._of_arrays = ""
        """Both of a dialect, which is asked once."""

    def check(self, values: tuple[object, ...]) -> None:
        """TypeError, naming the table, when it is not one value for each name."""
        if len(values) != len(self._names):
            raise TypeError(WRONG_COUNT.format(
                table=self._table, count=len(values), names=", ".join(self._names)
            ))  # fmt: skip

    def insert(self, session: Session, rows: Sequence[tuple[object, ...]]) -> None:
        """Values as the columns' types take them in Python."""
        if not rows:
            return
        connection = session.connection()
        dialect = connection.dialect
        if dialect.name not in self._processors:
            self._processors[dialect.name] = [_processor(each, dialect) for each in self._columns]
        processors = self._processors[dialect.name]
        if dialect.name == "postgresql":
            self._of_arrays = self._of_arrays or self._written_of_arrays(dialect)
            connection.exec_driver_sql(self._of_arrays, _columns(rows, processors))
        else:
            connection.exec_driver_sql(self._of_values(), [_row(each, processors) for each in rows])

    def _written_of_arrays(self, dialect: Dialect) -> str:
        """Of an array of each column, in the driver's binary form (%b): as text it takes both longer."""
        arrays = ", ".join(f"%b::{each.type.compile(dialect)}[]" for each in self._columns)
        names = ", ".join(f"v{at}" for at in range(len(self._columns)))
        return (
            f"{self._into} SELECT {names}"  # noqa: S608 - numbers and types
            f" FROM unnest({arrays}) WITH ORDINALITY AS row({names}, place)"
            " ORDER BY place ON CONFLICT DO NOTHING"
        )

    def _of_values(self) -> str:
        return f"{self._into} VALUES ({', '.join('?' * len(self._columns))}) ON CONFLICT DO NOTHING"


def _row(row: tuple[object, ...], processors: Sequence[Processor]) -> tuple[object, ...]:
    pairs = zip(row, processors, strict=True)
    return tuple([value if process is None else process(value) for value, process in pairs])


def _columns(
    rows: Sequence[tuple[object, ...]], processors: Sequence[Processor]
) -> tuple[list[object], ...]:
    return tuple(
        list(values) if process is None else [process(value) for value in values]
        for values, process in zip(zip(*rows, strict=True), processors, strict=True)
    )


Kept = dict[ManyRows, list[tuple[object, ...]]]
"""Rows to be written, by table."""


def write_kept(session: Session, kept: Kept) -> None:
    """One statement for each table, in the order in which they were kept first."""
    for rows, values in kept.items():
        rows.insert(session, values)


def for_driver(kind: TypeEngine[Any], dialect: Dialect, value: object) -> Any:
    """A value as the driver takes it."""
    process = _of_type(kind, dialect)
    return value if process is None else process(value)


@lru_cache(maxsize=64)
def _of_type(kind: TypeEngine[Any], dialect: Dialect) -> Processor:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _processor(column: Column[Any], dialect: Dialect) -> Processor:
    """What makes the driver's value of ours; None: it takes ours."""
    if isinstance(column.type, LargeBinary):
        return None
    process = _of_type(column.type, dialect)
    if process is not None and isinstance(column.type, UtcDateTime):
        return lru_cache(maxsize=16)(process)  # the rows of one transaction have one time, mostly
    return process
