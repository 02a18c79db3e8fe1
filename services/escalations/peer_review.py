"""Where experts refuse most of what somebody escalates of a type, a colleague looks first and sends it on or back.

It never waits for nobody: without a colleague who is here, or an answer in time, the experts are asked all the same.
"""

from collections.abc import Sequence

from rules.calendars.calendars import due_time
from rules.errors import FieldError, Refused
from rules.escalations.escalations import EscalationState
from rules.escalations.outcomes import OUTCOME_PERIOD, needs_peer_review
from rules.model.tickets import Status, check_transition
from rules.people.permissions import NotAllowed, Permission, is_allowed, roles_towards
from rules.text import is_blank
from services.assignment.assignments import set_assignee
from services.escalations.approvals import ask_experts
from services.notifications.notifications import notify_askers, publish_event, whose_escalation
from services.notifications.recipients import escalation_recipients, is_anyone_here, leads_to_notify
from services.sla import timers
from storage import events
from storage.escalations.escalations import (
    decide_escalation,
    find_escalation,
    mark_reviewed,
    undecided_escalation,
    unreviewed_escalations,
)
from storage.escalations.outcomes import outcomes_of_person
from storage.events import EventKind
from storage.outbox import outbox
from storage.outbox.outbox import MessageKind
from storage.schema.tickets import Escalation, Ticket
from storage.tickets.tickets import NoSuchTicket
from storage.tickets.tickets import lock_ticket as ticket_of
from storage.transaction import Transaction


class AlreadyReviewed(Refused):
    """A colleague was first; the second reads what became of it."""

    def __init__(self, escalation: Escalation) -> None:
        who, number = escalation.checked_by or escalation.decided_by, escalation.number
        did = "sent it on to the experts" if escalation.checked_by else _ENDED_TEXT.get(escalation.state, "ended it")
        words = f"The escalation of #{number} was looked at: <@{who}> {did}."
        late = f"Nobody looked at the escalation of #{number} in time: the experts have it now."
        super().__init__(late if who == events.DESK_ACTOR else words)


_ENDED_TEXT = {EscalationState.RETURNED: "returned it", EscalationState.WITHDRAWN: "withdrew it"}


def request_review(tx: Transaction, ticket: Ticket, escalation: Escalation) -> bool:
    """Whether a colleague is asked to look first; then they are asked, and the asker reads why.

    Nobody is where no colleague is here: then the experts are asked at once.
    """
    limit, colleagues = tx.policy.peer_review, _colleagues(tx, escalation)
    if limit is None or not is_anyone_here(tx, colleagues, team=escalation.from_team):
        return False
    told_of = outcomes_of_person(tx, person=escalation.asked_by, type_=ticket.type, since=tx.now - OUTCOME_PERIOD)
    if not needs_peer_review(told_of, limit):
        return False
    escalation.state = EscalationState.IN_PEER_REVIEW
    patience = tx.policy.team(escalation.from_team).answer_within
    escalation.answer_due_at = due_time(tx.policy.team_calendar(escalation.from_team), tx.now, patience)
    subject, channel = f"{ticket.number}.{escalation.round}", tx.policy.team(escalation.from_team).channel
    for lane in [channel] if channel else colleagues:
        outbox.queue_message(tx, MessageKind.PEER_REVIEW, destination=lane, number=ticket.number, subject=subject)
    name = tx.policy.type(ticket.type).name
    words = (
        f"A colleague looks at your escalation of #{ticket.number} before it goes to the experts. Of your last "
        f"{told_of.answered} about {name} they accepted {told_of.accepted}; below {limit.accepted_below:.0%} "
        "two look at it. "
        "What would help: `/report escalations me`."
    )
    outbox.notify_person(tx, escalation.asked_by, number=ticket.number, text=words)
    return True


