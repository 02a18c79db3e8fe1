"""The desk warns before a promise breaks, says so when it has, and goes one step up when nobody acts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.authority import require
from desk.telling import told
from rules import alerts, sla
from rules.alerts import SNOOZE, SNOOZES, HearBy, Rung
from rules.calendars import Calendar, next_opening
from rules.clocks import BREACH, Clock, ClockKind
from rules.errors import DeskError, FieldError
from rules.roles import Deed
from rules.tickets import DONE
from rules.words import blank
from storage import clocks, events, outbox
from storage.events import Happened
from storage.forecasts import deferred
from storage.outbox import Kind
from storage.preferences import hear_by
from storage.sla import Taken, acted_since, alerted, cards_this_hour, due, gather, standing_alerts
from storage.tables import Clock as Row
from storage.tables import Ticket
from storage.tickets import get
from storage.work import Work

AT_ONCE = 50  # other deeds wait while a sweep writes, so it writes little at a time
HOUR = "%Y-%m-%dT%H"


@dataclass(frozen=True, slots=True)
class Given:
    """An alert that is given now; `again` when it was given before: a snooze is over, or nobody has acted."""

    ticket: Ticket
    clock: Clock
    team: str
    again: bool = False


def warn_all(work: Work) -> int:
    """Gives every alert that is due, each once; how many clocks were taken. AT_ONCE means there may be more.

    1. Each clock moves on, and says whether something is to be told. 2. A ticket's own card in the team's channel, or
    one message for all of them where they are many. 3. Who has to act hears of it, in their own hours.
    """
    taken = due(work, limit=AT_ONCE)
    given = [one for found in taken for row in found.clocks if (one := _moved_on(work, found, row))]
    work.flush()
    standing = standing_alerts(work.session, work.workspace, [one.ticket.number for one in given]) if given else {}
    _show(work, [one for one in given if one.clock.target is not ClockKind.EXPERT_ANSWER], standing)
    for one in given:
        _tell(work, one, stands=(one.ticket.number, _lane(work, one.ticket)) in standing)
    return sum(len(found.clocks) for found in taken)


def snooze(work: Work, number: int, *, by: str, span: timedelta = SNOOZE) -> None:
    """The ticket's alerts are silent for so long; what falls due meanwhile is told after it."""
    ticket = get(work, number)
    require(work, Deed.SNOOZE, ticket, by)
    if span not in SNOOZES:
        raise DeskError("An alert is snoozed for 30 minutes, an hour or two.")
    rows = alerted(work.session, work.workspace, number)
    if not rows:
        raise DeskError(f"#{number} has no alert to snooze any more: its time is kept, paused or long enough again.")
    until = work.now + span
    for row in rows:
        row.snoozed_until = until
        row.next_alert_at = max(row.next_alert_at or until, until)
    told(work, ticket, events.record(work, ticket, Happened.SNOOZED, by=by, until=until.isoformat()))


def ask_help(work: Work, number: int, *, by: str, text: str) -> None:
    """Whoever has it cannot do it alone: the lead reads what is needed, and the alert is quiet until the risk grows."""
    ticket = get(work, number)
    require(work, Deed.ASK_HELP, ticket, by)
    if ticket.status in DONE:
        raise DeskError(f"#{number} is resolved; it needs no help any more.")
    if blank(text):
        raise FieldError("text", "Say what would help: somebody who knows the gateway, an hour of a colleague.")
    told(work, ticket, events.record(work, ticket, Happened.ASKED_HELP, by=by, text=text.strip()))
    leads = [lead for lead in work.policy.team(ticket.team).leads if lead != by] or sorted(work.policy.managers - {by})
    for lead in leads:
        outbox.notice(work, lead, number=number, words=f"<@{by}> asks for help with #{number}.", quote=text.strip())


def _moved_on(work: Work, found: Taken, row: Row) -> Given | None:
    """Moves one clock on. None while it does not run, is snoozed, or whoever should act is off work."""
    clock, team = clocks.value(row), _team(found, row)
    hours = work.policy.calendar_of(team)
    if not clock.runs:
        row.next_alert_at = None
        return None
    quiet = alerts.not_before(hours, work.now)
    for until in (row.snoozed_until, _deferred_until(work, found.ticket, clock)):
        if until is not None and until > work.now:
            quiet = max(quiet or until, until)
    if quiet is not None:
        row.next_alert_at = quiet
        return None
    return _given(work, found.ticket, row, team)


def _deferred_until(work: Work, ticket: Ticket, clock: Clock) -> datetime | None:
    """What the lead lets wait is not warned of meanwhile; a breach is told in any case."""
    if clock.due_at <= work.now:
        return None
    until = deferred(work.session, work.workspace, ticket.team, at=work.now).get(ticket.priority)
    return until and min(until, clock.due_at)


