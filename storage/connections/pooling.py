"""A pooler before PostgreSQL that lends connections by transaction, such as pgbouncer.

Behind it a statement that was prepared in one transaction is unknown in the next, or another process's. Baton then
prepares none (docs/decisions/0017-no-session-state.md).
"""

from typing import Final

import psycopg
from sqlalchemy.engine import URL

DIRECT_DRIVER: Final = "postgresql+asyncpg"
POOLED_DRIVER: Final = "postgresql+psycopg"
CHECKS: Final = 5


def is_pooled(url: URL) -> bool:
    """True when two connections at once reach the same process of the server: only a pooler does that.

    It is looked at several times: others may borrow the pooler's connection in between. False where no server
    answers: the next connection fails with the reason.
    """
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with _connect(address) as one, _connect(address) as other:
            return any(_server_process(one) == _server_process(other) for _ in range(CHECKS))
    except psycopg.OperationalError:
        return False


def _connect(address: str) -> psycopg.Connection:
    return psycopg.connect(address, autocommit=True, prepare_threshold=None)


def _server_process(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    return int(row[0]) if row is not None else 0
