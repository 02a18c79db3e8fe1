"""A ticket goes to a person: offered, started, passed back."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from desk import clocks, routing
from desk.authority import require
from desk.deputies import leads_called
from desk.telling import told
from rules.calendars import due, is_open
from rules.errors import DeskError, FieldError
from rules.presence import REACHABLE, Here, Presence
from rules.roles import Deed
from rules.tickets import DONE, Status, move
from rules.words import blank
from storage import events, outbox
from storage.assignments import given_last
from storage.events import Happened
from storage.outbox import Kind
from storage.presence import presences, works_at
from storage.routing import ABSENT, UNANSWERED, waiting, who_passed
from storage.tables import Event, Ticket
from storage.tickets import get, remind_due
from storage.work import Work

AT_ONCE = 200  # so many of the oldest are looked at in one transaction
CHANGES_HANDS = (Happened.ASSIGNED, Happened.TAKEN, Happened.PASSED, Happened.ACCEPTED, Happened.HANDED)


class NotYours(DeskError):
    """The ticket is no longer offered to the person who pressed."""

    def __init__(self, number: int, who: str | None) -> None:
        now_with = f"it is with <@{who}> now" if who else "nobody holds it now"
        super().__init__(f"#{number} is no longer offered to you: {now_with}.")


class GivenMeanwhile(DeskError):
    """Two people gave it away at once; the second reads who was first."""

    def __init__(self, event: Event) -> None:
        now_with = f"it is with <@{event.assignee}>" if event.assignee else "nobody holds it"
        who = "Baton" if event.by == events.DESK else f"<@{event.by}>"
        super().__init__(
            f"While you were choosing, {who} was first: {now_with} now. "
            f"Press *Assign…* on #{event.number} again if it should be someone else."
        )


def assign(work: Work, number: int, *, to: str, by: str, since: int | None = None, reason: str = "") -> None:
    """Somebody gives the ticket to a member of its team, who is asked by direct message to start or pass.

    `since` is the newest event the person had seen: GivenMeanwhile when it changed hands after that. Whoever is not
    competent or not here gets it with a `reason`, which is kept.
    """
    ticket = get(work, number)
    require(work, Deed.ASSIGN, ticket, by)
    assignable(ticket)
    if since and (first := events.newest(work.session, work.workspace, number, *CHANGES_HANDS, after=since)):
        raise GivenMeanwhile(first)
    of_the_team(work, ticket, to)
    if to != by and blank(reason):
        routing.needs_no_reason(work, ticket, to)
    offer(work, ticket, to=to, by=by, reason=reason.strip())


def route(work: Work, ticket: Ticket) -> str | None:
    """The desk gives it to whoever is best for it now; None when it waits."""
    choice = routing.choose(work, ticket)
    if choice.person is not None:
        offer(work, ticket, to=choice.person, by=events.DESK, reason=choice.reason)
    return choice.person


def give_waiting(work: Work) -> int:
    """What the desk gives, and nobody had room or was here for, is given now, the oldest first; how many were.

    Where nobody is free for a type in a team, the others of that type wait too. Two processes never give one ticket
    twice: it is looked at again once its row is held.
    """
    given, stuck = 0, set[tuple[str, str]]()
    for number in waiting(work.session, work.workspace, policy=work.policy, limit=AT_ONCE):
        ticket = get(work, number)
        kind = (ticket.team, ticket.type)
        if ticket.assignee or ticket.status is not Status.NEW or kind in stuck:
            continue
        if route(work, ticket):
            given += 1
        elif not who_passed(work.session, work.workspace, ticket):
            stuck.add(kind)
    return given


def assignable(ticket: Ticket) -> None:
    """A ticket that is resolved, or that the experts are asked about, is given to nobody."""
    if ticket.status in DONE:
        raise DeskError(f"#{ticket.number} is resolved; reopen it before it is assigned.")
    if ticket.status is Status.ESCALATED:
        raise DeskError(f"#{ticket.number} waits for the experts' answer; assign it when they have decided.")


def offer(work: Work, ticket: Ticket, *, to: str, by: str, reason: str = "") -> None:
    """The ticket is this person's; until they start it, they are asked again after the team's time.

    What a person gave to somebody who is away, and said why, is no hand-over's business: desk/handovers.py leaves it.
    """
    of_the_team(work, ticket, to)
    if to == by:
        _start_own(work, ticket, by)
        return
    ticket.status = move(ticket.status, Status.ASSIGNED)
    hold(work, ticket, to)
    ticket.remind_at = _patience(work, ticket)
    clocks.follow(work, ticket)
    said: dict[str, Any] = {"reason": reason} if reason else {}
    if reason and by != events.DESK and routing.stands(work, ticket, to).here is Here.AWAY:
        said["away"] = True
    seq = events.record(work, ticket, Happened.ASSIGNED, by=by, to=to, **said)
    outbox.queue(work, Kind.OFFER, lane=to, number=ticket.number, subject=f"{ticket.number}.{seq}")
    told(work, ticket, seq)


def start(work: Work, number: int, *, by: str) -> None:
    """The one it was given to begins."""
    ticket = get(work, number)
    require(work, Deed.START, ticket, by)
    if ticket.assignee != by or ticket.status in DONE:
        raise NotYours(number, ticket.assignee)
    if ticket.status is Status.ASSIGNED:
        ticket.status = move(ticket.status, Status.IN_PROGRESS)
        ticket.remind_at = None
        clocks.follow(work, ticket)
        told(work, ticket, events.record(work, ticket, Happened.STARTED, by=by))


def pass_back(work: Work, number: int, *, by: str, reason: str) -> None:
    """The one it was given to passes: it goes back to the team, and the lead is told why.

    Where the desk gives, it goes to the next best at once, and the lead hears when nobody is left.
    """
    ticket = get(work, number)
    require(work, Deed.PASS, ticket, by)
    passable(ticket, by)
    reason = reason.strip()
    if blank(reason):
        raise FieldError("reason", "Say why you pass it on: the lead reads this.")
    ticket.status = move(ticket.status, Status.NEW)
    let_go(ticket)
    told(work, ticket, events.record(work, ticket, Happened.PASSED, by=by, text=reason))
    if routing.by_desk(work.policy, ticket):
        route(work, ticket)
        return
    for lead in leads_called(work, work.policy.team(ticket.team), but=by):
        words = f"<@{by}> passed #{ticket.number} back; it needs someone else."
        outbox.notice(work, lead, number=ticket.number, words=words, quote=reason)


def passable(ticket: Ticket, by: str) -> None:
    """Only an offer that is still open can be passed; what was started is given on with Assign…."""
    if ticket.assignee == by and ticket.status is not Status.ASSIGNED and ticket.status not in DONE:
        raise DeskError(f"You have #{ticket.number} in hand already; give it on with *Assign…* on its card.")
    if ticket.assignee != by or ticket.status is not Status.ASSIGNED:
        raise NotYours(ticket.number, ticket.assignee)


def remind(work: Work) -> int:
    """What was left unanswered for the team's time; how many were asked again, or given to somebody else.

    1. Whoever is here is asked again: nobody is at night, on leave or logged out, that waits until they are back.
    2. What the desk gave it takes back the second time, or at once from somebody who is off or away for longer than
    the team's time, and gives it to the next best. 3. What a person gave stays, and the leads read once that it has not
    been answered twice. Running again, or twice at once, says nothing twice.
    """
    found = [ticket for ticket in remind_due(work, at=work.now) if ticket.assignee and ticket.remind_at]
    people = sorted({str(ticket.assignee) for ticket in found})
    here = presences(work.session, work.workspace, people, policy=work.policy, team="", at=work.now)
    offers = given_last(work.session, work.workspace, [ticket.number for ticket in found])
    late: dict[tuple[str, datetime], list[int]] = defaultdict(list)
    twice, given_on = [], 0
    for ticket in found:
        who, ran_out, offer_ = str(ticket.assignee), ticket.remind_at or work.now, offers[ticket.number]
        was_asked_twice = _asked_twice(work, ticket, offer_)
        if _goes_on(work, ticket, offer_, here[who], was_asked_twice):
            _take_back(work, ticket, who, absent=here[who].here not in REACHABLE)
            given_on += 1
        elif here[who].here not in REACHABLE:
            ticket.remind_at = _back_at(work, ticket, who, here[who])
        else:
            late[who, ran_out].append(ticket.number)
            ticket.remind_at = _patience(work, ticket)
            twice += [offer_] if was_asked_twice else []
    for (who, ran_out), numbers in late.items():
        _ask_again(work, who, sorted(numbers), ran_out)
    _tell_leads(work, twice)
    return sum(map(len, late.values())) + given_on


def _asked_twice(work: Work, ticket: Ticket, offer_: Event) -> bool:
    """Whether the team's time has run out twice, counted from when they could first read it."""
    who, team = str(ticket.assignee), work.policy.team(ticket.team)
    calendar = work.policy.calendar_of(ticket.team)
    read_at = works_at(work.session, work.workspace, who, policy=work.policy, team=ticket.team, at=offer_.at)
    return due(calendar, due(calendar, read_at, team.answer_within), team.answer_within) <= work.now


