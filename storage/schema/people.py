"""The schema's third page: who is here, who knows what, and what was moved from one to another."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from rules.model.people import SkillLevel
from rules.people.memberships import TeamRole
from rules.presence.presence import PresenceAction
from storage.schema.columns import Table, partial_index, workspace_key


class LeaveEntry(Table):
    """Time that somebody is away; `uid` is the name of the entry in the calendar it came from."""

    __tablename__ = "absences"
    workspace_id: Mapped[str] = workspace_key()
    person: Mapped[str] = mapped_column(String(24), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begins: Mapped[datetime]
    ends: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="")
    uid: Mapped[str | None] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]

    _stands = text("cancelled_at IS NULL")
    __table_args__ = (
        partial_index("ix_absences_stand", "workspace_id", "person", "begins", where=_stands),
        Index("uq_absences_uid", "workspace_id", "person", "uid", unique=True),
    )


class ShiftEntry(Table):
    """Working time of one person beside what their calendar says; `uid` is the name of the entry in the calendar it
    came from."""

    __tablename__ = "shifts"
    workspace_id: Mapped[str] = workspace_key()
    person: Mapped[str] = mapped_column(String(24), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    uid: Mapped[str | None] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    _stands = text("cancelled_at IS NULL")
    __table_args__ = (
        partial_index("ix_shifts_stand", "workspace_id", "person", "ends", where=_stands),
        Index("uq_shifts_uid", "workspace_id", "person", "uid", unique=True),
    )


class PresenceActionRow(Table):
    """What somebody pressed on the floor card, in order: presence is read from the newest, times from all of it."""

    __tablename__ = "floor"
    workspace_id: Mapped[str] = workspace_key()
    person: Mapped[str] = mapped_column(String(24), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    what: Mapped[PresenceAction]
    activity: Mapped[str] = mapped_column(String(75), default="")


class SkillRow(Table):
    """How well somebody knows a type, as a lead said last; it counts before desk.yml."""

    __tablename__ = "competences"
    workspace_id: Mapped[str] = workspace_key()
    person: Mapped[str] = mapped_column(String(24), primary_key=True)
    type: Mapped[str] = mapped_column(String(120), primary_key=True)
    level: Mapped[SkillLevel | None]
    until: Mapped[str | None] = mapped_column(String(10))
    certificate: Mapped[str] = mapped_column(String(75), default="")
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]


class SkillChange(Table):
    """The history of competences: who said what of whom, and what was said before."""

    __tablename__ = "competence_changes"
    workspace_id: Mapped[str] = workspace_key()
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    person: Mapped[str] = mapped_column(String(24))
    type: Mapped[str] = mapped_column(String(120))
    was: Mapped[dict[str, Any] | None]
    now: Mapped[dict[str, Any] | None]
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    __table_args__ = (Index("ix_competence_changes_person", "workspace_id", "person", "id"),)


class UserGroupRow(Table):
    """What Slack said of a user group that feeds a team, each time that something changed: the newest row counts.
    `changed_at` is when Slack says that it did."""

    __tablename__ = "user_groups"
    workspace_id: Mapped[str] = workspace_key()
    group_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    name: Mapped[str] = mapped_column(Text)
    handle: Mapped[str] = mapped_column(Text)
    members: Mapped[list[str]]
    changed_at: Mapped[datetime]


class MembershipRow(Table):
    """What a lead said that somebody is in a team, in order: the newest row counts, and goes before desk.yml."""

    __tablename__ = "memberships"
    workspace_id: Mapped[str] = workspace_key()
    team: Mapped[str] = mapped_column(String(120), primary_key=True)
    person: Mapped[str] = mapped_column(String(24), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    role: Mapped[TeamRole]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))


class AssignmentShares(Table):
    """What the desk gave each person of a team, when last and how many minutes of work in all.

    Whoever gives for the team holds this row meanwhile."""

    __tablename__ = "turns"
    workspace_id: Mapped[str] = workspace_key()
    team: Mapped[str] = mapped_column(String(120), primary_key=True)
    turns: Mapped[dict[str, Any]]


class BulkReassignment(Table):
    """Tickets that were moved together: the plan, and what each had before, so that it can be undone."""

    __tablename__ = "baskets"
    workspace_id: Mapped[str] = workspace_key()
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
