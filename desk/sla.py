"""The desk warns before a promise breaks, and says so when it has."""

from dataclasses import dataclass

from desk.authority import require
from desk.telling import told
from rules import sla
from rules.alerts import SNOOZE, concerns_lead, time_left
from rules.errors import DeskError
from rules.roles import Deed
from rules.sla import BREACH, ClockKind, ClockState
from storage import clocks, events, outbox
from storage.events import Happened
from storage.outbox import Kind
from storage.sla import alerted, due, standing_alerts
from storage.tables import Clock, Ticket
from storage.tickets import get
from storage.work import Work

AT_ONCE = 50  # other deeds wait while a sweep writes, so it writes little at a time


@dataclass(frozen=True, slots=True)
class Given:
    """An alert that is given now; `again` names the snooze after which it comes back."""

    clock: sla.Clock
    again: str = ""


def warn_all(work: Work) -> int:
    """Gives every alert that is due, each once; how many clocks were taken. AT_ONCE means there may be more."""
    taken = due(work, limit=AT_ONCE)
    given = [(ticket, [one for row in rows if (one := _given(work, ticket, row))]) for ticket, rows in taken]
    work.flush()
    numbers = [ticket.number for ticket, alerts in given if alerts]
    standing = standing_alerts(work.session, work.workspace, numbers) if numbers else set()
    for ticket, alerts in given:
        if alerts:
            _alert(work, ticket, alerts, standing)
    return sum(len(rows) for _, rows in taken)


def snooze(work: Work, number: int, *, by: str) -> None:
    """The ticket's alerts are silent for half an hour; what falls due meanwhile is told after it."""
    ticket = get(work, number)
    require(work, Deed.SNOOZE, ticket, by)
    rows = alerted(work.session, work.workspace, number)
    if not rows:
        raise DeskError(f"#{number} has no alert to snooze any more: its time is kept, paused or long enough again.")
    until = work.now + SNOOZE
    for row in rows:
        row.snoozed_until = until
        row.next_alert_at = max(row.next_alert_at or until, until)
    told(work, ticket, events.record(work, ticket, Happened.SNOOZED, by=by, until=until.isoformat()))


def _given(work: Work, ticket: Ticket, row: Clock) -> Given | None:
    """Moves one clock on. An overdue one comes back once when its snooze ends; while it lasts, none does."""
    if row.state is not ClockState.RUNNING:
        row.next_alert_at = None
        return None
    if row.snoozed_until is not None and row.snoozed_until > work.now:
        row.next_alert_at = row.snoozed_until
        return None
    calendar = work.policy.calendar_of(ticket.first_line)
    clock, alert = sla.advance(work.policy, clocks.value(row), calendar, work.now)
    row.level, row.next_alert_at = clock.level, clock.next_alert_at
    if row.next_alert_at is not None and row.next_alert_at <= work.now:
        row.next_alert_at = work.now + work.now.resolution  # at the due moment itself nothing is late yet
    if alert is not None:
        return Given(clock)
    if clock.level == BREACH and row.snoozed_until is not None:
        return Given(clock, again=row.snoozed_until.isoformat())
    return None


def _alert(work: Work, ticket: Ticket, alerts: list[Given], standing: set[tuple[int | None, str]]) -> None:
    lanes = outbox.channels_of(work, ticket)[-1:]
    for lane in lanes:
        outbox.queue(work, Kind.ALERT, lane=lane, number=ticket.number, subject=str(ticket.number))
    if any(one.clock.level == BREACH for one in alerts):
        outbox.refresh(work, ticket)
    stands = all((ticket.number, lane) in standing for lane in lanes)
    for one in alerts:
        for person in _concerned(work, ticket, one, stands=stands):
            _tell(work, ticket, one, person)


def _concerned(work: Work, ticket: Ticket, given: Given, *, stands: bool) -> list[str]:
    """Who hears of it by direct message: an edit of a card that stands already pings nobody."""
    leads = work.policy.team(ticket.team).leads or tuple(sorted(work.policy.managers))
    holder = (ticket.assignee,) if ticket.assignee else leads
    people = [*holder] if stands or given.again else []
    if concerns_lead(given.clock.level, len(work.policy.warn_at)) and not given.again:
        people += leads
    return list(dict.fromkeys(people))


def _tell(work: Work, ticket: Ticket, given: Given, person: str) -> None:
    clock = given.clock
    once = f"alert:{ticket.number}:{clock.target}:{clock.due_at.isoformat()}:{clock.level}:{given.again}:{person}"
    outbox.notice(work, person, number=ticket.number, words=_words(work, ticket, clock), once=once)


def _words(work: Work, ticket: Ticket, clock: sla.Clock) -> str:
    known = ticket.assignee is not None and outbox.is_person_or_place(ticket.assignee)
    holder = f"it is with <@{ticket.assignee}>" if known else "nobody here has it"
    if clock.level == BREACH:
        late = "its first reply" if clock.target is ClockKind.FIRST_RESPONSE else "its solution"
        return f"⚠️ #{ticket.number} is overdue: {late} was promised by now, and {holder}."
    left = time_left(work.policy.calendar_of(ticket.first_line), clock, work.now)
    must = "needs its first reply in" if clock.target is ClockKind.FIRST_RESPONSE else "must be done in"
    return f"⏳ #{ticket.number} {must} {left}, and {holder}."
