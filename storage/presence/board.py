"""The presence board: each person's status and open work, and what the board's card last showed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func

from rules.model.policy import Policy
from rules.people.slack_status import NO_SLACK_STATUS, SlackStatus
from rules.presence.presence import Presence
from storage.outbox.outbox import MessageKind
from storage.people.people import slack_statuses
from storage.presence.presence import presence_by_person
from storage.schema.tickets import MessageReference, OutboxMessage, Ticket
from storage.tickets.tickets import is_overdue, open_counts
from storage.transaction import Reader, all_where, first_where, select_where

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
    overdue = select_where(reader, Ticket, Ticket.assignee.in_(people), Ticket.resolved_at.is_(None), is_overdue(at))
    counts = overdue.with_only_columns(Ticket.assignee, func.count()).group_by(Ticket.assignee)
    return {person: count for person, count in reader.session.execute(counts) if person is not None}


def last_board_digest(reader: Reader, *, destination: str, subject: str) -> str | None:
    is_board = (OutboxMessage.lane == destination, OutboxMessage.kind == PRESENCE_BOARD)
    of_subject, newest_first = OutboxMessage.subject == subject, OutboxMessage.id.desc()
    data = first_where(reader, OutboxMessage.data, *is_board, of_subject, order_by=newest_first)
    return None if data is None else str(data.get("shows", ""))


def older_boards(reader: Reader, *, destination: str, subject: str) -> Sequence[str]:
    """The subject of the latest earlier card, which may still have its buttons; at most one."""
    column = MessageReference.subject
    is_board = (MessageReference.lane == destination, MessageReference.kind == PRESENCE_BOARD)
    return all_where(reader, column, *is_board, column < subject, order_by=column.desc(), limit=1)
