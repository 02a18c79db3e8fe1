"""The tables of forecasts: estimates, forecasts, predictions, and what-if actions applied."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from rules.model.tickets import Priority
from storage.schema.columns import Table, partial_index


class TeamEstimatesRow(Table):
    """Handling and resolution times and `elapsed` curves estimated from a team's history, and when; `method`, chosen
    less often, says how a chance is told."""

    __tablename__ = "learnings"
    team: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime]
    effort: Mapped[dict[str, Any]]
    pace: Mapped[dict[str, Any]]
    n: Mapped[int]
    elapsed: Mapped[list[Any] | None] = mapped_column(JSON)
    method: Mapped[dict[str, Any] | None]
    chosen_at: Mapped[datetime | None]


class LatestForecast(Table):
    """A team's latest forecast and what-if actions, and how bad it was when its lead was last notified."""

    __tablename__ = "looks"
    team: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime]
    outlook: Mapped[dict[str, Any]]
    levers: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    told_on: Mapped[str | None] = mapped_column(String(10))
    told_breaches: Mapped[float | None]


class Prediction(Table):
    """A ticket's first chance of the day, and whether it came true (`came_true`; None when the SLA target changed).

    `elapsed` is the chance by elapsed time alone, `is_waiting` whether it waited for its customer; None in old rows.
    """

    __tablename__ = "predictions"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    team: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    due_at: Mapped[datetime]
    promised_s: Mapped[int]
    chance: Mapped[float]
    elapsed: Mapped[float | None]
    is_waiting: Mapped[bool | None]
    decided_at: Mapped[datetime | None]
    came_true: Mapped[bool | None]

    _open = text("decided_at IS NULL")
    __table_args__ = (
        partial_index("ix_predictions_undecided", "workspace_id", "number", where=_open),
        Index("ix_predictions_decided", "workspace_id", "decided_at"),
        Index("ix_predictions_day", "workspace_id", "day", "team"),
    )


class AppliedAction(Table):
    """A what-if action that was applied: the breaches expected without it and with it, and those that came."""

    __tablename__ = "interventions"
    team: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(String(120))
    lever: Mapped[dict[str, Any]]
    watched: Mapped[list[int]] = mapped_column(JSON)
    before: Mapped[float]
    after: Mapped[float]
    check_at: Mapped[datetime]
    breached: Mapped[int | None]

    _unchecked = text("breached IS NULL")
    __table_args__ = (partial_index("ix_interventions_check", "workspace_id", "check_at", where=_unchecked),)


class Deferral(Table):
    """Until when a team puts tickets of one priority on hold."""

    __tablename__ = "deferrals"
    team: Mapped[str] = mapped_column(String(120), primary_key=True)
    priority: Mapped[Priority] = mapped_column(primary_key=True)
    until: Mapped[datetime]
