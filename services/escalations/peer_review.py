"""Peer review: where experts reject most escalations of a person and type, a colleague reviews the next one first.

It never blocks: without a colleague who is here, or without a review in time, the experts are asked all the same.
"""

from collections.abc import Sequence

from rules.calendars.calendars import due_time
from rules.errors import Refused
from rules.escalations.escalations import EscalationState
from rules.escalations.outcomes import OUTCOME_PERIOD, needs_peer_review
from rules.people.permissions import NotAllowed, Permission, is_allowed, roles_towards
from rules.text import Code, Person, Text, TicketNumber, _
from rules.typed_text import required_text
from services.assignment.assignments import return_ticket
from services.escalations.approvals import ESCALATIONS_PER_SWEEP, ask_experts
from services.notifications.notifications import notify_people, record_and_publish
from services.notifications.recipients import escalation_recipients, is_anyone_here, leads_to_notify
from services.permissions import HiddenTicket
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
from storage.schema.tickets import Escalation, Ticket
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction


class AlreadyReviewed(Refused):
    """Another colleague reviewed it first; the second reads the result."""

    def __init__(self, escalation: Escalation) -> None:
        super().__init__(_reviewed_text(escalation))


PEER_REVIEW_CARD = outbox.MessageKind("check", refreshed=True)


def _reviewed_text(escalation: Escalation) -> Text:
    ticket = TicketNumber(escalation.number)
    if escalation.checked_by == events.DESK_ACTOR:
        return _("Nobody reviewed the escalation of {ticket} in time: it went to the experts.", ticket=ticket)
    person = Person(escalation.checked_by or escalation.decided_by or "")
    if escalation.checked_by:
        return _("{person} already sent the escalation of {ticket} to the experts.", person=person, ticket=ticket)
    state = escalation.state.label
    return _("The escalation of {ticket} is already {state} by {person}.", ticket=ticket, state=state, person=person)


def request_review(tx: Transaction, ticket: Ticket, escalation: Escalation) -> bool:
    """Whether a review was requested. It is not where the person's escalations are mostly accepted, or no colleague is
    here."""
    rule, colleagues = tx.policy.peer_review, _colleagues(tx, escalation)
    if rule is None or not is_anyone_here(tx, colleagues, team=escalation.from_team):
        return False
    outcomes = outcomes_of_person(tx, person=escalation.asked_by, type_=ticket.type, since=tx.now - OUTCOME_PERIOD)
    if not needs_peer_review(outcomes, rule):
        return False
    escalation.state = EscalationState.IN_PEER_REVIEW
    allowed_time = tx.policy.team(escalation.from_team).answer_within
    escalation.answer_due_at = due_time(tx.policy.team_calendar(escalation.from_team), tx.now, allowed_time)
    subject, channel = f"{ticket.number}.{escalation.round}", tx.policy.team(escalation.from_team).channel
    for destination in [channel] if channel else colleagues:
        outbox.queue_message(tx, PEER_REVIEW_CARD, destination=destination, number=ticket.number, subject=subject)
    share = f"{rule.accepted_below:.0%}"
    text = _(
        "A teammate reviews your escalation of {ticket} before it goes to the experts: they accepted {accepted} of "
        "your last {answered} on {type}, and below {share} a review comes first. What would help: {report}.",
        ticket=TicketNumber(ticket.number),
        accepted=outcomes.accepted,
        answered=outcomes.answered,
        type=tx.policy.type(ticket.type).name,
        share=share,
        report=Code("/report escalations me"),
    )
    outbox.notify_person(tx, escalation.asked_by, number=ticket.number, text=text)
    return True


def forward_to_experts(tx: Transaction, number: int, round_: int, *, by: str) -> None:
    ticket, escalation = lock_reviewable(tx, number, round_, by=by)
    if not mark_reviewed(tx, escalation, by=by):
        raise AlreadyReviewed(escalation)
    ask_experts(tx, ticket, escalation)
    record_and_publish(tx, ticket, EventKind.REVIEW_PASSED, by=by, round=round_)


def return_to_asker(tx: Transaction, number: int, round_: int, *, by: str, comment: str) -> None:
    ticket, escalation = lock_reviewable(tx, number, round_, by=by)
    text = required_text(
        comment, "comment", _("Say what would resolve it, or what is missing: the person who escalated it reads this.")
    )
    if not decide_escalation(tx, escalation, state=EscalationState.RETURNED, by=by, comment=text):
        raise AlreadyReviewed(escalation)
    return_ticket(tx, ticket, escalation)
    record_and_publish(tx, ticket, EventKind.REVIEW_RETURNED, by=by, round=round_, text=text)
    person, returned = Person(by), TicketNumber(number)
    notice = _(
        "{person} returned the escalation of {ticket}. It did not go to the experts.", person=person, ticket=returned
    )
    recipients = escalation_recipients(tx, ticket, escalation, excluding=by)
    leads = leads_to_notify(tx, tx.policy.team(escalation.from_team))
    everybody = dict.fromkeys([*recipients, *(lead for lead in leads if lead != by)])
    notify_people(tx, everybody, number=number, text=notice, quote=text)


def forward_overdue(tx: Transaction) -> int:
    """How many escalations went to the experts because nobody reviewed them in the team's time."""
    overdue = unreviewed_escalations(tx, at=tx.now, limit=ESCALATIONS_PER_SWEEP)
    return sum(_forward_overdue(tx, number) for number in overdue)


def lock_reviewable(tx: Transaction, number: int, round_: int, *, by: str) -> tuple[Ticket, Escalation]:
    ticket = lock_ticket(tx, number)
    escalation = find_escalation(tx, number, round_)
    held_roles = roles_towards(tx.policy, by, teams=[escalation.from_team if escalation else ticket.first_line])
    if not is_allowed(Permission.REVIEW_ESCALATION, held_roles):
        not_allowed = NotAllowed(Permission.REVIEW_ESCALATION, [tx.policy.team(ticket.first_line).name])
        raise not_allowed if held_roles else HiddenTicket(number, not_allowed)
    if escalation is None:
        raise Refused(_("{ticket} has no such escalation.", ticket=TicketNumber(number)))
    if escalation.state is not EscalationState.IN_PEER_REVIEW:
        raise AlreadyReviewed(escalation)
    if by == escalation.asked_by:
        raise Refused(_("You escalated {ticket} yourself: a teammate reviews it.", ticket=TicketNumber(number)))
    return ticket, escalation


def _forward_overdue(tx: Transaction, number: int) -> bool:
    ticket, escalation = lock_ticket(tx, number), undecided_escalation(tx, number)
    if escalation is None or escalation.answer_due_at > tx.now:
        return False
    if not mark_reviewed(tx, escalation, by=events.DESK_ACTOR):
        return False
    ask_experts(tx, ticket, escalation)
    record_and_publish(tx, ticket, EventKind.REVIEW_PASSED, by=events.DESK_ACTOR, round=escalation.round)
    own_team, experts = tx.policy.team(escalation.from_team), tx.policy.team(escalation.team)
    leads = leads_to_notify(tx, own_team)
    recipients = dict.fromkeys([*escalation_recipients(tx, ticket, escalation), *leads])
    text = _(
        "Nobody in {team} reviewed the escalation of {ticket} in time: it went to {experts}.",
        team=own_team.name,
        ticket=TicketNumber(number),
        experts=experts.name,
    )
    notify_people(tx, recipients, number=number, text=text)
    return True


def _colleagues(tx: Transaction, escalation: Escalation) -> Sequence[str]:
    return [person for person in tx.policy.team(escalation.from_team).people if person != escalation.asked_by]
