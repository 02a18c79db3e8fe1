"""The hottest statements, compiled once: what SQLAlchemy decides at every run is decided at the first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.engine.interfaces import DBAPICursor, DBAPIModule
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

from storage.schema.columns import Utc, Word
from storage.transaction import Transaction

Statement = Select[Any] | UpdateBase
Values = Mapping[str, Any]
Convert = Callable[[Any], Any]
Bound = list[Any] | dict[str, Any]


class Hot:
    """One statement, always given the same names; PostgreSQL may want it written in its own way.

    It runs in the deed's transaction like every other, at a fifth of the price.
    """

    def __init__(self, sqlite: Statement, postgresql: Statement | None = None) -> None:
        self._written = {"sqlite": sqlite, "postgresql": sqlite if postgresql is None else postgresql}
        self._ready: dict[str, _Ready] = {}

    def run(self, tx: Transaction, values: Values) -> tuple[Any, ...] | None:
        """The first row that comes back; None when none does."""
        ready = self._for(tx, values)
        cursor = _executed(tx, ready.sql, ready.bound(values))
        row = cursor.fetchone() if ready.returned else None
        return None if row is None else ready.read(row)

    def run_many(self, tx: Transaction, rows: Sequence[Values]) -> None:
        """Runs once for each row, in one call."""
        ready = self._for(tx, rows[0])
        _executed(tx, ready.sql, [ready.bound(values) for values in rows], "executemany")

    def _for(self, tx: Transaction, values: Values) -> "_Ready":
        dialect = tx.connection.dialect
        ready = self._ready.get(dialect.name)
        if ready is None:
            ready = self._ready[dialect.name] = _made_ready(self._written[dialect.name], dialect, list(values))
        return ready


def _executed(tx: Transaction, sql: str, values: Bound | list[Bound], how: str = "execute") -> DBAPICursor:
    """The driver's own cursor, after whatever the session holds back; it fails in SQLAlchemy's words."""
    tx.flush()
    cursor = tx.cursor
    try:
        getattr(cursor, how)(sql, values)
    except tx.connection.dialect.loaded_dbapi.Error as error:
        raise _told(tx.connection, error, cursor, sql, values) from error
    return cursor


def _told(
    connection: Connection, error: DBAPIModule.Error, cursor: DBAPICursor, sql: str, values: Bound | list[Bound]
) -> BaseException:
    """The error as SQLAlchemy raises it; a lost connection is given up, so that the next group gets a new one."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection, cursor)
    if gone:
        connection.invalidate(error)
    kind = dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, values, error, kind, connection_invalidated=gone, dialect=dialect)


@dataclass(frozen=True, slots=True)
class _Ready:
    """The text, which values it takes in which order, and what must be converted on the way in and out, by place.

    `named`: the driver takes a dict.
    """

    sql: str
    named: bool
    names: list[str]
    given: list[tuple[int, Convert]]
    returned: list[Convert | None]

    def bound(self, values: Values) -> Bound:
        given = [values[name] for name in self.names]
        for place, convert in self.given:
            given[place] = convert(given[place])
        return dict(zip(self.names, given, strict=True)) if self.named else given

    def read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple([convert(value) if convert else value for value, convert in zip(row, self.returned, strict=True)])


def _made_ready(statement: Statement, dialect: Dialect, names: list[str]) -> _Ready:
    compiled = statement.compile(dialect=dialect, column_keys=names)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{statement} is no statement with values.")
    names = compiled.positiontup or list(compiled.binds)
    converts = [_into(compiled.binds[name].type, dialect) for name in names]
    return _Ready(
        sql=str(compiled),
        named=compiled.positiontup is None,
        names=names,
        given=[(place, convert) for place, convert in enumerate(converts) if convert is not None],
        returned=[_out_of(column.type, dialect) for column in statement.exported_columns],
    )


def _into(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    if convert is not None and isinstance(kind, Utc | Word):
        return lru_cache(maxsize=64)(convert)  # a deed has one moment, and writes it a dozen times; words are few
    return convert


def _out_of(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
