"""The schema on one page: what the desk remembers. Every table leads with its workspace."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Index, MetaData, String, Text, TextClause, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from rules.escalations import Advice, EscalationState
from rules.sla import ClockKind, ClockState
from rules.tickets import Priority, ReplyBy, Status

W = TypeVar("W", bound=StrEnum)


class Utc(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; the desk stores aware moments only.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[W], Generic[W]):
    """A StrEnum kept as its own word; a word that is no longer one fails loudly when read."""

    impl = String(24)
    cache_ok = True

    def __init__(self, kind: type[W]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: W | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> W | None:
        return None if value is None else self.kind(value)


class Table(DeclarativeBase):
    """The base of every table: constraint names are spelled the same way everywhere."""

    metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Utc,
        dict[str, Any]: JSON,
        Status: Word(Status),
        Priority: Word(Priority),
        ReplyBy: Word(ReplyBy),
        ClockKind: Word(ClockKind),
        ClockState: Word(ClockState),
        EscalationState: Word(EscalationState),
        Advice: Word(Advice),
    }


def _partial(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    """An index over the rows that are still of interest, so that looking for them costs what is due."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _workspace() -> Mapped[str]:
    return mapped_column(String(24), primary_key=True)


class Workspace(Table):
    """One Slack workspace: its counter, and the desk's description as applied."""

    __tablename__ = "workspaces"
    workspace_id: Mapped[str] = _workspace()
    last_number: Mapped[int] = mapped_column(default=0)
    policy: Mapped[dict[str, Any] | None]
    policy_version: Mapped[int] = mapped_column(default=0)
    applied_at: Mapped[datetime | None]


class Inbox(Table):
    """What arrived, by its key, and what the first arrival was answered."""

    __tablename__ = "inbox"
    workspace_id: Mapped[str] = _workspace()
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    answer: Mapped[Any] = mapped_column(JSON)
    at: Mapped[datetime]
    __table_args__ = (Index(None, "workspace_id", "at"),)


class Ticket(Table):
    """One request. `resolved_at` is empty exactly while it is open; `seq` numbers its events."""

    __tablename__ = "tickets"
    workspace_id: Mapped[str] = _workspace()
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[Status]
    priority: Mapped[Priority]
    type: Mapped[str] = mapped_column(String(120))
    team: Mapped[str] = mapped_column(String(120))
    first_line: Mapped[str] = mapped_column(String(120))
    requester: Mapped[str] = mapped_column(String(120))
    registered_by: Mapped[str] = mapped_column(String(120))
    assignee: Mapped[str | None] = mapped_column(String(120))
    customer: Mapped[str | None] = mapped_column(Text)
    reply_by: Mapped[ReplyBy]
    source: Mapped[str | None] = mapped_column(String(200))
    permalink: Mapped[str | None] = mapped_column(Text)
    files: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]
    first_reply_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(String(120))
    reopened: Mapped[int] = mapped_column(default=0)
    remind_at: Mapped[datetime | None]

    _open, _done = text("resolved_at IS NULL"), text("resolved_at IS NOT NULL")
    __table_args__ = (
        _partial("ix_tickets_open_team", "workspace_id", "team", "number", where=_open),
        _partial("ix_tickets_open_assignee", "workspace_id", "assignee", where=_open),
        _partial("ix_tickets_remind", "workspace_id", "remind_at", where=text("remind_at IS NOT NULL")),
        Index("ix_tickets_requester", "workspace_id", "requester", "number"),
        Index("ix_tickets_created", "workspace_id", "created_at"),
        _partial("ix_tickets_resolved", "workspace_id", "resolved_at", where=_done),
        Index("uq_tickets_source", "workspace_id", "source", unique=True),
    )


class Clock(Table):
    """One promise of one ticket: `next_alert_at` is set only while an alert is still to come."""

    __tablename__ = "clocks"
    workspace_id: Mapped[str] = _workspace()
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target: Mapped[ClockKind] = mapped_column(primary_key=True)
    state: Mapped[ClockState]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    total_s: Mapped[int]
    remaining_s: Mapped[int | None]
    level: Mapped[int] = mapped_column(default=0)
    next_alert_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    _alerting = text("next_alert_at IS NOT NULL")
    _running = text("state = 'running'")
    __table_args__ = (
        _partial("ix_clocks_alert", "workspace_id", "next_alert_at", where=_alerting),
        _partial("ix_clocks_due", "workspace_id", "due_at", where=_running),
    )


