"""The tables of people: leave, shifts, presence, skills, memberships and reassignments."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from rules.model.people import SkillLevel
from rules.people.memberships import TeamRole
from rules.presence.presence import PresenceAction, TimeEntryCategory
from storage.schema.columns import Table, partial_index


class TimeEntry(Table):
    """A period that was entered beside a person's calendar, numbered by person and category; `uid` identifies the entry
    in the calendar file it was imported from."""

    __tablename__ = "time_entries"
    person: Mapped[str] = mapped_column(String(24), primary_key=True)
    category: Mapped[TimeEntryCategory] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begins: Mapped[datetime]
    ends: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    uid: Mapped[str | None] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    _current = text("cancelled_at IS NULL")
    __table_args__ = (
        partial_index("ix_time_entries_current", "workspace_id", "person", "category", "ends", where=_current),
        Index("uq_time_entries_uid", "workspace_id", "person", "category", "uid", unique=True),
    )
    __mapper_args__ = {"polymorphic_on": "category"}  # noqa: RUF012 - SQLAlchemy types it so


class LeaveEntry(TimeEntry):
    """Time away; `kind` says why. `handed_at` is when absence cover reassigned the person's tickets."""

    __mapper_args__ = {"polymorphic_identity": TimeEntryCategory.LEAVE}  # noqa: RUF012 - SQLAlchemy types it so
    handed_at: Mapped[datetime | None]


class ShiftEntry(TimeEntry):
    """Working time beside what the person's calendar says."""

    __mapper_args__ = {"polymorphic_identity": TimeEntryCategory.SHIFT}  # noqa: RUF012 - SQLAlchemy types it so
    if TYPE_CHECKING:
        ends: Mapped[datetime]  # a shift always has an end


class PresenceActionRow(Table):
    """A person's action on the presence board: the latest gives the status, all together the logged time."""

    __tablename__ = "floor"
    person: Mapped[str] = mapped_column(String(24), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    what: Mapped[PresenceAction]
    activity: Mapped[str] = mapped_column(String(75), default="")


class SkillRow(Table):
    """A person's skill in a ticket type as a lead last set it; it overrides desk.yml."""

    __tablename__ = "competences"
    person: Mapped[str] = mapped_column(String(24), primary_key=True)
    type: Mapped[str] = mapped_column(String(120), primary_key=True)
    level: Mapped[SkillLevel | None]
    until: Mapped[str | None] = mapped_column(String(10))
    certificate: Mapped[str] = mapped_column(String(75), default="")
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]


class SkillChange(Table):
    """The history of skills: who set what for whom, before and after."""

    __tablename__ = "competence_changes"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    person: Mapped[str] = mapped_column(String(24))
    type: Mapped[str] = mapped_column(String(120))
    was: Mapped[dict[str, Any] | None]
    now: Mapped[dict[str, Any] | None]
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    __table_args__ = (Index("ix_competence_changes_person", "workspace_id", "person", "id"),)


class UserGroupRow(Table):
    """A user group that fills a team, one row for each change: the latest counts. `changed_at` is Slack's time."""

    __tablename__ = "user_groups"
    group_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    name: Mapped[str] = mapped_column(Text)
    handle: Mapped[str] = mapped_column(Text)
    members: Mapped[list[str]]
    changed_at: Mapped[datetime]


class MembershipRow(Table):
    """A person's role in a team as a lead set it: the latest row counts and overrides desk.yml."""

    __tablename__ = "memberships"
    team: Mapped[str] = mapped_column(String(120), primary_key=True)
    person: Mapped[str] = mapped_column(String(24), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    role: Mapped[TeamRole]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))


class AssignmentShares(Table):
    """The work that the desk has assigned to each person of a team: when last, and how many minutes in all.

    The desk locks this row while it routes a ticket of the team.
    """

    __tablename__ = "turns"
    team: Mapped[str] = mapped_column(String(120), primary_key=True)
    turns: Mapped[dict[str, Any]]


class BulkReassignment(Table):
    """Tickets that were reassigned together, with their state before, so that it can be undone."""

    __tablename__ = "baskets"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    giver: Mapped[str] = mapped_column(String(120))
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    why: Mapped[str] = mapped_column(Text, default="")
    moves: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(120))
    returned_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_baskets_giver", "workspace_id", "giver", "id"),)
