"""How each SLA timer ended has a row of its own, so that what happens to the timer later changes no figure of the past.

The rows of timers that ended before are made from the timers' own events.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"

ENDED = ("met", "breached")
ROWS_AT_ONCE = 5000


def upgrade() -> None:
    outcomes = op.create_table(
        "sla_outcomes",
        sa.Column("workspace_id", sa.String(24), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", sa.String(24), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total_s", sa.Integer(), nullable=False),
        sa.Column("left_s", sa.Integer(), nullable=False),
        sa.Column("calendar", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "number", "target", "ended_at", name=op.f("pk_sla_outcomes")),
    )
    op.create_index("ix_sla_outcomes_ended", "sla_outcomes", ["workspace_id", "target", "ended_at"])
    moments = [sa.column(name, sa.DateTime(timezone=True)) for name in ("started_at", "due_at", "closed_at")]
    plain: list[sa.ColumnClause[Any]] = [
        sa.column(name) for name in ("workspace_id", "number", "target", "state", "total_s", "calendar")
    ]
    timers = sa.table("clocks", *plain, *moments, sa.column("turns", sa.JSON))
    has_reopened = sa.cast(timers.c.turns, sa.Text).like("%reopened%")
    ended = sa.select(timers).where(sa.or_(timers.c.state.in_(ENDED), has_reopened))
    connection = op.get_bind()
    found = connection.execute(ended.execution_options(yield_per=ROWS_AT_ONCE))
    for rows in found.mappings().partitions():
        values = [outcome for row in rows for outcome in _outcomes(row)]
        if values:
            connection.execute(sa.insert(outcomes), values)


def _outcomes(timer: sa.RowMapping) -> Iterator[dict[str, Any]]:
    """One for each end in its events; a timer from before it had events ended once."""
    facts = {name: timer[name] for name in ("workspace_id", "number", "target", "started_at", "total_s", "calendar")}
    ends: Sequence[Mapping[str, Any]] = [event for event in timer["turns"] or () if event["did"] in ENDED]
    for event in {event["at"]: event for event in ends}.values():
        at, due_at = datetime.fromisoformat(event["at"]), datetime.fromisoformat(event["due_at"])
        yield facts | {"ended_at": at, "state": event["did"], "due_at": due_at, "left_s": event["left_s"]}
    if not ends and timer["closed_at"] is not None:
        ended = {"ended_at": timer["closed_at"], "state": timer["state"], "due_at": timer["due_at"]}
        yield facts | ended | {"left_s": 0}
