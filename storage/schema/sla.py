"""The schema's page of due times: more time, alerts, and how people want to hear of them."""

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from rules.alerts import AlertChannel
from rules.model.timers import TimerKind
from storage.schema.columns import Table, partial_index, workspace_key


class Extension(Table):
    """More time that somebody asked for, beyond what they may add themselves, and what the lead said."""

    __tablename__ = "extensions"
    workspace_id: Mapped[str] = workspace_key()
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


class AlertBudget(Table):
    """How many alert cards a channel got in the hour that was counted last."""

    __tablename__ = "alert_budgets"
    workspace_id: Mapped[str] = workspace_key()
    lane: Mapped[str] = mapped_column(String(24), primary_key=True)
    hour: Mapped[datetime]
    cards: Mapped[int]


class GroupedAlert(Table):
    """Which tickets one message speaks of together, so that a change of any of them redraws it."""

    __tablename__ = "gathered"
    workspace_id: Mapped[str] = workspace_key()
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lane: Mapped[str] = mapped_column(String(24), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    __table_args__ = (Index("ix_gathered_message", "workspace_id", "lane", "subject"),)


class AlertPreference(Table):
    """How one person wants to hear of alerts."""

    __tablename__ = "preferences"
    workspace_id: Mapped[str] = workspace_key()
    person: Mapped[str] = mapped_column(String(24), primary_key=True)
    alerts: Mapped[AlertChannel]
