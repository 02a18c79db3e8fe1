"""Statements are compiled once for all engines of a kind, as in a process that runs for long.

SQLAlchemy compiles each statement once for an engine. A test makes three of its own and would spend a third of its time
on that.
"""

from typing import Any, ClassVar

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import Dialect


class Alike(Dialect):
    """All dialects of one class count as the same one, and their engines share what was compiled."""

    compiled: ClassVar[dict[Any, Any]] = {}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=cls.compiled)


class Pysqlite(Alike, SQLiteDialect_pysqlite):
    supports_statement_cache = True


class Aiosqlite(Alike, SQLiteDialect_aiosqlite):
    supports_statement_cache = True


class Psycopg(Alike, PGDialect_psycopg):
    supports_statement_cache = True


class Asyncpg(Alike, PGDialect_asyncpg):
    supports_statement_cache = True


def share() -> None:
    """From now on, whoever makes an engine gets one of these."""
    dialects = {"sqlite": Pysqlite, "sqlite.aiosqlite": Aiosqlite}
    dialects |= {"postgresql.psycopg": Psycopg, "postgresql.asyncpg": Asyncpg}
    for name, dialect in dialects.items():
        registry.register(name, __name__, dialect.__name__)
