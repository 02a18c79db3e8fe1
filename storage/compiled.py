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

from storage.schema.columns import EnumString, UtcDateTime
from storage.transaction import Transaction

Statement = Select[Any] | UpdateBase
Values = Mapping[str, Any]
Converter = Callable[[Any], Any]
BoundValues = list[Any] | dict[str, Any]


class CompiledStatement:
    """One statement, always given the same names; PostgreSQL may want it written in its own way.

    It runs in the deed's transaction like every other, at a fifth of the price.
    """

    def __init__(self, sqlite: Statement, postgresql: Statement | None = None) -> None:
        self._statements = {"sqlite": sqlite, "postgresql": sqlite if postgresql is None else postgresql}
        self._prepared: dict[str, _Prepared] = {}

    def run(self, tx: Transaction, values: Values) -> tuple[Any, ...] | None:
        """The first row that comes back; None when none does."""
        ready = self._prepare_for(tx, values)
        cursor = _execute_on_driver(tx, ready.sql, ready.bind(values))
        row = cursor.fetchone() if ready.result_converters else None
        return None if row is None else ready.convert_row(row)

    def run_many(self, tx: Transaction, rows: Sequence[Values]) -> None:
        """Runs once for each row, in one call."""
        ready = self._prepare_for(tx, rows[0])
        _execute_on_driver(tx, ready.sql, [ready.bind(values) for values in rows], "executemany")

    def _prepare_for(self, tx: Transaction, values: Values) -> "_Prepared":
        dialect = tx.connection.dialect
        ready = self._prepared.get(dialect.name)
        if ready is None:
            ready = self._prepared[dialect.name] = _prepare(self._statements[dialect.name], dialect, list(values))
        return ready


def _execute_on_driver(
    tx: Transaction, sql: str, values: BoundValues | list[BoundValues], how: str = "execute"
) -> DBAPICursor:
    """The driver's own cursor, after whatever the session holds back; it fails in SQLAlchemy's words."""
    tx.flush()
    cursor = tx.cursor
    try:
        getattr(cursor, how)(sql, values)
    except tx.connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_error(tx.connection, error, cursor, sql, values) from error
    return cursor


def _as_sqlalchemy_error(
    connection: Connection,
    error: DBAPIModule.Error,
    cursor: DBAPICursor,
    sql: str,
    values: BoundValues | list[BoundValues],
) -> BaseException:
    """The error as SQLAlchemy raises it; a lost connection is given up, so that the next group gets a new one."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection, cursor)
    if gone:
        connection.invalidate(error)
    kind = dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, values, error, kind, connection_invalidated=gone, dialect=dialect)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The text, which values it takes in which order, and what must be converted on the way in and out, by place.

    `named`: the driver takes a dict.
    """

    sql: str
    takes_dict: bool
    names: list[str]
    converters: list[tuple[int, Converter]]
    result_converters: list[Converter | None]

    def bind(self, values: Values) -> BoundValues:
        given = [values[name] for name in self.names]
        for place, convert in self.converters:
            given[place] = convert(given[place])
        return dict(zip(self.names, given, strict=True)) if self.takes_dict else given

    def convert_row(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(
            [convert(value) if convert else value for value, convert in zip(row, self.result_converters, strict=True)]
        )


def _prepare(statement: Statement, dialect: Dialect, names: list[str]) -> _Prepared:
    compiled = statement.compile(dialect=dialect, column_keys=names)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{statement} is no statement with values.")
    names = compiled.positiontup or list(compiled.binds)
    converts = [_bind_converter(compiled.binds[name].type, dialect) for name in names]
    return _Prepared(
        sql=str(compiled),
        takes_dict=compiled.positiontup is None,
        names=names,
        converters=[(place, convert) for place, convert in enumerate(converts) if convert is not None],
        result_converters=[_result_converter(column.type, dialect) for column in statement.exported_columns],
    )


def _bind_converter(kind: TypeEngine[Any], dialect: Dialect) -> Converter | None:
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    if convert is not None and isinstance(kind, UtcDateTime | EnumString):
        return lru_cache(maxsize=64)(convert)  # a deed has one moment, and writes it a dozen times; words are few
    return convert


def _result_converter(kind: TypeEngine[Any], dialect: Dialect) -> Converter | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
