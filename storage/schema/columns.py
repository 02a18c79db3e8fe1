"""What every table is made of: how moments and words are kept, how constraints are called."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Index, MetaData, String, TextClause
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from rules.alerts import HearBy
from rules.escalations.approvals import Answer
from rules.escalations.escalations import Advice, EscalationState, GapKind
from rules.model.approval import Approving
from rules.model.people import Level
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import ClockKind, ClockState
from rules.people.memberships import InTeam
from rules.presence.presence import Press

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
        list[str]: JSON,
        Status: Word(Status),
        Priority: Word(Priority),
        ReplyBy: Word(ReplyBy),
        ClockKind: Word(ClockKind),
        ClockState: Word(ClockState),
        EscalationState: Word(EscalationState),
        Advice: Word(Advice),
        HearBy: Word(HearBy),
        InTeam: Word(InTeam),
        Level: Word(Level),
        Press: Word(Press),
        Answer: Word(Answer),
        Approving: Word(Approving),
        GapKind: Word(GapKind),
    }


def partial(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    """An index over the rows that are still of interest, so that looking for them costs what is due."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def workspace_key() -> Mapped[str]:
    return mapped_column(String(24), primary_key=True)
