"""The tables of extensions, alerts and alert preferences."""

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from rules.alerts import AlertChannel
from rules.model.timers import TimerKind, TimerState
from storage.schema.columns import Table, partial_index


class Extension(Table):
    """More time that a person requested, beyond what they may add by themselves, and the lead's decision."""

    __tablename__ = "extensions"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target: Mapped[TimerKind]
    duration: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None]
    granted: Mapped[bool | None]

    _undecided = text("decided_at IS NULL")
    __table_args__ = (
        partial_index("uq_extensions_undecided", "workspace_id", "number", unique=True, where=_undecided),
    )


class SlaOutcome(Table):
    """How one run of a ticket's SLA timer ended: met or breached. What happens to the timer later changes no row; a
    timer that is reopened and ends again has another one."""

    __tablename__ = "sla_outcomes"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target: Mapped[TimerKind] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(primary_key=True)
    state: Mapped[TimerState]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    total_s: Mapped[int]
    left_s: Mapped[int]
    calendar: Mapped[str] = mapped_column(String(40), default="")
    __table_args__ = (Index("ix_sla_outcomes_ended", "workspace_id", "target", "ended_at"),)


class SlaPeriod(Table):
    """From `since` up to `until` a ticket's SLA timer was open with these values. A row is added when the values change
    or the timer begins anew; those that count now are in the timer's own row, which says since when."""

    __tablename__ = "sla_periods"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target: Mapped[TimerKind] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    due_at: Mapped[datetime]
    due_soon_at: Mapped[datetime | None]
    remaining_s: Mapped[int | None]


class AlertBudget(Table):
    """How many alert cards a channel got in the last counted hour."""

    __tablename__ = "alert_budgets"
    lane: Mapped[str] = mapped_column(String(24), primary_key=True)
    hour: Mapped[datetime]
    cards: Mapped[int]


class GroupedAlert(Table):
    """A ticket on a message about a group of tickets, so that a change of the ticket refreshes the message."""

    __tablename__ = "gathered"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lane: Mapped[str] = mapped_column(String(24), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    __table_args__ = (Index("ix_gathered_message", "workspace_id", "lane", "subject"),)


class AlertPreference(Table):
    """Where one person wants to receive alerts."""

    __tablename__ = "preferences"
    person: Mapped[str] = mapped_column(String(24), primary_key=True)
    alerts: Mapped[AlertChannel]
