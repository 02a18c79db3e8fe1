"""One deed's transaction: where it writes, when it happens, for whom, under which policy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm import Session

from rules.model.policy import Policy


class Work:
    """What a deed and the storage functions beneath it are handed. `now` is one moment for the whole deed, `version`
    that of the description which `policy` was read from."""

    __slots__ = ("_cursor", "_session", "connection", "now", "policy", "spoke", "version", "workspace")

    def __init__(
        self, connection: Connection, *, now: datetime, workspace: str, policy: Policy, version: int = 0
    ) -> None:
        self.connection = connection
        self.now = now
        self.workspace = workspace
        self.policy = policy
        self.version = version
        self.spoke: set[str] = set()
        self._session: Session | None = None
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
        """The driver's own cursor, one for the whole deed: storage/compiled.py writes through it."""
        if self._cursor is None:
            self._cursor = self.connection.connection.cursor()
        return self._cursor

    def run(
        self, statement: Executable, values: dict[str, Any] | Sequence[dict[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Runs one Core statement, after whatever the session still holds back."""
        self.flush()
        return self.connection.execute(statement, values)

    def flush(self) -> None:
        """Writes what the session holds back, so that the database says no inside the deed, not after it."""
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        if self._cursor is not None:
            self._cursor.close()
        if self._session is not None:
            self._session.close()
