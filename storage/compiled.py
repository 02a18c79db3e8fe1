"""Statements of the busiest operations, compiled once and run by the driver itself.

With SQLAlchemy's own cache of compiled statements, filing reaches 0.57 of this throughput on SQLite and 0.78 on
PostgreSQL (docs/decisions/0012-compiled-statements.md; `make bench ARGS=statements`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import JSON, Connection, Dialect, Select
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
    """One statement, always given the same names; PostgreSQL may need a form of its own.

    It runs in the transaction like every other statement.
    """

    def __init__(self, sqlite: Statement, postgresql: Statement | None = None) -> None:
        self._statements = {"sqlite": sqlite, "postgresql": sqlite if postgresql is None else postgresql}
        self._prepared: dict[str, _Prepared] = {}

    def run(self, tx: Transaction, values: Values) -> tuple[Any, ...] | None:
        ready = self._prepare_for(tx, values)
        cursor = _execute_on_driver(tx, ready.sql, ready.bind(values))
        row = cursor.fetchone() if ready.result_converters else None
        return None if row is None else ready.convert_row(row)

    def run_many(self, tx: Transaction, rows: Sequence[Values]) -> None:
        ready = self._prepare_for(tx, rows[0])
        _execute_on_driver(tx, ready.sql, [ready.bind(values) for values in rows], "executemany")

    def _prepare_for(self, tx: Transaction, values: Values) -> "_Prepared":
        dialect = tx.connection.dialect
        ready = self._prepared.get(dialect.name)
        if ready is None:
            ready = self._prepared[dialect.name] = _prepare(self._statements[dialect.name], dialect, list(values))
        return ready


def _execute_on_driver(
    tx: Transaction, sql: str, values: BoundValues | list[BoundValues], method: str = "execute"
) -> DBAPICursor:
    tx.flush()
    cursor = tx.cursor
    try:
        getattr(cursor, method)(sql, values)
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
    """A lost connection is invalidated, so that the next group gets a new one."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(error, connection.connection, cursor)
    if is_lost:
        connection.invalidate(error)
    error_class = dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, values, error, error_class, connection_invalidated=is_lost, dialect=dialect)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The SQL text, the order of its values, and what is converted on the way in (by position) and out."""

    sql: str
    takes_dict: bool
    names: list[str]
    converters: list[tuple[int, Converter]]
    result_converters: list[Converter | None]

    def bind(self, values: Values) -> BoundValues:
        bound = [values[name] for name in self.names]
        for position, convert in self.converters:
            bound[position] = convert(bound[position])
        return dict(zip(self.names, bound, strict=True)) if self.takes_dict else bound

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
        converters=[(position, convert) for position, convert in enumerate(converts) if convert is not None],
        result_converters=[_result_converter(column.type, dialect) for column in statement.exported_columns],
    )


def _bind_converter(column_type: TypeEngine[Any], dialect: Dialect) -> Converter | None:
    convert = column_type.dialect_impl(dialect).bind_processor(dialect)
    if convert is not None and isinstance(column_type, JSON):
        return _json_converter(convert)
    if isinstance(column_type, UtcDateTime):
        return _moment_converter(dialect)
    if convert is not None and isinstance(column_type, EnumString):
        return lru_cache(maxsize=64)(convert)
    return convert


@cache
def _moment_converter(dialect: Dialect) -> Converter | None:
    """One for all columns: a transaction writes its one moment a dozen times."""
    convert = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    return None if convert is None else lru_cache(maxsize=64)(convert)


def _json_converter(convert: Converter) -> Converter:
    """Most values are empty, and are converted once."""
    empty: dict[type, Any] = {dict: convert({}), list: convert([])}

    def convert_value(value: Any) -> Any:  # noqa: ANN401 - whatever JSON is stored
        return convert(value) if value or type(value) not in empty else empty[type(value)]

    return convert_value


def _result_converter(column_type: TypeEngine[Any], dialect: Dialect) -> Converter | None:
    return column_type.dialect_impl(dialect).result_processor(dialect, None)
