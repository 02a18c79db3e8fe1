"""The tables of approvers and improvement items."""

from datetime import datetime

from sqlalchemy import JSON, ColumnElement, Index, String, Text, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from rules.escalations.approvals import ApproverAnswer
from rules.escalations.escalations import ImprovementKind, RejectionReason
from storage.schema.columns import Table, partial_index, same_ticket
from storage.schema.tickets import Escalation


class ApproverRow(Table):
    """An approver of an escalation: `person` is meant, `asked` is asked in their place or is the same."""

    __tablename__ = "escalation_votes"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person: Mapped[str] = mapped_column(String(120))
    asked: Mapped[str | None] = mapped_column(String(120))
    asked_at: Mapped[datetime | None]
    answer: Mapped[ApproverAnswer | None]
    answered_by: Mapped[str | None] = mapped_column(String(120))
    answered_at: Mapped[datetime | None]
    advice: Mapped[RejectionReason | None]
    comment: Mapped[str | None] = mapped_column(Text)


def awaits_answer_of(person: str) -> ColumnElement[bool]:
    return (
        ApproverRow.answer.is_(None)
        & ApproverRow.asked.is_not(None)
        & or_(ApproverRow.asked == person, ApproverRow.person == person)
    )


def joins_escalation() -> ColumnElement[bool]:
    return same_ticket(ApproverRow, Escalation) & (ApproverRow.round == Escalation.round)


class ImprovementItem(Table):
    """What a team lacks for a ticket type, as rejections show it, until a lead closes the item."""

    __tablename__ = "gaps"
    team: Mapped[str] = mapped_column(String(120), primary_key=True)
    type: Mapped[str] = mapped_column(String(120), primary_key=True)
    kind: Mapped[ImprovementKind] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(primary_key=True)
    last_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=0)
    tickets: Mapped[list[int]] = mapped_column(JSON, default=list)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(Text)

    _open = text("closed_at IS NULL")
    __table_args__ = (
        partial_index("uq_gaps_open", "workspace_id", "team", "type", "kind", unique=True, where=_open),
        Index("ix_gaps_closed", "workspace_id", "team", "closed_at"),
    )
