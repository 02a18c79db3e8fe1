"""The year is lived through on a real database: people act, the desk's jobs run, and what is sent is written down."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import func, select, update

from handlers.outbox import RenderedMessage
from rules.alerts import AlertChannel, has_alerted
from rules.errors import Refused
from rules.intake.requests import TicketRequest
from rules.model.tickets import Priority
from services import cleanup, config, preferences, summaries
from services.alerts import sweep
from services.alerts.delivery import ALERT_MENTION
from services.assignment import reminders
from services.desk import Desk
from services.forecasts.forecasts import RISK_CARD
from services.tickets import tickets
from storage.alerts import ALERT_CARD, ALERT_DIGEST, tickets_in_group
from storage.connections.outages import NotSaved
from storage.escalations.escalations import ESCALATION_CARD
from storage.outbox import deliveries, message_references
from storage.outbox.outbox import ALERT_GROUP, NOTICE
from storage.schema.tickets import Event, MessageReference, OutboxMessage, Ticket, TimerRow
from storage.sla import timers
from storage.transaction import Reader, Transaction
from tests.desks import REGISTRY, HeldClock, render_message
from tests.journeys.year.deeds import VERBS
from tests.journeys.year.script import Step
from tests.journeys.year.wall import moment, stamp
from tests.journeys.year.world import IN_CHANNEL, WORLD

P = ParamSpec("P")
T = TypeVar("T")

BEAT = timedelta(days=1)
SPEAKING = [
    ALERT_CARD,
    ALERT_GROUP,
    ALERT_DIGEST,
    ALERT_MENTION,
    NOTICE,
    RISK_CARD,
    ESCALATION_CARD,
]
UNREAD = [kind for kind in REGISTRY.message_kinds if kind not in SPEAKING]


@dataclass(frozen=True, slots=True)
class Ahead:
    """For which moments the desk has set something down."""

    alert: datetime | None = None
    reminder: datetime | None = None
    message: datetime | None = None

    @property
    def first(self) -> list[datetime]:
        return [at for at in (self.alert, self.reminder, self.message) if at is not None]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What was told of one clock: its newest level then, and when it was due."""

    number: int
    target: str
    level: int
    due: int
    started: int


@dataclass(frozen=True, slots=True)
class Said:
    """One message as it reached Slack. `new` when it was posted, not edited: only then it calls whom it names."""

    at: int
    kind: str
    lane: str
    alarms: tuple[Alarm, ...]
    text: str
    new: bool = True
    person: str = ""
    numbers: tuple[int, ...] = ()


@dataclass
class Year:
    """What is still to happen, and all that was said so far."""

    clock: HeldClock
    steps: Sequence[Step]
    numbers: dict[int, int] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    refused: int = 0
    ahead: Ahead = Ahead()
    _done: int = 0
    _sweeps: int = 0
    _posts: int = 0

    async def live(self, *desks: Desk, until: datetime) -> None:
        """From moment to moment at which something happens; the desks run the jobs in turns, as two processes do."""
        beat = self.clock.now.replace(hour=15, minute=5)
        await desks[0].execute(preferences.choose_alert_channel, by=IN_CHANNEL, channel=AlertChannel.CHANNEL)
        while self.clock.now < until:
            step = self.steps[self._done : self._done + 1]
            self.clock.now = max(self.clock.now, min([beat, *(moment(one.at) for one in step), *self.ahead.first]))
            desk = desks[self._sweeps % len(desks)]
            await self._act(desk)
            if beat <= self.clock.now:
                beat += BEAT
                await _the_rest(desks, desk)
            await self._sweep(desk)

    async def _act(self, desk: Desk) -> None:
        while self._done < len(self.steps) and moment(self.steps[self._done].at) <= self.clock.now:
            step = self.steps[self._done]
            self._done += 1
            if step.verb == "apply":
                await _applied(desk, step)
            elif step.verb == "file":
                self.numbers[step.index] = await done(desk, file, step)
            else:
                self.refused += await _tried(desk, self.numbers[step.index], step)

    async def _sweep(self, desk: Desk) -> None:
        """What is due is told."""
        if self.ahead.reminder is not None and self.ahead.reminder <= self.clock.now:
            await done(desk, reminders.remind_assignees)
        swept = self.ahead.alert is not None and self.ahead.alert <= self.clock.now
        while swept and await done(desk, sweep.send_due_alerts) >= sweep.TICKETS_PER_SWEEP:
            pass
        self._sweeps += swept
        said, self.ahead = await done(desk, self._say, swept=swept)
        self.said += said

    def _say(self, tx: Transaction, *, swept: bool) -> tuple[list[Said], Ahead]:
        """Everything that is due is drawn and sent, in its order."""
        due = select(OutboxMessage).where(
            OutboxMessage.workspace_id == tx.workspace,
            OutboxMessage.next_at <= tx.now,
            OutboxMessage.kind.in_(SPEAKING),
        )
        heard = [
            said
            for row in tx.session.scalars(due.order_by(OutboxMessage.id)).all()
            for said in self._sent(tx, row, swept)
        ]
        tx.flush()
        return heard, _ahead(tx)

    def _sent(self, tx: Transaction, row: OutboxMessage, swept: bool) -> Iterator[Said]:
        """What Slack heard of it: nothing where there is nothing left to say. An edit is read only where it alarms."""
        stands = message_references.find_card(tx, kind=row.kind, subject=row.subject, destination=row.lane)
        draft = None
        if stands is None and row.kind != ESCALATION_CARD:
            draft = render_message(tx, tx.policy, tx.now, row)
        post = None
        if REGISTRY.message_kinds[row.kind].refreshed:
            self._posts += 1
            ts = stands.ts if stands else str(self._posts)
            post = MessageReference(
                kind=row.kind, subject=row.subject, lane=row.lane, channel=row.lane, ts=ts, number=row.number
            )
        deliveries.mark_sent(tx, row.id, reference=post)
        if draft is not None or (swept and stands is not None):
            yield _read(tx, row, draft)


