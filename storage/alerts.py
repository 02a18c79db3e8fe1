"""What the sweep takes, and what an alert's card tells of the ticket behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from rules.model.timers import ClockState
from storage.escalations.escalations import undecided_of
from storage.events import DESK, Happened
from storage.outbox.outbox import Kind
from storage.schema.sla import AlertBudget, Gathered
from storage.schema.tickets import Clock, Escalation, Event, Outgoing, Post, Ticket
from storage.sla import timers
from storage.transaction import Reader, Transaction

_BUDGET = {
    "sqlite": sqlite.insert(AlertBudget).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(AlertBudget).on_conflict_do_nothing(),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has held the ticket since when, the last step on it, and who silenced its alert until when; `away` when
    whoever has it is away now."""

    since: datetime | None
    step: Event | None
    snoozed_until: datetime | None
    snoozed_by: str | None
    away: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A ticket with those of its clocks whose moment has come, and the question that experts have not answered yet."""

    ticket: Ticket
    clocks: list[Clock]
    asked: Escalation | None = None


def due(tx: Transaction, *, limit: int) -> list[Taken]:
    """Tickets with the clocks whose alert is due; each ticket is locked first, so nobody pauses it meanwhile."""
    late = timers.alerting(tx, at=tx.now, limit=limit)
    if not late:
        return []
    locked = select(Ticket).where(Ticket.workspace_id == tx.workspace, Ticket.number.in_(late))
    tickets = tx.session.scalars(locked.order_by(Ticket.number).with_for_update()).all()
    still = select(Clock).where(
        Clock.workspace_id == tx.workspace, Clock.number.in_(late), Clock.next_alert_at <= tx.now
    )
    found: dict[int, list[Clock]] = {}
    for row in tx.session.scalars(still.execution_options(populate_existing=True)):
        found.setdefault(row.number, []).append(row)
    asked = {one.number: one for one in undecided_of(tx, list(found))}
    return [
        Taken(ticket, found[ticket.number], asked.get(ticket.number)) for ticket in tickets if ticket.number in found
    ]


def acted_since(reader: Reader, number: int, *, since: datetime, but: str) -> bool:
    """Whether anybody has done something about the ticket since then, the one who asked for it left out."""
    done = select(Event.seq).where(
        Event.workspace_id == reader.workspace, Event.number == number, Event.at > since, Event.by.not_in([but, DESK])
    )
    return reader.session.scalar(done.limit(1)) is not None


def alerted(reader: Reader, number: int) -> Sequence[Clock]:
    """The ticket's clocks of which an alert was given and which still run."""
    mine = select(Clock).where(
        Clock.workspace_id == reader.workspace,
        Clock.number == number,
        Clock.state == ClockState.RUNNING,
        Clock.level > 0,
    )
    return reader.session.scalars(mine).all()


def standing_alerts(reader: Reader, numbers: Sequence[int]) -> dict[tuple[int, str], str]:
    """Which of these tickets have an alert already, or on its way, and in which lane: on a card of their own (""), or
    gathered with others on the message of that name."""
    posted = select(Post.number, Post.lane).where(
        Post.workspace_id == reader.workspace, Post.number.in_(numbers), Post.kind == str(Kind.ALERT)
    )
    queued = select(Outgoing.number, Outgoing.lane).where(
        Outgoing.workspace_id == reader.workspace,
        Outgoing.number.in_(numbers),
        Outgoing.kind == str(Kind.ALERT),
        Outgoing.next_at.is_not(None),
    )
    found = {(number, lane): "" for number, lane in reader.session.execute(posted.union(queued)) if number is not None}
    gathered = select(Gathered).where(Gathered.workspace_id == reader.workspace, Gathered.number.in_(numbers))
    together = {
        (row.number, row.lane): row.subject for row in reader.session.scalars(gathered.order_by(Gathered.subject))
    }
    return together | found


def forget_gathered(tx: Transaction, moment: datetime) -> int:
    """How many places on a message of many were dropped: those of tickets that were resolved before then."""
    done = select(Ticket.number).where(Ticket.workspace_id == tx.workspace, Ticket.resolved_at < moment)
    old = delete(Gathered).where(Gathered.workspace_id == tx.workspace, Gathered.number.in_(done))
    return tx.execute(old).rowcount


def newest_storm(reader: Reader, *, lane: str, since: str) -> str:
    """The name of the lane's newest message that speaks of many tickets, if it is as late as `since`; else empty."""
    named = select(func.max(Gathered.subject)).where(
        Gathered.workspace_id == reader.workspace, Gathered.lane == lane, Gathered.subject >= since
    )
    return reader.session.scalar(named) or ""


def gather(tx: Transaction, numbers: Sequence[int], *, lane: str, subject: str) -> None:
    """These tickets are spoken of together from now on, in that lane, on the message of that name."""
    for number in numbers:
        tx.session.merge(Gathered(workspace_id=tx.workspace, number=number, lane=lane, subject=subject))


def gathered_on(reader: Reader, *, lane: str, subject: str) -> Sequence[Ticket]:
    """The tickets that one message speaks of together."""
    those = select(Gathered.number).where(
        Gathered.workspace_id == reader.workspace, Gathered.lane == lane, Gathered.subject == subject
    )
    found = select(Ticket).where(Ticket.workspace_id == reader.workspace, Ticket.number.in_(those))
    return reader.session.scalars(found.order_by(Ticket.number)).all()


def cards_this_hour(tx: Transaction, lane: str, *, more: int, most: int) -> bool:
    """Whether so many more alert cards fit into what this lane may get in an hour; those that fit are counted."""
    hour = tx.now.replace(minute=0, second=0, microsecond=0)
    tx.execute(
        _BUDGET[tx.connection.dialect.name], {"workspace_id": tx.workspace, "lane": lane, "hour": hour, "cards": 0}
    )
    mine = select(AlertBudget).where(AlertBudget.workspace_id == tx.workspace, AlertBudget.lane == lane)
    row = tx.session.scalars(mine.with_for_update()).one()
    if row.hour != hour:
        row.hour, row.cards = hour, 0
    if row.cards + more > most:
        return False
    row.cards += more
    return True


def standing(reader: Reader, ticket: Ticket, *, at: datetime) -> Standing:
    """What an alert's card says of the ticket besides its clocks."""
    until = reader.session.scalar(
        select(func.max(Clock.snoozed_until)).where(
            Clock.workspace_id == reader.workspace, Clock.number == ticket.number, Clock.snoozed_until > at
        )
    )
    snooze = _last(reader, ticket.number, snoozed=True) if until else None
    step = _last(reader, ticket.number, snoozed=False)
    return Standing(_held_since(reader, ticket), step, until, snooze.by if snooze else None)


def _held_since(reader: Reader, ticket: Ticket) -> datetime | None:
    """The first event since which it has always been with the person who has it now."""
    mine = (Event.workspace_id == reader.workspace, Event.number == ticket.number)
    other = select(func.coalesce(func.max(Event.seq), 0)).where(*mine, Event.assignee.is_distinct_from(ticket.assignee))
    return reader.session.scalar(select(func.min(Event.at)).where(*mine, Event.seq > other.scalar_subquery()))


def _last(reader: Reader, number: int, *, snoozed: bool) -> Event | None:
    kind = Event.kind == str(Happened.SNOOZED) if snoozed else Event.kind != str(Happened.SNOOZED)
    mine = select(Event).where(Event.workspace_id == reader.workspace, Event.number == number, kind)
    return reader.session.scalars(mine.order_by(Event.seq.desc()).limit(1)).first()