def _goes_on(work: Work, ticket: Ticket, offer_: Event, stands: Presence, was_asked_twice: bool) -> bool:
    """Whether the desk takes back what it gave: only while the team works, since at night nobody else is there."""
    calendar = work.policy.calendar_of(ticket.team)
    if offer_.by != events.DESK or not routing.by_desk(work.policy, ticket) or not is_open(calendar, work.now):
        return False
    if stands.here in REACHABLE:
        return was_asked_twice
    return stands.until is None or stands.until > _patience(work, ticket)


def _take_back(work: Work, ticket: Ticket, who: str, *, absent: bool) -> None:
    """Left unanswered counts as passed; who was not here may get it another time."""
    ticket.status = move(ticket.status, Status.NEW)
    let_go(ticket)
    why = UNANSWERED if not absent else ABSENT
    told(work, ticket, events.record(work, ticket, Happened.PASSED, by=events.DESK, why=why, **{"from": who}))
    route(work, ticket)


def _back_at(work: Work, ticket: Ticket, who: str, stands: Presence) -> datetime:
    """When they work again, as far as is known; else they are looked for after the team's time."""
    until = stands.until or work.now
    at = works_at(work.session, work.workspace, who, policy=work.policy, team=ticket.team, at=until)
    return at if at > work.now else _patience(work, ticket)


