"""Leave and shifts are one table."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"

SHARED = ("workspace_id", "person", "id", "begins", "ends", "uid", "by", "at", "cancelled_at")
LEAVE = ("kind", "reason", "handed_at")


def upgrade() -> None:
    op.create_table(
        "time_entries",
        sa.Column("workspace_id", sa.String(length=24), nullable=False),
        sa.Column("person", sa.String(length=24), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("uid", sa.String(length=200), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "person", "category", "id", name=op.f("pk_time_entries")),
    )
    with op.batch_alter_table("time_entries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_time_entries_current",
            ["workspace_id", "person", "category", "ends"],
            unique=False,
            sqlite_where=sa.text("cancelled_at IS NULL"),
            postgresql_where=sa.text("cancelled_at IS NULL"),
        )
        batch_op.create_index("uq_time_entries_uid", ["workspace_id", "person", "category", "uid"], unique=True)
    _move_rows("absences", LEAVE, category="leave")
    _move_rows("shifts", (), category="shift", kind="", reason="")


def _move_rows(old: str, more: tuple[str, ...], **values: str) -> None:
    """Ids stay: buttons that are already in Slack carry them."""
    names = (*SHARED, *more)
    source = sa.table(old, *map(sa.column, names))
    target = sa.table("time_entries", *map(sa.column, (*names, *values)))
    rows = sa.select(*(source.c[name] for name in names), *map(sa.literal, values.values()))
    op.execute(target.insert().from_select([*names, *values], rows))
    op.drop_table(old)
