"""An escalation is redirected to other experts, or withdrawn."""

from rules.errors import FieldError, Refused
from rules.escalations.escalations import EscalationState
from rules.model.timers import TimerKind
from rules.people.permissions import Permission, is_allowed, roles_towards
from rules.text import Code, Person, TicketNumber, _
from rules.typed_text import required_text
from services.assignment.assignments import return_ticket
from services.escalations.approvals import ask_experts
from services.escalations.escalations import AlreadyDecided, add_escalation, conclude, lock_decidable
from services.notifications.notifications import notify_people, record_and_publish
from services.notifications.recipients import escalation_recipients
from services.permissions import is_expert_team, refusal
from services.sla import timers
from storage.escalations.escalations import decide_escalation, teams_that_redirected, undecided_escalation
from storage.events import EventKind
from storage.schema.tickets import Escalation
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction


def redirect(tx: Transaction, number: int, round_: int, *, by: str, team: str, reason: str) -> None:
    """The other experts get the same evidence, and their timer starts from zero."""
    ticket, escalation = lock_decidable(tx, number, round_, Permission.REDIRECT_ESCALATION, by)
    _check_other_team(tx, escalation, team)
    text = required_text(reason, "reason", _("Say why it belongs to them: they and first line read this."))
    conclude(tx, escalation, state=EscalationState.REDIRECTED, by=by, comment=text, redirected_to=team)
    evidence = {"why": escalation.why, "tried": escalation.tried}
    next_escalation = add_escalation(tx, ticket, by=escalation.asked_by, team=team, **evidence)
    next_escalation.from_team, next_escalation.question = escalation.from_team, escalation.question
    tx.flush()
    ask_experts(tx, ticket, next_escalation)
    change = {"round": round_, "was": escalation.team, "to": team, "text": text}
    record_and_publish(tx, ticket, EventKind.REDIRECTED, by=by, **change)
    recipients = escalation_recipients(tx, ticket, escalation, excluding=by)
    notice = _(
        "{person} redirected the escalation of {ticket} from {team} to {other}.",
        person=Person(by),
        ticket=TicketNumber(number),
        team=tx.policy.team(escalation.team).name,
        other=tx.policy.team(team).name,
    )
    notify_people(tx, recipients, number=number, text=notice, quote=text)


def withdraw(tx: Transaction, number: int, *, by: str) -> None:
    ticket = lock_ticket(tx, number)
    escalation = undecided_escalation(tx, number)
    if escalation is None:
        raise Refused(_("{ticket} is not escalated any more.", ticket=TicketNumber(number)))
    if by != escalation.asked_by and not is_allowed(
        Permission.WITHDRAW_ESCALATION, roles_towards(tx.policy, by, teams=[escalation.from_team])
    ):
        raise _refusal(tx, escalation, by)
    if not decide_escalation(tx, escalation, state=EscalationState.WITHDRAWN, by=by):
        raise AlreadyDecided(escalation)
    timers.cancel_timers(tx, ticket, TimerKind.EXPERT_ANSWER, why=_("the escalation was withdrawn"))
    return_ticket(tx, ticket, escalation)
    record_and_publish(tx, ticket, EventKind.WITHDRAWN, by=by, round=escalation.round)
    notice = _(
        "{person} withdrew the escalation of {ticket}: no decision is needed any more. It is assigned to {assignee}.",
        person=Person(by),
        ticket=TicketNumber(number),
        assignee=Person(ticket.assignee or ""),
    )
    notify_people(tx, escalation_recipients(tx, ticket, escalation, excluding=by), number=number, text=notice)


def _check_other_team(tx: Transaction, escalation: Escalation, team: str) -> None:
    """An expert team that has not redirected the escalation itself: it would go in a circle."""
    if not is_expert_team(tx.policy, team):
        raise FieldError("team", _("{team} is not an expert team. Choose one from the list.", team=Code(team)))
    name = tx.policy.team(team).name
    if team == escalation.team:
        raise FieldError("team", _("{team} already has this escalation. Choose another team.", team=name))
    if team in teams_that_redirected(tx, escalation):
        raise FieldError(
            "team", _("{team} redirected it to you. If it isn't yours either, reject it with a comment.", team=name)
        )


def _refusal(tx: Transaction, escalation: Escalation, by: str) -> Refused:
    held_roles = roles_towards(tx.policy, by, teams=[escalation.from_team, escalation.team])
    teams = [tx.policy.team(escalation.from_team).name]
    return refusal(Permission.WITHDRAW_ESCALATION, escalation.number, held_roles, teams)
