"""What every table is made of: how moments and enumerations are stored, how constraints are named."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import JSON, ColumnElement, DateTime, Dialect, Index, MetaData, String, TextClause
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from rules.alerts import AlertChannel
from rules.escalations.approvals import ApproverAnswer
from rules.escalations.escalations import EscalationState, ImprovementKind, RejectionReason
from rules.model.approval import ApprovalMode
from rules.model.people import SkillLevel
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import TimerKind, TimerState
from rules.people.memberships import TeamRole
from rules.presence.presence import PresenceAction, TimeEntryCategory

W = TypeVar("W", bound=StrEnum)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC. SQLite keeps no zone, so it is added when a row is read."""

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


class EnumString(TypeDecorator[W], Generic[W]):
    """A StrEnum stored as its value; a value that no longer exists fails loudly when read."""

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
    """The base of every table, which leads with its workspace; constraint names follow one convention."""

    metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        Status: EnumString(Status),
        Priority: EnumString(Priority),
        ReplyBy: EnumString(ReplyBy),
        TimerKind: EnumString(TimerKind),
        TimerState: EnumString(TimerState),
        EscalationState: EnumString(EscalationState),
        RejectionReason: EnumString(RejectionReason),
        AlertChannel: EnumString(AlertChannel),
        TeamRole: EnumString(TeamRole),
        SkillLevel: EnumString(SkillLevel),
        PresenceAction: EnumString(PresenceAction),
        TimeEntryCategory: EnumString(TimeEntryCategory),
        ApproverAnswer: EnumString(ApproverAnswer),
        ApprovalMode: EnumString(ApprovalMode),
        ImprovementKind: EnumString(ImprovementKind),
    }
    workspace_id: Mapped[str] = mapped_column(String(24), primary_key=True, sort_order=-1)


def same_ticket(table: type[Table], other: type[Table]) -> ColumnElement[bool]:
    """Joins two tables whose rows belong to a ticket, by its number."""
    columns, others = table.__table__.c, other.__table__.c
    return (columns.workspace_id == others.workspace_id) & (columns.number == others.number)


def partial_index(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    """An index over the rows that still matter, so that finding them costs what is due."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