class Escalation(Table):
    """A question to the experts, and their decision."""

    __tablename__ = "escalations"
    workspace_id: Mapped[str] = _workspace()
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[EscalationState]
    team: Mapped[str] = mapped_column(String(120))
    from_team: Mapped[str] = mapped_column(String(120))
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(Text)
    tried: Mapped[str] = mapped_column(Text)
    answer_due_at: Mapped[datetime]
    remaining_s: Mapped[int | None]
    remind_at: Mapped[datetime | None]
    question: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None]
    advice: Mapped[Advice | None]
    comment: Mapped[str | None] = mapped_column(Text)

    _undecided = text("decided_at IS NULL")
    __table_args__ = (
        _partial("uq_escalations_undecided", "workspace_id", "number", unique=True, where=_undecided),
        _partial("ix_escalations_team", "workspace_id", "team", where=_undecided),
        Index("ix_escalations_decided", "workspace_id", "decided_at"),
    )


class Event(Table):
    """The append-only history: what happened, when, by whom, and how the ticket stood after it."""

    __tablename__ = "events"
    workspace_id: Mapped[str] = _workspace()
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))
    status: Mapped[Status]
    team: Mapped[str] = mapped_column(String(120))
    assignee: Mapped[str | None] = mapped_column(String(120))
    data: Mapped[dict[str, Any]]
    __table_args__ = (Index(None, "workspace_id", "at", "kind"),)


class Outgoing(Table):
    """What Slack is still to hear. `once` is never said twice; `fold` merges refreshes that still wait."""

    __tablename__ = "outbox"
    workspace_id: Mapped[str] = _workspace()
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lane: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(24))
    number: Mapped[int | None]
    subject: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]]
    once: Mapped[str | None] = mapped_column(String(200))
    fold: Mapped[str | None] = mapped_column(String(200))
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)

    _pending = text("next_at IS NOT NULL")
    _waiting = text("next_at IS NOT NULL AND claimed_at IS NULL")
    __table_args__ = (
        _partial("ix_outbox_pending", "workspace_id", "next_at", where=_pending),
        _partial("ix_outbox_lane", "workspace_id", "lane", "id", where=_pending),
        _partial("uq_outbox_fold", "workspace_id", "fold", unique=True, where=_waiting),
        Index("uq_outbox_once", "workspace_id", "once", unique=True),
    )


class Post(Table):
    """Where a card lives in Slack, so that it is edited in place and its thread is recognised."""

    __tablename__ = "posts"
    workspace_id: Mapped[str] = _workspace()
    channel: Mapped[str] = mapped_column(String(24), primary_key=True)
    ts: Mapped[str] = mapped_column(String(24), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(64))
    number: Mapped[int | None]
    lane: Mapped[str] = mapped_column(String(24))
    digest: Mapped[str | None] = mapped_column(String(64))
    __table_args__ = (
        Index("uq_posts_card", "workspace_id", "kind", "subject", "lane", unique=True),
        Index("ix_posts_number", "workspace_id", "number"),
    )


class Person(Table):
    """What Slack told us of a person: for lists that need a name in plain text, and for their own time zone."""

    __tablename__ = "people"
    workspace_id: Mapped[str] = _workspace()
    user_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    tz: Mapped[str] = mapped_column(String(64), default="UTC")
    is_guest: Mapped[bool] = mapped_column(default=False)
    gone: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime]


class Job(Table):
    """When each scheduled job last ran and how it went; the row is the claim that two processes race for."""

    __tablename__ = "jobs"
    workspace_id: Mapped[str] = _workspace()
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    ms: Mapped[int | None]
    result: Mapped[str | None] = mapped_column(Text)
    failed: Mapped[bool] = mapped_column(default=False)