def _given(work: Work, ticket: Ticket, row: Row, team: str) -> Given | None:
    hours = work.policy.calendar_of(team)
    clock, alert = sla.advance(work.policy, clocks.value(row), work.now)
    again = False
    if alert is not None:
        clock = alerts.alerted(work.policy, clock, hours, work.now)
    else:
        clock, again = _again(work, ticket, row, clock, hours)
    row.snoozed_until = None
    clocks.put(row, clock)
    row.next_alert_at = alerts.later_than(clock.next_alert_at, work.now)
    return Given(ticket, clock, team, again) if alert or again else None


def _again(work: Work, ticket: Ticket, row: Row, clock: Clock, hours: Calendar) -> tuple[Clock, bool]:
    """A breach is told again when its snooze is over, and one step up when nobody has acted on it in time."""
    if clock.level == BREACH and row.snoozed_until is not None:
        return alerts.alerted(work.policy, clock, hours, work.now), True
    up = alerts.climbs_at(work.policy, clock, hours)
    if up is None or up > work.now or clock.told_at is None:
        return alerts.waiting(work.policy, clock, hours), False
    number, since = ticket.number, clock.told_at
    if acted_since(work.session, work.workspace, number, since=since, but=ticket.requester):
        return alerts.waiting(work.policy, alerts.acted_on(clock), hours), False
    return alerts.waiting(work.policy, alerts.one_up(clock, work.now), hours), True


def _show(work: Work, given: Sequence[Given], standing: dict[tuple[int, str], str]) -> None:
    """The alert's card where one stands is edited; new ones are posted, or gathered on one message where there are
    many at once or the channel had enough of them this hour."""
    fresh: dict[str, dict[int, Ticket]] = defaultdict(dict)
    for one in given:
        lane, number = _lane(work, one.ticket), one.ticket.number
        where = standing.get((number, lane))
        if where:
            outbox.queue(work, Kind.STORM, lane=lane, subject=where)
        elif where == "":
            outbox.queue(work, Kind.ALERT, lane=lane, number=number, subject=str(number))
        elif lane:
            fresh[lane][number] = one.ticket
        if one.clock.level == BREACH:
            outbox.refresh(work, one.ticket)
    for lane, tickets in fresh.items():
        _post(work, lane, list(tickets))


def _post(work: Work, lane: str, numbers: Sequence[int]) -> None:
    alerting = work.policy.alerting
    team = next((team for team in work.policy.teams.values() if team.channel == lane), None)
    most = (team.alerts_per_hour if team else None) or alerting.per_hour
    if len(numbers) <= alerting.at_once and cards_this_hour(work, lane, more=len(numbers), most=most):
        for number in numbers:
            outbox.queue(work, Kind.ALERT, lane=lane, number=number, subject=str(number))
        return
    subject = f"storm:{work.now:{HOUR}}"
    gather(work, numbers, lane=lane, subject=subject)
    outbox.queue(work, Kind.STORM, lane=lane, subject=subject)


def _tell(work: Work, given: Given, *, stands: bool) -> None:
    """Each in their own hours, and where they want to hear of it."""
    people = _concerned(work, given, stands=stands)
    wanted = hear_by(work.session, work.workspace, people)
    lane, number = _lane(work, given.ticket), given.ticket.number
    for person in people:
        in_team = person in work.policy.team(given.team).people
        if wanted[person] is HearBy.CHANNEL and in_team and lane:
            if stands or given.again:
                data = {"person": person, "target": str(given.clock.target)}
                outbox.queue(work, Kind.NUDGE, lane=lane, number=number, subject=str(number), data=data)
            continue
        at = next_opening(work.policy.calendar_for(person, given.team), work.now)
        outbox.digest(work, person, number=number, target=str(given.clock.target), at=at)


def _concerned(work: Work, given: Given, *, stands: bool) -> list[str]:
    """Who hears of it besides the channel: an edit of a card that stands already pings nobody."""
    managers = sorted(work.policy.managers)
    leads = list(work.policy.team(given.team).leads) or managers
    if given.clock.target is ClockKind.EXPERT_ANSWER:
        return _of_rung(given, holders=[], leads=leads, managers=managers)
    holder = given.ticket.assignee
    absent = holder is not None and work.policy.is_away(holder, given.team, work.now)
    holders = [holder] if holder and not absent else leads
    return _of_rung(given, holders=holders if stands or given.again else [], leads=leads, managers=managers)


def _of_rung(given: Given, *, holders: Iterable[str], leads: Iterable[str], managers: Iterable[str]) -> list[str]:
    """Those below hear what is new; when nobody acted, only the step above does."""
    if given.clock.rung >= Rung.MANAGER:
        return list(managers)
    also = leads if given.clock.rung >= Rung.LEAD and not given.again else []
    return list(dict.fromkeys([*holders, *also]))


def _team(found: Taken, row: Row) -> str:
    """The team that should act."""
    return (found.experts or found.ticket.team) if row.target is ClockKind.EXPERT_ANSWER else found.ticket.team


def _lane(work: Work, ticket: Ticket) -> str:
    """The channel of those who hold it; empty where they have none."""
    return next(iter(outbox.channels_of(work, ticket)[-1:]), "")