def forward_to_experts(tx: Transaction, number: int, round_: int, *, by: str) -> None:
    """A colleague finds it right: the experts are asked now, and their time begins."""
    ticket, escalation = lock_reviewable(tx, number, round_, by=by)
    if not mark_reviewed(tx, escalation, by=by):
        raise AlreadyReviewed(escalation)
    ask_experts(tx, ticket, escalation)
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.REVIEW_PASSED, by=by, round=round_))


def return_to_asker(tx: Transaction, number: int, round_: int, *, by: str, comment: str) -> None:
    """A colleague knows more: it is with the asker again, who reads what to do, and the lead is told."""
    ticket, escalation = lock_reviewable(tx, number, round_, by=by)
    if is_blank(comment):
        raise FieldError("comment", "Say what would settle it, or what is missing: who asked reads this.")
    said = comment.strip()
    if not decide_escalation(tx, escalation, state=EscalationState.RETURNED, by=by, comment=said):
        raise AlreadyReviewed(escalation)
    ticket.status = check_transition(ticket.status, Status.IN_PROGRESS)
    ticket.team = escalation.from_team
    set_assignee(tx, ticket, ticket.assignee or escalation.asked_by)
    timers.follow_status(tx, ticket)
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.REVIEW_RETURNED, by=by, round=round_, text=said))
    asking = escalation_recipients(tx, ticket, escalation, excluding=by)
    rest = " before it went to the experts."
    notify_askers(tx, escalation, asking, by=by, action="returned", rest=rest, quote=said)
    leads = [one for one in leads_to_notify(tx, tx.policy.team(escalation.from_team)) if one not in (by, *asking)]
    notify_askers(tx, escalation, leads, by=by, action="returned", rest=".", quote=said)


def forward_overdue(tx: Transaction) -> int:
    """What no colleague has looked at in their team's time goes to the experts; the lead and who asked read that."""
    return sum(_forward_overdue(tx, number) for number in unreviewed_escalations(tx, at=tx.now))


def lock_reviewable(tx: Transaction, number: int, round_: int, *, by: str) -> tuple[Ticket, Escalation]:
    """The ticket, locked, and its escalation that this colleague may look at now."""
    ticket = ticket_of(tx, number)
    escalation = find_escalation(tx, number, round_)
    held = roles_towards(tx.policy, by, teams=[escalation.from_team if escalation else ticket.first_line])
    if not held:
        raise NoSuchTicket(number)
    if not is_allowed(Permission.REVIEW_ESCALATION, held):
        raise NotAllowed(Permission.REVIEW_ESCALATION, [tx.policy.team(ticket.first_line).name])
    if escalation is None:
        raise Refused(f"#{number} has no such escalation.")
    if escalation.state is not EscalationState.IN_PEER_REVIEW:
        raise AlreadyReviewed(escalation)
    if by == escalation.asked_by:
        raise Refused("A colleague looks at this one: you asked it yourself.")
    return ticket, escalation


def _forward_overdue(tx: Transaction, number: int) -> bool:
    ticket = ticket_of(tx, number)
    escalation = undecided_escalation(tx, number)
    if (
        escalation is None
        or escalation.answer_due_at > tx.now
        or not mark_reviewed(tx, escalation, by=events.DESK_ACTOR)
    ):
        return False
    ask_experts(tx, ticket, escalation)
    publish_event(
        tx, ticket, events.record(tx, ticket, EventKind.REVIEW_PASSED, by=events.DESK_ACTOR, round=escalation.round)
    )
    names = [tx.policy.team(key).name for key in (escalation.from_team, escalation.team)]
    leads = leads_to_notify(tx, tx.policy.team(escalation.from_team))
    for who in dict.fromkeys([*escalation_recipients(tx, ticket, escalation), *leads]):
        question = f"{whose_escalation(escalation, who)} escalation of #{number}"
        words = f"Nobody of {names[0]} looked at {question} in time: {names[1]} is asked now."
        outbox.notify_person(tx, who, number=number, text=words)
    return True


def _colleagues(tx: Transaction, escalation: Escalation) -> Sequence[str]:
    return [one for one in tx.policy.team(escalation.from_team).people if one != escalation.asked_by]
