"""What a ticket was promised runs, stands still, is kept, or is computed anew."""

from rules import sla
from rules.sla import ClockKind, ClockState
from rules.tickets import Status
from storage.clocks import keep, of
from storage.tables import Ticket
from storage.work import Work


def started(work: Work, ticket: Ticket) -> list[sla.Clock]:
    """The clocks of a new ticket; what nothing is promised for has none."""
    clocks = (_start(work, ticket, kind) for kind in ClockKind)
    return [clock for clock in clocks if clock is not None]


def meet(work: Work, ticket: Ticket, kind: ClockKind) -> None:
    """The promise is kept now, in time or late."""
    clock = of(work.session, work.workspace, ticket.number).get(kind)
    if clock is not None:
        keep(work, ticket.number, sla.meet(clock, work.now))


def pause(work: Work, ticket: Ticket) -> None:
    """The next step is the customer's: the time to resolve stands still."""
    running = _resolution(work, ticket)
    if running is not None:
        keep(work, ticket.number, sla.pause(running, work.policy.calendar_of(ticket.first_line), work.now))


def resume(work: Work, ticket: Ticket) -> None:
    """The time to resolve runs on from now, if it stood still."""
    paused = _resolution(work, ticket)
    if paused is not None:
        calendar = work.policy.calendar_of(ticket.first_line)
        keep(work, ticket.number, sla.resume(work.policy, paused, calendar, work.now))


def reopen(work: Work, ticket: Ticket) -> None:
    """The time to resolve runs on with what was left when the ticket was resolved."""
    stopped = _resolution(work, ticket)
    if stopped is not None:
        calendar = work.policy.calendar_of(ticket.first_line)
        keep(work, ticket.number, sla.reopen(work.policy, stopped, calendar, work.now))


def recalculate(work: Work, ticket: Ticket, *, from_team: str) -> None:
    """New promises from the same start, for the ticket as it is now; `from_team` is the first line it had before."""
    had = of(work.session, work.workspace, ticket.number)
    for kind in ClockKind:
        clock = had.get(kind)
        if clock is None or clock.state is ClockState.CANCELLED:
            anew = _newly_promised(work, ticket, kind)
        else:
            anew = _recalculated(work, ticket, clock, from_team)
        if anew is not None:
            keep(work, ticket.number, anew)


def _resolution(work: Work, ticket: Ticket) -> sla.Clock | None:
    return of(work.session, work.workspace, ticket.number).get(ClockKind.RESOLUTION)


def _start(work: Work, ticket: Ticket, kind: ClockKind) -> sla.Clock | None:
    return sla.start(
        work.policy,
        kind,
        type=ticket.type,
        priority=ticket.priority,
        team=ticket.first_line,
        at=ticket.created_at,
    )


def _newly_promised(work: Work, ticket: Ticket, kind: ClockKind) -> sla.Clock | None:
    if kind is ClockKind.FIRST_RESPONSE and ticket.first_reply_at is not None:
        return None
    clock = _start(work, ticket, kind)
    if clock is not None and kind is ClockKind.RESOLUTION and ticket.status is Status.WAITING:
        return sla.pause(clock, work.policy.calendar_of(ticket.first_line), work.now)
    return clock


def _recalculated(work: Work, ticket: Ticket, clock: sla.Clock, from_team: str) -> sla.Clock:
    return sla.recalculate(
        work.policy,
        clock,
        type=ticket.type,
        priority=ticket.priority,
        team=ticket.first_line,
        now=work.now,
        from_team=from_team,
    )
