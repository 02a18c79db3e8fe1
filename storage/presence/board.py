"""The presence board: each person's status and open work, and what the board's card last showed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select

from rules.model.policy import Policy
from rules.model.timers import TimerState
from rules.people.slack_status import NO_SLACK_STATUS, SlackStatus
from rules.presence.presence import Presence
from storage.outbox.outbox import MessageKind
from storage.people.people import slack_statuses
from storage.presence.presence import presence_by_person
from storage.schema.tickets import MessageReference, OutboxMessage, Ticket, TimerRow
from storage.tickets.tickets import open_counts
from storage.transaction import Reader

PRESENCE_BOARD = MessageKind("floor", refreshed=True)


@dataclass(frozen=True, slots=True)
class BoardEntry:
    """One person on the board. `workload_minutes` is None where it was not counted; `slack_status` decides nothing."""

    person: str
    presence: Presence
    open_count: int = 0
    overdue_count: int = 0
    slack_status: SlackStatus = NO_SLACK_STATUS
    workload_minutes: int | None = None


def board_entries(
    reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime
) -> dict[str, BoardEntry]:
    presences = presence_by_person(reader, people, policy=policy, team=team, at=at)
    open_tickets = open_counts(reader, list(presences))
    overdue = overdue_counts(reader, list(presences), at=at)
    statuses = slack_statuses(reader, presences, at=at)
    return {
        person: BoardEntry(person, presence, open_tickets[person], overdue.get(person, 0), statuses[person])
        for person, presence in presences.items()
    }


def overdue_counts(reader: Reader, people: Sequence[str], *, at: datetime) -> dict[str, int]:
    """Only people with an overdue ticket are in it."""
    is_overdue = exists().where(
        TimerRow.workspace_id == Ticket.workspace_id,
        TimerRow.number == Ticket.number,
        TimerRow.state == TimerState.RUNNING,
        TimerRow.due_at < at,
    )
    conditions = (
        Ticket.workspace_id == reader.workspace,
        Ticket.assignee.in_(people),
        Ticket.resolved_at.is_(None),
        is_overdue,
    )
    rows = reader.session.execute(select(Ticket.assignee, func.count()).where(*conditions).group_by(Ticket.assignee))
    return {person: count for person, count in rows if person is not None}


def last_board_digest(reader: Reader, *, destination: str, subject: str) -> str | None:
    query = select(OutboxMessage.data).where(
        OutboxMessage.workspace_id == reader.workspace,
        OutboxMessage.lane == destination,
        OutboxMessage.kind == PRESENCE_BOARD,
        OutboxMessage.subject == subject,
    )
    data = reader.session.scalar(query.order_by(OutboxMessage.id.desc()).limit(1))
    return None if data is None else str(data.get("shows", ""))


def older_boards(reader: Reader, *, destination: str, subject: str) -> Sequence[str]:
    """The subject of the latest earlier card, which may still have its buttons; at most one."""
    query = select(MessageReference.subject).where(
        MessageReference.workspace_id == reader.workspace,
        MessageReference.lane == destination,
        MessageReference.kind == PRESENCE_BOARD,
        MessageReference.subject < subject,
    )
    return reader.session.scalars(query.order_by(MessageReference.subject.desc()).limit(1)).all()
