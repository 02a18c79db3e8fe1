"""What an SLA timer said before it changed is kept, so that the overdue tickets of a past day stay what they were.

The periods from before are made from the timers' own events, from the ticket's history where a due time moved for the
first time, and from the ends of timers that others replaced. From when on a ticket was due soon is known only where its
due time never moved.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"

ROWS_AT_ONCE = 2000
CHANGES = ("paused", "moved", "extended", "reopened")  # without one of these a timer said the same all the time
ENDS = ("met", "breached", "cancelled")
EXPLAINING = ("extended", "changed", "promised_anew")  # events of a ticket that name due times before and after
KEY = ("workspace_id", "number", "target")
MOMENT = sa.DateTime(timezone=True)
Row = dict[str, Any]
TIMERS = sa.table(
    "clocks",
    *(sa.column(name) for name in KEY),
    *(sa.column(name, MOMENT) for name in ("started_at", "due_at", "due_soon_at", "changed_at")),
    sa.column("turns", sa.JSON),
)
EVENTS = sa.table("events", *map(sa.column, (*KEY[:2], "kind")), sa.column("at", MOMENT), sa.column("data", sa.JSON))


def upgrade() -> None:
    periods = op.create_table(
        "sla_periods",
        sa.Column("workspace_id", sa.String(24), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", sa.String(24), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("due_soon_at", MOMENT, nullable=True),
        sa.Column("remaining_s", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "number", "target", "since", name=op.f("pk_sla_periods")),
    )
    with op.batch_alter_table("clocks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed_at", MOMENT, nullable=True))
    connection = op.get_bind()
    for timers in _timers_that_changed(connection):
        due_before = _first_due_times(connection, timers)
        rows = [row for timer in timers for row in _periods(timer, due_before)]
        if rows:
            connection.execute(sa.insert(periods), rows)
    _add_replaced_timers(connection)


def _timers_that_changed(connection: sa.Connection) -> Iterator[Sequence[sa.RowMapping]]:
    key = sa.tuple_(*(TIMERS.c[name] for name in KEY))
    has_changed = sa.or_(*(sa.cast(TIMERS.c.turns, sa.Text).contains(f'"{word}"') for word in CHANGES))
    query = sa.select(TIMERS).where(has_changed).order_by(*(TIMERS.c[name] for name in KEY)).limit(ROWS_AT_ONCE)
    timers = connection.execute(query).mappings().all()
    while timers:
        yield timers
        last = sa.tuple_(*(sa.literal(timers[-1][name]) for name in KEY))
        timers = connection.execute(query.where(key > last)).mappings().all()


def _first_due_times(connection: sa.Connection, timers: Sequence[sa.RowMapping]) -> dict[tuple[Any, ...], datetime]:
    """By timer and moment the due time before it, of timers that moved before anything else happened to them."""
    moved = [timer for timer in timers if timer["turns"][0]["did"] in ("moved", "extended")]
    due_times: dict[tuple[Any, ...], datetime] = {}
    for start in range(0, len(moved), 500):
        numbers = {timer["number"] for timer in moved[start : start + 500]}
        query = sa.select(EVENTS).where(EVENTS.c.number.in_(numbers), EVENTS.c.kind.in_(EXPLAINING))
        for event in connection.execute(query).mappings():
            for target, (before, _) in event["data"].get("due", {}).items():
                if before is not None:
                    key = (event["workspace_id"], event["number"], target, _utc(event["at"]))
                    due_times[key] = _utc(before)
    return due_times


def _periods(timer: sa.RowMapping, due_before: Mapping[tuple[Any, ...], datetime]) -> Iterator[Row]:
    """What the timer said until each change; it says the rest since the last of them."""
    key, first = {name: timer[name] for name in KEY}, timer["turns"][0]
    since, ended_at, remaining_s = _utc(timer["started_at"]), None, None
    due_at = due_before.get((*key.values(), _utc(first["at"])), _utc(first["due_at"]))
    for event in timer["turns"]:
        at = _utc(event["at"])
        if event["did"] in ENDS:
            ended_at = at
            continue
        until = ended_at or at
        if since < until:
            due_soon_at = timer["due_soon_at"] if due_at == _utc(timer["due_at"]) else None
            values = {"due_at": due_at, "due_soon_at": due_soon_at, "remaining_s": remaining_s}
            yield key | {"since": since, "until": until} | values
        is_paused = event["did"] == "paused" or (remaining_s is not None and event["did"] in ("moved", "extended"))
        remaining_s = event["left_s"] if is_paused else None
        since, due_at, ended_at = at, _utc(event["due_at"]), None
    if since != _utc(timer["started_at"]):
        op.get_bind().execute(_update_changed_at(key, since))


def _utc(moment: datetime | str) -> datetime:
    """SQLite keeps no zone."""
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return known.replace(tzinfo=UTC) if known.tzinfo is None else known.astimezone(UTC)


def _update_changed_at(key: Mapping[str, Any], since: datetime) -> sa.Update:
    return sa.update(TIMERS).where(*(TIMERS.c[name] == value for name, value in key.items())).values(changed_at=since)


def _add_replaced_timers(connection: sa.Connection) -> None:
    """A timer that had begun before the present one of its kind left the row of its end alone."""
    connection.execute(
        sa.text(
            "INSERT INTO sla_periods (workspace_id, number, target, since, until, due_at) "
            "SELECT o.workspace_id, o.number, o.target, o.started_at, max(o.ended_at), max(o.due_at) "
            "FROM sla_outcomes o JOIN clocks c "
            "ON c.workspace_id = o.workspace_id AND c.number = o.number AND c.target = o.target "
            "WHERE o.started_at < c.started_at AND o.started_at < o.ended_at "
            "GROUP BY o.workspace_id, o.number, o.target, o.started_at"
        )
    )
