"""What operations and queries are handed: the workspace's data; an operation also its moment and its policy."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    Select,
    SQLColumnExpression,
    delete,
    inspect,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm import InstrumentedAttribute, Session

from rules.model.policy import Policy
from storage.schema.columns import Table

V = TypeVar("V")
Order = SQLColumnExpression[Any]


class Reader:
    """One workspace's data, as every query takes it first; a transaction is one as well."""

    __slots__ = ("_session", "workspace")

    def __init__(self, session: Session | None, workspace: str) -> None:
        self._session = session
        self.workspace = workspace

    @property
    def session(self) -> Session:
        assert self._session is not None
        return self._session


class Transaction(Reader):
    """One operation's transaction. `now` is one moment for the whole operation, `policy_version` that of the
    configuration which `policy` was read from."""

    __slots__ = ("_cursor", "connection", "destinations", "now", "policy", "policy_version")

    def __init__(
        self, connection: Connection, *, now: datetime, workspace: str, policy: Policy, policy_version: int = 0
    ) -> None:
        super().__init__(None, workspace)
        self.connection = connection
        self.now = now
        self.policy = policy
        self.policy_version = policy_version
        self.destinations: set[str] = set()
        self._cursor: DBAPICursor | None = None

    @property
    def session(self) -> Session:
        """The ORM's view of the same transaction, made when first asked for: hot paths never pay for it."""
        if self._session is None:
            self._session = Session(
                self.connection, join_transaction_mode="rollback_only", expire_on_commit=False, autoflush=True
            )
        return self._session

    @property
    def cursor(self) -> DBAPICursor:
        """The driver's own cursor, one for the whole operation: storage/compiled.py writes through it."""
        if self._cursor is None:
            self._cursor = self.connection.connection.cursor()
        return self._cursor

    def execute(
        self, statement: Executable, values: dict[str, Any] | Sequence[dict[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Runs one Core statement, after whatever the session still holds back."""
        self.flush()
        return self.connection.execute(statement, values)

    def flush(self) -> None:
        """Writes what the session holds back, so that the database says no inside the operation, not after it."""
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        if self._cursor is not None:
            self._cursor.close()
        if self._session is not None:
            self._session.close()


def select_where(
    reader: Reader, what: type[V] | InstrumentedAttribute[V], *conditions: ColumnElement[bool]
) -> Select[V]:
    """The workspace's rows that meet the conditions, or one column of them."""
    table: Any = getattr(what, "class_", what)
    return select(what).where(table.workspace_id == reader.workspace, *conditions)


def all_where(
    reader: Reader,
    what: type[V] | InstrumentedAttribute[V],
    *conditions: ColumnElement[bool],
    order_by: Order | Sequence[Order] = (),
    limit: int | None = None,
) -> Sequence[V]:
    order = order_by if isinstance(order_by, Sequence) else [order_by]
    return reader.session.scalars(select_where(reader, what, *conditions).order_by(*order).limit(limit)).all()


def first_where(
    reader: Reader,
    what: type[V] | InstrumentedAttribute[V],
    *conditions: ColumnElement[bool],
    order_by: Order | Sequence[Order] = (),
) -> V | None:
    return next(iter(all_where(reader, what, *conditions, order_by=order_by, limit=1)), None)


def update_where(tx: Transaction, table: type[Table], *conditions: ColumnElement[bool], **values: object) -> int:
    """The number of the workspace's rows that met the conditions and have the values now."""
    statement = update(table).where(table.workspace_id == tx.workspace, *conditions)
    return tx.execute(statement.values(values)).rowcount


def update_first(tx: Transaction, row: Table, *conditions: ColumnElement[bool], **values: object) -> bool:
    """False when another transaction was first, so that the conditions no longer hold; `row` is re-read either way."""
    mapper = inspect(type(row))
    identity = zip(mapper.primary_key, mapper.primary_key_from_instance(row), strict=True)
    same_row = (column == value for column, value in identity)
    is_first = update_where(tx, type(row), *same_row, *conditions, **values) == 1
    tx.session.refresh(row)
    return is_first


def delete_where(tx: Transaction, table: type[Table], *conditions: ColumnElement[bool]) -> int:
    return tx.execute(delete(table).where(table.workspace_id == tx.workspace, *conditions)).rowcount


def delete_some(tx: Transaction, table: type[Table], *conditions: ColumnElement[bool], limit: int) -> int:
    """`delete_where` for so many rows at most: what grows with the desk is deleted in slices."""
    key = inspect(table).primary_key
    some = select(*key).where(table.workspace_id == tx.workspace, *conditions).limit(limit)
    return tx.execute(delete(table).where(tuple_(*key).in_(some))).rowcount


def insert_if_absent(tx: Transaction, table: type[Table], **values: object) -> None:
    insert_absent(tx, table, [values])


def insert_absent(tx: Transaction, table: type[Table], rows: Sequence[Mapping[str, object]]) -> None:
    """A row whose key is in the table already stays as it is."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    if rows:
        values = [{"workspace_id": tx.workspace, **row} for row in rows]
        tx.execute(dialect.insert(table).on_conflict_do_nothing(), values)
