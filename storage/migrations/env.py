"""What Alembic runs its steps in: the connection that storage/migrations/migrate.py already opened."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from storage.schema import escalations, forecasts, people, sla, tickets  # noqa: F401 - all pages of the schema
from storage.schema.columns import EnumString, Table, UtcDateTime

connection: Connection = context.config.attributes["connection"]


def render_plain_type(kind: str, column_type: object, autogen: AutogenContext) -> str | Literal[False]:
    """A migration names the database's own types, so that it stays as it was when our types change."""
    if kind == "type" and isinstance(column_type, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(column_type, EnumString):
        return f"sa.{column_type.impl_instance!r}"
    return False


context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    render_item=render_plain_type,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
