"""Why the database cannot save, or cannot be reached, just now: an outage, not a fault of the program."""

from enum import Enum
from sqlite3 import (
    SQLITE_BUSY,
    SQLITE_CANTOPEN,
    SQLITE_CORRUPT,
    SQLITE_FULL,
    SQLITE_IOERR,
    SQLITE_LOCKED,
    SQLITE_NOTADB,
    SQLITE_PROTOCOL,
    SQLITE_READONLY,
)
from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from rules.errors import Refused
from rules.text import _


class Outage(Enum):
    BUSY = "busy"
    DISCONNECTED = "disconnected"
    FULL = "full"
    READ_ONLY = "read-only"
    DISK_FAULT = "disk fault"
    DAMAGED = "damaged"
    MOVED = "moved"


_SENTENCES: Final = {
    Outage.BUSY: _("Nothing was saved: the desk is busy just now. Please try again in a moment."),
    Outage.DISCONNECTED: _("Nothing was saved: the desk's database does not answer. Please try again in a moment."),
    Outage.FULL: _("Nothing was saved: the desk's disk is full. Please tell your administrator, and try again later."),
    Outage.READ_ONLY: _(
        "Nothing was saved: the desk's database may only be read. Please tell your administrator, and try again later."
    ),
    Outage.DISK_FAULT: _(
        "Nothing was saved: the desk's disk refused it. Please tell your administrator, and try again later."
    ),
    Outage.DAMAGED: _(
        "Nothing was saved: the desk's database is damaged. Please tell your administrator; it needs its backup."
    ),
    Outage.MOVED: _(
        "Nothing was saved: the desk's database file was removed or replaced. Please tell your administrator: it takes "
        "up the file that is there when it is started again."
    ),
}
_BY_SQLITE_CODE: Final = {
    SQLITE_BUSY: Outage.BUSY,
    SQLITE_LOCKED: Outage.BUSY,
    SQLITE_PROTOCOL: Outage.BUSY,
    SQLITE_CANTOPEN: Outage.DISCONNECTED,
    SQLITE_FULL: Outage.FULL,
    SQLITE_READONLY: Outage.READ_ONLY,
    SQLITE_IOERR: Outage.DISK_FAULT,
    SQLITE_CORRUPT: Outage.DAMAGED,
    SQLITE_NOTADB: Outage.DAMAGED,
}
# PostgreSQL's SQLSTATE, from the more to the less particular
_BY_SQLSTATE: Final = (
    ("25006", Outage.READ_ONLY),  # read_only_sql_transaction: a standby, or default_transaction_read_only
    ("53100", Outage.FULL),  # disk_full
    ("53", Outage.DISCONNECTED),  # insufficient resources: too many connections, out of memory
    ("08", Outage.DISCONNECTED),  # connection exceptions
    ("57P", Outage.DISCONNECTED),  # the server shuts down, has crashed, or is starting
    ("57014", Outage.BUSY),  # query_canceled: a time limit
    ("55P03", Outage.BUSY),  # lock_not_available
    ("40", Outage.BUSY),  # serialization failures and deadlocks
    ("58", Outage.DISK_FAULT),  # system errors: I/O
    ("XX001", Outage.DAMAGED),  # data_corrupted
    ("XX002", Outage.DAMAGED),  # index_corrupted
)


class NotSaved(Refused):
    """The operation was given up before its commit: nothing of it is saved."""

    def __init__(self, outage: Outage = Outage.BUSY) -> None:
        super().__init__(_SENTENCES[outage])
        self.outage = outage


class NotRead(Refused):
    """The database cannot be reached just now; when it can, the same question is answered."""

    def __init__(self) -> None:
        super().__init__(_("The desk's database does not answer just now. Please try again in a moment."))
        self.outage = Outage.DISCONNECTED


def outage_of(error: BaseException) -> Outage | None:
    """None when the error is a fault of the program, or a refusal of the database that is about one operation."""
    if isinstance(error, NotSaved | NotRead):
        return error.outage
    if isinstance(error, PoolTimeout | OSError | asyncpg.InterfaceError):
        return Outage.DISCONNECTED
    driver_error = error.orig if isinstance(error, DBAPIError) else error
    code, state = getattr(driver_error, "sqlite_errorcode", None), getattr(driver_error, "sqlstate", None)
    if code is not None:
        return _BY_SQLITE_CODE.get(code & 0xFF)  # the rest of an extended code only refines it
    known = next((outage for start, outage in _BY_SQLSTATE if state and state.startswith(start)), None)
    return known or (Outage.DISCONNECTED if _is_connection_lost(error, state) else None)


def _is_connection_lost(error: BaseException, state: str | None) -> bool:
    """A driver that lost the server has no state of the server to tell."""
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or (state is None and isinstance(error, OperationalError | InterfaceError))
