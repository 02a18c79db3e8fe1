"""Somebody needs more time: they add it themselves up to a limit, beyond it the lead says yes or no."""

from desk.authority import require
from desk.telling import told
from rules import sla
from rules.calendars import due, measure
from rules.clocks import Clock, ClockKind
from rules.durations import Duration, parse_duration
from rules.errors import DeskError, FieldError
from rules.roles import Deed, Role
from rules.tickets import DONE
from rules.words import blank
from storage import events, outbox
from storage.clocks import keep, of
from storage.events import Happened
from storage.extensions import decide, get, next_round, undecided
from storage.outbox import Kind
from storage.tables import Ticket
from storage.tables_time import Extension
from storage.tickets import get as ticket_of
from storage.work import Work

EXTENDABLE = (ClockKind.RESOLUTION, ClockKind.STEP)


class Answered(DeskError):
    """Someone was first; the second reads who and what."""

    def __init__(self, extension: Extension) -> None:
        did = "gave the time" if extension.granted else "refused it"
        super().__init__(f"That is decided for #{extension.number}: <@{extension.decided_by}> {did}.")


def extend(work: Work, number: int, *, by: str, target: ClockKind, more: str, reason: str) -> bool:
    """So much more time, at once or after the lead's yes; whether it was given at once.

    Leads and managers give as much as they want; everybody else up to `extend_freely` over the whole ticket.
    """
    ticket = ticket_of(work, number)
    held = require(work, Deed.EXTEND, ticket, by)
    extendable(ticket)
    duration = _duration(more)
    if blank(reason):
        raise FieldError("reason", "Say why it needs more time: the lead and the customer's report read this.")
    clock = _clock(work, ticket, target)
    if held & {Role.LEAD, Role.MANAGER} or _within_limit(work, clock, duration):
        _give(work, ticket, clock, duration, by=by, reason=reason.strip())
        return True
    _ask(work, ticket, clock, duration, by=by, reason=reason.strip())
    return False


def answer(work: Work, number: int, round_: int, *, by: str, yes: bool) -> None:
    """The lead's decision; Answered when another lead was first."""
    ticket = ticket_of(work, number)
    require(work, Deed.GRANT, ticket, by)
    extension = get(work.session, work.workspace, number, round_)
    if extension is None:
        raise DeskError(f"Nobody asked for more time for #{number}.")
    if extension.decided_at is not None or not decide(work, extension, by=by, granted=yes):
        raise Answered(extension)
    clock = of(work.session, work.workspace, number).get(extension.target)
    if yes and clock is not None and clock.is_open and ticket.status not in DONE:
        duration = parse_duration(extension.duration)
        _give(work, ticket, clock, duration, by=by, reason=extension.reason, asked_by=extension.asked_by)
    elif not yes:
        told(work, ticket, events.record(work, ticket, Happened.REFUSED_TIME, by=by, asked_by=extension.asked_by))
    said = f"gives #{number} {extension.duration} more" if yes else f"gives #{number} no more time"
    outbox.notice(work, extension.asked_by, number=number, words=f"<@{by}> {said}.")


def extendable(ticket: Ticket) -> None:
    """What is done needs no time."""
    if ticket.status in DONE:
        raise DeskError(f"#{ticket.number} is resolved; it needs no more time.")


def _duration(words: str) -> Duration:
    try:
        return parse_duration(words)
    except DeskError as error:
        raise FieldError("more", str(error)) from None


def _clock(work: Work, ticket: Ticket, target: ClockKind) -> Clock:
    clock = of(work.session, work.workspace, ticket.number).get(target)
    if target not in EXTENDABLE or clock is None or not clock.is_open:
        raise FieldError("target", "That time does not run any more. Close this and look at the card again.")
    return clock


def _within_limit(work: Work, clock: Clock, duration: Duration) -> bool:
    """Both are measured in open time from now, so that days and hours compare."""
    calendar = work.policy.calendar(clock.calendar)
    free, asked = (
        measure(calendar, work.now, due(calendar, work.now, span))
        for span in (work.policy.alerting.extend_freely, duration)
    )
    return sum(turn.granted_s for turn in clock.turns) + asked <= free


def _give(
    work: Work, ticket: Ticket, clock: Clock, duration: Duration, *, by: str, reason: str, asked_by: str | None = None
) -> None:
    longer = sla.extend(work.policy, clock, duration, work.now, why=reason)
    keep(work, ticket.number, longer)
    said = {"target": str(clock.target), "more": str(duration), "text": reason}
    moved = {"due": {str(clock.target): [clock.due_at.isoformat(), longer.due_at.isoformat()]}} if clock.runs else {}
    asker = {"asked_by": asked_by} if asked_by else {}
    told(work, ticket, events.record(work, ticket, Happened.EXTENDED, by=by, **said, **moved, **asker))


def _ask(work: Work, ticket: Ticket, clock: Clock, duration: Duration, *, by: str, reason: str) -> None:
    waiting = undecided(work.session, work.workspace, ticket.number)
    if waiting is not None:
        raise DeskError(
            f"<@{waiting.asked_by}> has asked for more time for #{ticket.number} already; the lead decides."
        )
    leads = work.policy.team(ticket.team).leads or tuple(sorted(work.policy.managers))
    round_ = next_round(work, ticket.number)
    work.session.add(
        Extension(
            workspace_id=work.workspace,
            number=ticket.number,
            round=round_,
            target=clock.target,
            duration=str(duration),
            reason=reason,
            asked_by=by,
            asked_at=work.now,
        )
    )
    seq = events.record(work, ticket, Happened.ASKED_TIME, by=by, more=str(duration), text=reason)
    for lead in leads:
        subject = f"{ticket.number}.{round_}"
        outbox.queue(work, Kind.EXTENSION, lane=lead, number=ticket.number, subject=subject)
    told(work, ticket, seq)
