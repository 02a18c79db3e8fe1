"""The floor: where each person of a team is, what they hold, and what its card showed last."""

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


@dataclass(frozen=True, slots=True)
class BoardEntry:
    """One person: where they are, how many open tickets they hold, how many of those are overdue, and with how many
    minutes of work (None where nobody counted). `hint` is what Slack says, beside what the desk knows."""

    person: str
    presence: Presence
    open_count: int = 0
    overdue_count: int = 0
    slack_status: SlackStatus = NO_SLACK_STATUS
    workload_minutes: int | None = None


def board_entries(
    reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime
) -> dict[str, BoardEntry]:
    """Each of these people, in their order."""
    found = presence_by_person(reader, people, policy=policy, team=team, at=at)
    held = open_counts(reader, list(found))
    late = overdue_counts(reader, list(found), at=at)
    said = slack_statuses(reader, found, at=at)
    return {who: BoardEntry(who, stands, held[who], late.get(who, 0), said[who]) for who, stands in found.items()}


def overdue_counts(reader: Reader, people: Sequence[str], *, at: datetime) -> dict[str, int]:
    """How many of the tickets that each of them holds are past a due time; whoever has none is not there."""
    late = exists().where(
        TimerRow.workspace_id == Ticket.workspace_id,
        TimerRow.number == Ticket.number,
        TimerRow.state == TimerState.RUNNING,
        TimerRow.due_at < at,
    )
    mine = (Ticket.workspace_id == reader.workspace, Ticket.assignee.in_(people), Ticket.resolved_at.is_(None), late)
    rows = reader.session.execute(select(Ticket.assignee, func.count()).where(*mine).group_by(Ticket.assignee))
    return {who: count for who, count in rows if who is not None}


def last_board_digest(reader: Reader, *, destination: str, subject: str) -> str | None:
    """What the day's card was last told to show; None when there is no card of that day."""
    rows = select(OutboxMessage.data).where(
        OutboxMessage.workspace_id == reader.workspace,
        OutboxMessage.lane == destination,
        OutboxMessage.kind == str(MessageKind.PRESENCE_BOARD),
        OutboxMessage.subject == subject,
    )
    newest = reader.session.scalar(rows.order_by(OutboxMessage.id.desc()).limit(1))
    return None if newest is None else str(newest.get("shows", ""))


def older_boards(reader: Reader, *, destination: str, subject: str) -> Sequence[str]:
    """The newest card of an earlier day, which may still have its buttons; empty when there is none."""
    earlier = select(MessageReference.subject).where(
        MessageReference.workspace_id == reader.workspace,
        MessageReference.lane == destination,
        MessageReference.kind == str(MessageKind.PRESENCE_BOARD),
        MessageReference.subject < subject,
    )
    return reader.session.scalars(earlier.order_by(MessageReference.subject.desc()).limit(1)).all()
