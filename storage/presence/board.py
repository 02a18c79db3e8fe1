"""The floor: where each person of a team is, what they hold, and what its card showed last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select

from rules.model.policy import Policy
from rules.model.timers import ClockState
from rules.people.slack_status import SILENT, Hint
from rules.presence.presence import Presence
from storage.outbox.outbox import Kind
from storage.people.people import hints
from storage.presence.presence import presences
from storage.schema.tickets import Clock, Outgoing, Post, Ticket
from storage.tickets.tickets import open_counts
from storage.transaction import Reader


@dataclass(frozen=True, slots=True)
class Seat:
    """One person: where they are, how many open tickets they hold, how many of those are overdue, and with how many
    minutes of work (None where nobody counted). `hint` is what Slack says, beside what the desk knows."""

    who: str
    stands: Presence
    open: int = 0
    overdue: int = 0
    hint: Hint = SILENT
    minutes: int | None = None


def seats(reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime) -> dict[str, Seat]:
    """Each of these people, in their order."""
    found = presences(reader, people, policy=policy, team=team, at=at)
    held = open_counts(reader, list(found))
    late = overdue_counts(reader, list(found), at=at)
    said = hints(reader, found, at=at)
    return {who: Seat(who, stands, held[who], late.get(who, 0), said[who]) for who, stands in found.items()}


def overdue_counts(reader: Reader, people: Sequence[str], *, at: datetime) -> dict[str, int]:
    """How many of the tickets that each of them holds are past a due time; whoever has none is not there."""
    late = exists().where(
        Clock.workspace_id == Ticket.workspace_id,
        Clock.number == Ticket.number,
        Clock.state == ClockState.RUNNING,
        Clock.due_at < at,
    )
    mine = (Ticket.workspace_id == reader.workspace, Ticket.assignee.in_(people), Ticket.resolved_at.is_(None), late)
    rows = reader.session.execute(select(Ticket.assignee, func.count()).where(*mine).group_by(Ticket.assignee))
    return {who: count for who, count in rows if who is not None}


def shown_last(reader: Reader, *, lane: str, subject: str) -> str | None:
    """What the day's card was last told to show; None when there is no card of that day."""
    rows = select(Outgoing.data).where(
        Outgoing.workspace_id == reader.workspace,
        Outgoing.lane == lane,
        Outgoing.kind == str(Kind.FLOOR),
        Outgoing.subject == subject,
    )
    newest = reader.session.scalar(rows.order_by(Outgoing.id.desc()).limit(1))
    return None if newest is None else str(newest.get("shows", ""))


def older_cards(reader: Reader, *, lane: str, subject: str) -> Sequence[str]:
    """The newest card of an earlier day, which may still have its buttons; empty when there is none."""
    earlier = select(Post.subject).where(
        Post.workspace_id == reader.workspace, Post.lane == lane, Post.kind == str(Kind.FLOOR), Post.subject < subject
    )
    return reader.session.scalars(earlier.order_by(Post.subject.desc()).limit(1)).all()
