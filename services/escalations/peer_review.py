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
from storage.transaction import Transaction


class Looked(DeskError):
    """A colleague was first; the second reads what became of it."""

    def __init__(self, escalation: Escalation) -> None:
        who, number = escalation.checked_by or escalation.decided_by, escalation.number
        did = "sent it on to the experts" if escalation.checked_by else _ENDED.get(escalation.state, "ended it")
        words = f"The escalation of #{number} was looked at: <@{who}> {did}."
        late = f"Nobody looked at the escalation of #{number} in time: the experts have it now."
        super().__init__(late if who == events.DESK else words)


_ENDED = {EscalationState.RETURNED: "returned it", EscalationState.WITHDRAWN: "withdrew it"}


def look_first(tx: Transaction, ticket: Ticket, escalation: Escalation) -> bool:
    """Whether a colleague is asked to look first; then they are asked, and the asker reads why.

    Nobody is where no colleague is here: then the experts are asked at once.
    """
    limit, colleagues = tx.policy.peer_check, _colleagues(tx, escalation)
    if limit is None or not anyone_here(tx, colleagues, team=escalation.from_team):
        return False
    told_of = tally_of(tx, person=escalation.asked_by, type_=ticket.type, since=tx.now - SPAN)
    if not needs_check(told_of, limit):
        return False
    escalation.state = EscalationState.TO_CHECK
    patience = tx.policy.team(escalation.from_team).answer_within
    escalation.answer_due_at = due(tx.policy.calendar_of(escalation.from_team), tx.now, patience)
    subject, channel = f"{ticket.number}.{escalation.round}", tx.policy.team(escalation.from_team).channel
    for lane in [channel] if channel else colleagues:
        outbox.queue(tx, Kind.CHECK, lane=lane, number=ticket.number, subject=subject)
    name = tx.policy.type(ticket.type).name
    words = (
        f"A colleague looks at your escalation of #{ticket.number} before it goes to the experts. Of your last "
        f"{told_of.n} about {name} they accepted {told_of.accepted}; below {limit.below:.0%} two look at it. "
        "What would help: `/report escalations me`."
    )
    outbox.notice(tx, escalation.asked_by, number=ticket.number, words=words)
    return True


def send_on(tx: Transaction, number: int, round_: int, *, by: str) -> None:
    """A colleague finds it right: the experts are asked now, and their time begins."""
    ticket, escalation = to_check(tx, number, round_, by=by)
    if not checked(tx, escalation, by=by):
        raise Looked(escalation)
    put_to_experts(tx, ticket, escalation)
    told(tx, ticket, events.record(tx, ticket, Happened.SENT_ON, by=by, round=round_))


def return_(tx: Transaction, number: int, round_: int, *, by: str, comment: str) -> None:
    """A colleague knows more: it is with the asker again, who reads what to do, and the lead is told."""
    ticket, escalation = to_check(tx, number, round_, by=by)
    if blank(comment):
        raise FieldError("comment", "Say what would settle it, or what is missing: who asked reads this.")
    said = comment.strip()
    if not decide(tx, escalation, to=EscalationState.RETURNED, by=by, comment=said):
        raise Looked(escalation)
    ticket.status = move(ticket.status, Status.IN_PROGRESS)
    ticket.team = escalation.from_team
    hold(tx, ticket, ticket.assignee or escalation.asked_by)
    timers.follow(tx, ticket)
    told(tx, ticket, events.record(tx, ticket, Happened.RETURNED, by=by, round=round_, text=said))
    asking = hears(tx, ticket, escalation, but=by)
    rest = " before it went to the experts."
    tell_askers(tx, escalation, asking, by=by, did="returned", rest=rest, quote=said)
    leads = [one for one in leads_called(tx, tx.policy.team(escalation.from_team)) if one not in (by, *asking)]
    tell_askers(tx, escalation, leads, by=by, did="returned", rest=".", quote=said)


def send_late(tx: Transaction) -> int:
    """What no colleague has looked at in their team's time goes to the experts; the lead and who asked read that."""
    return sum(_send_late(tx, number) for number in unlooked(tx, at=tx.now))


def to_check(tx: Transaction, number: int, round_: int, *, by: str) -> tuple[Ticket, Escalation]:
    """The ticket, locked, and its escalation that this colleague may look at now."""
    ticket = ticket_of(tx, number)
    escalation = get(tx, number, round_)
    held = roles(tx.policy, by, teams=[escalation.from_team if escalation else ticket.first_line])
    if not held:
        raise NoSuchTicket(number)
    if not allowed(Deed.CHECK, held):
        raise NotAllowed(Deed.CHECK, [tx.policy.team(ticket.first_line).name])
    if escalation is None:
        raise DeskError(f"#{number} has no such escalation.")
    if escalation.state is not EscalationState.TO_CHECK:
        raise Looked(escalation)
    if by == escalation.asked_by:
        raise DeskError("A colleague looks at this one: you asked it yourself.")
    return ticket, escalation


def _send_late(tx: Transaction, number: int) -> bool:
    ticket = ticket_of(tx, number)
    escalation = undecided(tx, number)
    if escalation is None or escalation.answer_due_at > tx.now or not checked(tx, escalation, by=events.DESK):
        return False
    put_to_experts(tx, ticket, escalation)
    told(tx, ticket, events.record(tx, ticket, Happened.SENT_ON, by=events.DESK, round=escalation.round))
    names = [tx.policy.team(key).name for key in (escalation.from_team, escalation.team)]
    leads = leads_called(tx, tx.policy.team(escalation.from_team))
    for who in dict.fromkeys([*hears(tx, ticket, escalation), *leads]):
        question = f"{whose(escalation, who)} escalation of #{number}"
        words = f"Nobody of {names[0]} looked at {question} in time: {names[1]} is asked now."
        outbox.notice(tx, who, number=number, words=words)
    return True


def _colleagues(tx: Transaction, escalation: Escalation) -> Sequence[str]:
    return [one for one in tx.policy.team(escalation.from_team).people if one != escalation.asked_by]