def _read(tx: Transaction, row: OutboxMessage, draft: RenderedMessage | None) -> Said:
    """The message as whoever reads it understands it."""
    numbers = [row.number] if row.number else []
    if row.kind == ALERT_GROUP:
        numbers = [one.number for one in tickets_in_group(tx, destination=row.lane, subject=row.subject)]
    items = row.data.get("items")
    about = {(item["number"], item["target"]) for item in items} if items else None
    numbers = sorted({number for number, _ in about}) if about else numbers
    found = tuple(
        Alarm(number, str(clock.target), clock.alert_level, stamp(clock.due_at), stamp(clock.started_at))
        for number, ticking in timers.timers_by_ticket(tx, numbers).items()
        for clock in ticking.values()
        if has_alerted(clock) and (about is None or (number, str(clock.target)) in about)
    )
    person, text = row.data.get("person", ""), draft.message.text + str(draft.message.blocks) if draft else ""
    return Said(stamp(tx.now), row.kind, row.lane, found, text, draft is not None, person, tuple(numbers))


def _ahead(tx: Transaction) -> Ahead:
    speaking = select(func.min(OutboxMessage.next_at)).where(OutboxMessage.kind.in_(SPEAKING))
    found = (select(func.min(TimerRow.next_alert_at)), select(func.min(Ticket.remind_at)), speaking)
    moments = tx.session.execute(select(*(one.scalar_subquery() for one in found))).one()
    return Ahead(moments[0], moments[1], moments[2])


async def done(desk: Desk, deed: Callable[Concatenate[Transaction, P], T], *args: P.args, **named: P.kwargs) -> T:
    """Until it is saved, however busy the machine is that the year is lived on."""
    while True:
        with suppress(NotSaved):
            return await desk.execute(deed, *args, **named)


async def _tried(desk: Desk, number: int, step: Step) -> bool:
    """Whether it was refused: the ticket was not any more as it was when they meant to."""
    try:
        await done(desk, VERBS[step.verb], number, step)
    except Refused:
        return True
    return False


async def _applied(desk: Desk, step: Step) -> None:
    """The description changes in a place that moves no promise; every open ticket is promised anew all the same."""
    changed: dict[str, Any] = {**WORLD, "observers": [step.to]}
    await done(desk, config.apply_configuration, changed)
    await config.reload_configuration(desk)
    while await done(desk, config.recalculate_sla_targets) >= config.TICKETS_PER_RECALCULATION:
        pass


async def _the_rest(desks: Sequence[Desk], desk: Desk) -> None:
    """The jobs that nobody waits for to the minute."""
    for one in desks:
        await config.reload_configuration(one)
    await done(desk, _all_else)


def _all_else(tx: Transaction) -> None:
    waiting = (OutboxMessage.workspace_id == tx.workspace, OutboxMessage.next_at <= tx.now)
    tx.execute(
        update(OutboxMessage).where(*waiting, OutboxMessage.kind.in_(UNREAD)).values(sent_at=tx.now, next_at=None)
    )
    for deed in (config.recalculate_sla_targets, summaries.send_summaries, cleanup.delete_old_rows):
        deed(tx)


def file(tx: Transaction, step: Step) -> int:
    type_, priority = step.to.split()
    asked = TicketRequest(f"Trouble {step.index}", step.by, step.by, type_, priority=Priority(priority))
    return tickets.create_ticket(tx, asked)


def lives(reader: Reader) -> list[tuple[Ticket, list[Event]]]:
    """Every ticket with its whole history."""
    found = reader.session.scalars(
        select(Ticket).where(Ticket.workspace_id == reader.workspace).order_by(Ticket.number)
    ).all()
    history: dict[int, list[Event]] = {ticket.number: [] for ticket in found}
    for event in reader.session.scalars(
        select(Event).where(Event.workspace_id == reader.workspace).order_by(Event.seq)
    ):
        history[event.number].append(event)
    return [(ticket, history[ticket.number]) for ticket in found]


def due(reader: Reader) -> dict[tuple[int, str, int], int]:
    """When each promise is due, by its ticket, its kind and its start; what stands still has no such time."""
    rows = reader.session.scalars(
        select(TimerRow).where(TimerRow.workspace_id == reader.workspace, TimerRow.remaining_s.is_(None))
    )
    return {(row.number, str(row.target), stamp(row.started_at)): stamp(row.due_at) for row in rows}
