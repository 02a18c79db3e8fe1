"""Tickets as they were known at an earlier moment, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rules.calendars.calendars import add_business_seconds
from rules.forecasts.survival import TicketState
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Priority, Status
from rules.model.timers import SlaTimer, TimerEvent, TimerEventKind, TimerState

_STATES_BY_STATUS = {
    Status.IN_PROGRESS: TicketState.IN_PROGRESS,
    Status.WAITING: TicketState.WAITING,
    Status.ESCALATED: TicketState.ESCALATED,
}
_VOIDS = (TimerEventKind.MOVED, TimerEventKind.EXTENDED, TimerEventKind.CANCELLED)
_STATES = {
    TimerEventKind.PAUSED: TimerState.PAUSED,
    TimerEventKind.RESUMED: TimerState.RUNNING,
    TimerEventKind.REOPENED: TimerState.RUNNING,
    TimerEventKind.MET: TimerState.MET,
    TimerEventKind.BREACHED: TimerState.BREACHED,
    TimerEventKind.CANCELLED: TimerState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """The ticket's status, assignee and open step from `at` on."""

    at: datetime
    status: Status
    assignee: str | None
    step: str = ""


@dataclass(frozen=True, slots=True)
class TicketHistory:
    """One ticket as far as its handling and resolution time need it; `timer` measures its resolution target."""

    number: int
    type: str
    priority: Priority
    assignee: str | None
    step: str
    created_at: datetime
    resolved_at: datetime | None
    timer: SlaTimer | None
    timeline: tuple[TimelineEntry, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.resolved_at is not None

    @property
    def state(self) -> TicketState:
        newest = self.timeline[-1].status if self.timeline else Status.NEW
        return _STATES_BY_STATUS.get(newest, TicketState.NOT_BEGUN)


def history_at(policy: Policy, ticket: TicketHistory, at: datetime) -> TicketHistory | None:
    """The ticket as it was known at that moment; None before it was filed. Its type and priority are today's."""
    timeline = tuple(entry for entry in ticket.timeline if entry.at <= at)
    if ticket.created_at > at or not timeline:
        return None
    return replace(
        ticket,
        assignee=timeline[-1].assignee,
        step=timeline[-1].step,
        resolved_at=_resolved_at(timeline),
        timer=timer_at(policy, ticket.timer, at) if ticket.timer else None,
        timeline=timeline,
    )


def timer_at(policy: Policy, timer: SlaTimer, at: datetime) -> SlaTimer:
    """The timer as it was at that moment, by its events."""
    known = tuple(event for event in timer.events if event.at <= at)
    total_s = timer.total_s
    for event in reversed(timer.events[len(known) :]):
        total_s = event.previous_total_s if event.kind is TimerEventKind.MOVED else total_s - event.granted_s
    start = replace(timer, state=TimerState.RUNNING, total_s=total_s, remaining_s=None, closed_at=None, events=known)
    if not known:
        return replace(start, due_at=add_business_seconds(policy.calendar(timer.calendar), timer.started_at, total_s))
    for event in known:
        start = _after_event(start, event)
    return start


def _after_event(timer: SlaTimer, event: TimerEvent) -> SlaTimer:
    state = _STATES.get(event.kind, timer.state)
    is_paused = state is TimerState.PAUSED or (timer.remaining_s is not None and state is not TimerState.RUNNING)
    closed_at = None if state in (TimerState.RUNNING, TimerState.PAUSED) else event.at
    left_s = event.left_s if is_paused else None
    return replace(timer, state=state, due_at=event.due_at, remaining_s=left_s, closed_at=closed_at)


def _resolved_at(timeline: Sequence[TimelineEntry]) -> datetime | None:
    """When the last stretch of being done began; None while the ticket is open."""
    done_at = None
    for entry in reversed(timeline):
        if entry.status not in DONE_STATUSES:
            break
        done_at = entry.at
    return done_at


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a target was met, and when that was decided."""

    met: bool
    at: datetime


def outcome_of(known: SlaTimer, timer: SlaTimer, now: datetime) -> Outcome | None:
    """What became of the target of the timer that was `known`; None where it was moved, or is not decided by `now`."""
    due_at = known.due_at if known.is_running else None
    for event in timer.events[len(known.events) :]:
        if event.at > now:
            break
        if due_at is not None and event.at > due_at:
            return Outcome(False, due_at)
        if event.kind in _VOIDS:
            return None
        if event.kind in (TimerEventKind.MET, TimerEventKind.BREACHED):
            return Outcome(event.kind is TimerEventKind.MET, event.at)
        due_at = None if event.kind is TimerEventKind.PAUSED else event.due_at
    return Outcome(False, due_at) if due_at is not None and due_at < now else None