def _ask_again(work: Work, who: str, numbers: Sequence[int], ran_out: datetime) -> None:
    """What was given together, and left together, is one message."""
    first, more = numbers[0], len(numbers) - 1
    if more:
        words = f"#{first} and {more} more still wait for you: *Take* them on their cards, or give them on."
    else:
        words = f"#{first} still waits for you: *Start* it or *Pass…* it on, on its card above."
    once = f"offer:{first}:{who}:{ran_out.isoformat()}"
    outbox.notice(work, who, number=None if more else first, words=words, once=once)


def _tell_leads(work: Work, unanswered: Sequence[Event]) -> None:
    """What was given together and left together is one message; whoever holds it does not read of themselves."""
    together: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
    for offer_ in unanswered:
        given = str(offer_.data.get("basket") or f"{offer_.number}.{offer_.seq}")
        together[str(offer_.assignee), offer_.team, given].append(offer_)
    for (who, team, given), offers in together.items():
        number, more = offers[0].number, len(offers) - 1
        which = f"#{number} and {more} more" if more else f"#{number}"
        words = f"<@{who}> has not answered {which} and was asked again. *Assign…* gives it to somebody else."
        for lead in leads_called(work, work.policy.team(team), but=who):
            outbox.notice(
                work, lead, number=None if more else number, words=words, once=f"unanswered:{given}:{team}:{lead}"
            )


def hold(work: Work, ticket: Ticket, who: str) -> None:
    """The person has it and is asked nothing more; with somebody of the first line it is the first line's again."""
    ticket.assignee, ticket.remind_at = who, None
    first = work.policy.team(ticket.first_line)
    if who in first.people and who not in work.policy.team(ticket.team).people:
        ticket.team = first.key


def let_go(ticket: Ticket) -> None:
    """Nobody has it, and nobody is asked."""
    ticket.assignee = ticket.remind_at = None


def of_the_team(work: Work, ticket: Ticket, who: str) -> None:
    """FieldError when the person may not hold it."""
    if not may_hold(work, ticket, who):
        name = work.policy.team(ticket.team).name
        raise FieldError("assignee", f"That person is not in {name}. Choose someone of the team, or escalate.")


def may_hold(work: Work, ticket: Ticket, who: str) -> bool:
    """Whether they are of the team that has the ticket, or of its first line."""
    return any(who in work.policy.team(key).people for key in (ticket.team, ticket.first_line))


def _start_own(work: Work, ticket: Ticket, by: str) -> None:
    if ticket.status is Status.IN_PROGRESS and ticket.assignee == by:
        return
    ticket.status = move(ticket.status, Status.IN_PROGRESS)
    held_before = ticket.assignee
    hold(work, ticket, by)
    clocks.follow(work, ticket)
    told(work, ticket, events.record(work, ticket, Happened.TAKEN, by=by, before=held_before))


def _patience(work: Work, ticket: Ticket) -> datetime:
    return due(work.policy.calendar_of(ticket.team), work.now, work.policy.team(ticket.team).answer_within)
