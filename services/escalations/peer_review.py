"""Where experts refuse most of what somebody escalates of a type, a colleague looks first and sends it on or back.

It never waits for nobody: without a colleague who is here, or an answer in time, the experts are asked all the same.
"""

from collections.abc import Sequence

from rules.calendars.calendars import due
from rules.errors import DeskError, FieldError
from rules.escalations.escalations import EscalationState
from rules.escalations.outcomes import SPAN, needs_check
from rules.model.tickets import Status, move
from rules.people.permissions import Deed, NotAllowed, allowed, roles
from rules.text import blank
from services.assignment.assignments import hold
from services.escalations.approvals import put_to_experts
from services.notifications.notifications import tell_askers, told, whose
from services.notifications.recipients import anyone_here, hears, leads_called
from services.sla import timers
from storage import events
from storage.escalations.escalations import checked, decide, get, undecided, unlooked
from storage.escalations.outcomes import tally_of
from storage.events import Happened
from storage.outbox import outbox
from storage.outbox.outbox import Kind
from storage.schema.tickets import Escalation, Ticket
from storage.tickets.tickets import NoSuchTicket
from storage.tickets.tickets import get as ticket_of
from storage.transaction import Work


class Looked(DeskError):
    """A colleague was first; the second reads what became of it."""

    def __init__(self, escalation: Escalation) -> None:
        who, number = escalation.checked_by or escalation.decided_by, escalation.number
        did = "sent it on to the experts" if escalation.checked_by else _ENDED.get(escalation.state, "ended it")
        words = f"The escalation of #{number} was looked at: <@{who}> {did}."
        late = f"Nobody looked at the escalation of #{number} in time: the experts have it now."
        super().__init__(late if who == events.DESK else words)


_ENDED = {EscalationState.RETURNED: "returned it", EscalationState.WITHDRAWN: "withdrew it"}


def look_first(work: Work, ticket: Ticket, escalation: Escalation) -> bool:
    """Whether a colleague is asked to look first; then they are asked, and the asker reads why.

    Nobody is where no colleague is here: then the experts are asked at once.
    """
    limit, colleagues = work.policy.peer_check, _colleagues(work, escalation)
    if limit is None or not anyone_here(work, colleagues, team=escalation.from_team):
        return False
    told_of = tally_of(
        work.session, work.workspace, person=escalation.asked_by, type_=ticket.type, since=work.now - SPAN
    )
    if not needs_check(told_of, limit):
        return False
    escalation.state = EscalationState.TO_CHECK
    patience = work.policy.team(escalation.from_team).answer_within
    escalation.answer_due_at = due(work.policy.calendar_of(escalation.from_team), work.now, patience)
    subject, channel = f"{ticket.number}.{escalation.round}", work.policy.team(escalation.from_team).channel
    for lane in [channel] if channel else colleagues:
        outbox.queue(work, Kind.CHECK, lane=lane, number=ticket.number, subject=subject)
    name = work.policy.type(ticket.type).name
    words = (
        f"A colleague looks at your escalation of #{ticket.number} before it goes to the experts. Of your last "
        f"{told_of.n} about {name} they accepted {told_of.accepted}; below {limit.below:.0%} two look at it. "
        "What would help: `/report escalations me`."
    )
    outbox.notice(work, escalation.asked_by, number=ticket.number, words=words)
    return True


def send_on(work: Work, number: int, round_: int, *, by: str) -> None:
    """A colleague finds it right: the experts are asked now, and their time begins."""
    ticket, escalation = to_check(work, number, round_, by=by)
    if not checked(work, escalation, by=by):
        raise Looked(escalation)
    put_to_experts(work, ticket, escalation)
    told(work, ticket, events.record(work, ticket, Happened.SENT_ON, by=by, round=round_))


def return_(work: Work, number: int, round_: int, *, by: str, comment: str) -> None:
    """A colleague knows more: it is with the asker again, who reads what to do, and the lead is told."""
    ticket, escalation = to_check(work, number, round_, by=by)
    if blank(comment):
        raise FieldError("comment", "Say what would settle it, or what is missing: who asked reads this.")
    said = comment.strip()
    if not decide(work, escalation, to=EscalationState.RETURNED, by=by, comment=said):
        raise Looked(escalation)
    ticket.status = move(ticket.status, Status.IN_PROGRESS)
    ticket.team = escalation.from_team
    hold(work, ticket, ticket.assignee or escalation.asked_by)
    timers.follow(work, ticket)
    told(work, ticket, events.record(work, ticket, Happened.RETURNED, by=by, round=round_, text=said))
    asking = hears(work, ticket, escalation, but=by)
    rest = " before it went to the experts."
    tell_askers(work, escalation, asking, by=by, did="returned", rest=rest, quote=said)
    leads = [one for one in leads_called(work, work.policy.team(escalation.from_team)) if one not in (by, *asking)]
    tell_askers(work, escalation, leads, by=by, did="returned", rest=".", quote=said)


def send_late(work: Work) -> int:
    """What no colleague has looked at in their team's time goes to the experts; the lead and who asked read that."""
    return sum(_send_late(work, number) for number in unlooked(work.session, work.workspace, at=work.now))


def to_check(work: Work, number: int, round_: int, *, by: str) -> tuple[Ticket, Escalation]:
    """The ticket, locked, and its escalation that this colleague may look at now."""
    ticket = ticket_of(work, number)
    escalation = get(work.session, work.workspace, number, round_)
    held = roles(work.policy, by, teams=[escalation.from_team if escalation else ticket.first_line])
    if not held:
        raise NoSuchTicket(number)
    if not allowed(Deed.CHECK, held):
        raise NotAllowed(Deed.CHECK, [work.policy.team(ticket.first_line).name])
    if escalation is None:
        raise DeskError(f"#{number} has no such escalation.")
    if escalation.state is not EscalationState.TO_CHECK:
        raise Looked(escalation)
    if by == escalation.asked_by:
        raise DeskError("A colleague looks at this one: you asked it yourself.")
    return ticket, escalation


def _send_late(work: Work, number: int) -> bool:
    ticket = ticket_of(work, number)
    escalation = undecided(work.session, work.workspace, number)
    if escalation is None or escalation.answer_due_at > work.now or not checked(work, escalation, by=events.DESK):
        return False
    put_to_experts(work, ticket, escalation)
    told(work, ticket, events.record(work, ticket, Happened.SENT_ON, by=events.DESK, round=escalation.round))
    names = [work.policy.team(key).name for key in (escalation.from_team, escalation.team)]
    leads = leads_called(work, work.policy.team(escalation.from_team))
    for who in dict.fromkeys([*hears(work, ticket, escalation), *leads]):
        question = f"{whose(escalation, who)} escalation of #{number}"
        words = f"Nobody of {names[0]} looked at {question} in time: {names[1]} is asked now."
        outbox.notice(work, who, number=number, words=words)
    return True


def _colleagues(work: Work, escalation: Escalation) -> Sequence[str]:
    return [one for one in work.policy.team(escalation.from_team).people if one != escalation.asked_by]
