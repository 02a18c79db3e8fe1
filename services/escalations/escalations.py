"""First line asks the experts; an expert accepts, rejects or requests information."""

from collections.abc import Sequence
from datetime import datetime

from rules.errors import FieldError, Refused
from rules.escalations.approvals import ApproverAnswer
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.policy import Policy, SupportLine
from rules.model.tickets import DONE_STATUSES, Status
from rules.model.timers import TimerKind
from rules.people.permissions import Permission
from rules.text import Code, Person, Text, TicketNumber, _, ngettext
from rules.typed_text import required_text
from services.assignment.assignments import clear_assignee, move_to_status, return_ticket, route_ticket
from services.assignment.routing import is_routed_by_desk
from services.escalations import improvement_items
from services.escalations.approvals import (
    ask_experts,
    check_turn,
    expert_answer_due_at,
    new_assignee,
    other_deciders,
    record_expert_answer,
)
from services.escalations.peer_review import request_review
from services.notifications.notifications import notify_people, publish_event, record_and_publish
from services.notifications.recipients import escalation_recipients, leads_to_notify
from services.permissions import is_expert_team, lock_permitted, require_expert
from services.sla import timers
from storage import events
from storage.escalations.approvals import is_asked_to_decide
from storage.escalations.escalations import (
    decide_escalation,
    find_escalation,
    next_escalation_round,
    undecided_escalation,
)
from storage.events import EventKind
from storage.outbox import outbox
from storage.schema.tickets import Escalation, Ticket
from storage.tickets.tickets import get_ticket, lock_ticket
from storage.transaction import Reader, Transaction


class AlreadyDecided(Refused):
    """Another person decided first; the second reads who and how."""

    def __init__(self, escalation: Escalation) -> None:
        ticket, person = TicketNumber(escalation.number), Person(escalation.decided_by or "")
        text = _(
            "The escalation of {ticket} is already {state} by {person}.",
            ticket=ticket,
            state=escalation.state.label,
            person=person,
        )
        super().__init__(text)


class NoSuchEscalation(Refused):
    """The ticket has no escalation of that round."""

    def __init__(self, number: int) -> None:
        command = Code(f"/ticket {number}")
        text = _(
            "{ticket} has no such escalation. {command} shows its card.", ticket=TicketNumber(number), command=command
        )
        super().__init__(text)


def escalate(tx: Transaction, number: int, *, by: str, team: str, why: str, tried: str) -> None:
    ticket = lock_permitted(tx, Permission.ESCALATE, number, by)
    if not is_expert_team(tx.policy, team):
        raise FieldError("team", _("{team} is not an expert team. Choose one from the list.", team=Code(team)))
    remedy = _("The experts need this to decide. Write a sentence.")
    why, tried = required_text(why, "why", remedy), required_text(tried, "tried", remedy)
    check_escalatable(tx, tx.policy, ticket)
    if team == ticket.team:
        raise FieldError(
            "team", _("{team} already has this ticket. Choose another team.", team=tx.policy.team(team).name)
        )
    move_to_status(tx, ticket, Status.ESCALATED, assignee=ticket.assignee or by)
    escalation = add_escalation(tx, ticket, by=by, team=team, why=why, tried=tried)
    seq = events.record(tx, ticket, EventKind.ESCALATED, by=by, to=team, why=why, tried=tried)
    if not request_review(tx, ticket, escalation):
        ask_experts(tx, ticket, escalation)
    publish_event(tx, ticket, seq)


def check_escalatable(reader: Reader, policy: Policy, ticket: Ticket) -> None:
    escalation = undecided_escalation(reader, ticket.number)
    if escalation:
        raise Refused(_escalated_text(policy, escalation))
    if ticket.status in DONE_STATUSES:
        raise Refused(_("{ticket} is resolved. Reopen it first, then escalate it.", ticket=TicketNumber(ticket.number)))
    if not any(team.line is SupportLine.EXPERT for team in policy.teams.values()):
        setting, file = Code("line: expert"), Code("desk.yml")
        raise Refused(
            _("There is no expert team yet: your admin adds one with {setting} in {file}.", setting=setting, file=file)
        )


def _escalated_text(policy: Policy, escalation: Escalation) -> Text:
    ticket, person = TicketNumber(escalation.number), Person(escalation.asked_by)
    if escalation.state is EscalationState.IN_PEER_REVIEW:
        return _("{person} already escalated {ticket}: it is in peer review.", ticket=ticket, person=person)
    team = policy.team(escalation.team).name
    return _(
        "{person} already escalated {ticket}: {team} has not decided yet.", ticket=ticket, person=person, team=team
    )


def accept(tx: Transaction, number: int, round_: int, *, by: str) -> None:
    """The ticket becomes the experts', once all approvers have accepted."""
    ticket, escalation = lock_decidable(tx, number, round_, Permission.ACCEPT_ESCALATION, by)
    if not record_expert_answer(tx, ticket, escalation, by=by, answer=ApproverAnswer.ACCEPTED):
        return
    recipients = escalation_recipients(tx, ticket, escalation, excluding=by)
    conclude(tx, escalation, state=EscalationState.ACCEPTED, by=by)
    assignee = new_assignee(tx, escalation, by)
    _take_over(tx, ticket, escalation, assignee)
    waited_s = int((tx.now - escalation.asked_at).total_seconds())
    data = {"round": round_, "waited_s": waited_s, "why": escalation.why, "tried": escalation.tried}
    record_and_publish(tx, ticket, EventKind.ACCEPTED, by=by, **data)
    if assignee is None and is_routed_by_desk(tx.policy, ticket):
        route_ticket(tx, ticket)
    if assignee and assignee not in (by, *recipients):
        text = _(
            "All approvers accepted the escalation of {ticket}. It is assigned to you.", ticket=TicketNumber(number)
        )
        outbox.notify_person(tx, assignee, number=number, text=text)
    _notify_accepted(tx, ticket, escalation, recipients, by=by)


def reject(tx: Transaction, number: int, round_: int, *, by: str, reason: RejectionReason, comment: str) -> None:
    """The ticket returns to the asker, who reads the reason and the comment."""
    ticket, escalation = lock_decidable(tx, number, round_, Permission.REJECT_ESCALATION, by)
    text = required_text(comment, "comment", _("Say what first line should do next: they read this."))
    record_expert_answer(tx, ticket, escalation, by=by, answer=ApproverAnswer.REJECTED, reason=reason, comment=text)
    conclude(tx, escalation, state=EscalationState.REJECTED, by=by, reason=reason, comment=text)
    return_ticket(tx, ticket, escalation)
    improvement_items.record_rejection(tx, ticket, escalation, reason)
    record_and_publish(tx, ticket, EventKind.REJECTED, by=by, round=round_, advice=str(reason), text=text)
    notice = _(
        "{person} rejected the escalation of {ticket}: {reason}. It is assigned to {assignee} again.",
        person=Person(by),
        ticket=TicketNumber(number),
        reason=reason.label,
        assignee=Person(ticket.assignee or ""),
    )
    recipients = escalation_recipients(tx, ticket, escalation, excluding=by)
    notify_people(tx, recipients, number=number, text=notice, quote=text)


def request_info(tx: Transaction, number: int, round_: int, *, by: str, question: str) -> None:
    """The experts' timer pauses; the timers of the ticket run on."""
    ticket, escalation = lock_decidable(tx, number, round_, Permission.REQUEST_INFO, by)
    question = required_text(question, "question", _("Write the question that first line should answer."))
    if escalation.state is EscalationState.INFO_REQUESTED:
        raise Refused(
            _("{ticket} is already waiting for the answer to an earlier question.", ticket=TicketNumber(number))
        )
    escalation.state, escalation.question = EscalationState.INFO_REQUESTED, question
    timers.pause_timer(tx, ticket, TimerKind.EXPERT_ANSWER, why=_("the experts requested information"))
    record_and_publish(tx, ticket, EventKind.INFO_REQUESTED, by=by, round=round_, text=question)
    text = _(
        "{person} requested information on {ticket}. Answer in the thread of its card, or with “Note…”.",
        person=Person(by),
        ticket=TicketNumber(number),
    )
    recipients = escalation_recipients(tx, ticket, escalation, excluding=by)
    notify_people(tx, recipients, number=number, text=text, quote=question)


def decidable_escalation(
    reader: Reader, policy: Policy, number: int, round_: int, *, permission: Permission, by: str
) -> Escalation:
    """The escalation that this person may decide now.

    AlreadyDecided when another person was first, NotYourTurn before the person has typed anything.
    """
    ticket, escalation = get_ticket(reader, number), find_escalation(reader, number, round_)
    is_approver = escalation is not None and is_asked_to_decide(reader, escalation, by)
    require_expert(policy, permission, ticket, by, escalation=escalation, is_approver=is_approver)
    if escalation is None:
        raise NoSuchEscalation(number)
    if escalation.decided_at is not None:
        raise AlreadyDecided(escalation)
    if escalation.state is EscalationState.IN_PEER_REVIEW:
        raise Refused(
            _(
                "The escalation of {ticket} is still in peer review. You can decide it after that.",
                ticket=TicketNumber(number),
            )
        )
    check_turn(reader, escalation, by)
    return escalation


def check_not_own(reader: Reader, policy: Policy, escalation: Escalation, *, by: str, at: datetime) -> None:
    """Who asked does not decide it in another role, unless nobody else can or the team allows it."""
    team = policy.team(escalation.team)
    if by != escalation.asked_by or team.may_decide_own:
        return
    others = other_deciders(reader, policy, escalation, by=by, at=at)
    if others:
        raise Refused(
            ngettext(
                "You escalated {ticket} yourself: {person} decides it.",
                "You escalated {ticket} yourself: {person} or another member of {team} decides it.",
                len(others),
                ticket=TicketNumber(escalation.number),
                person=Person(others[0]),
                team=team.name,
            )
        )


def resume_after_answer(tx: Transaction, ticket: Ticket, *, by: str, seq: int) -> None:
    """When first line answers a request for information, the experts' timer resumes and their card shows the answer."""
    escalation = undecided_escalation(tx, ticket.number)
    if escalation is None or escalation.state is not EscalationState.INFO_REQUESTED:
        return
    is_expert = by in tx.policy.team(escalation.team).people
    if is_expert or is_asked_to_decide(tx, escalation, by):
        return
    escalation.state = EscalationState.PENDING
    timers.resume_timer(tx, ticket, TimerKind.EXPERT_ANSWER)
    escalation.answer_due_at = expert_answer_due_at(tx, ticket)
    record_and_publish(tx, ticket, EventKind.INFO_PROVIDED, by=by, round=escalation.round, note=seq)


def withdraw_on_resolve(tx: Transaction, ticket: Ticket, *, by: str) -> int | None:
    """The round that ended undecided because the ticket was resolved; None when there was none."""
    escalation = undecided_escalation(tx, ticket.number)
    if escalation is None or not decide_escalation(tx, escalation, state=EscalationState.WITHDRAWN, by=by):
        return None
    timers.cancel_timers(tx, ticket, TimerKind.EXPERT_ANSWER, why=_("the ticket was resolved"))
    return escalation.round


def add_escalation(tx: Transaction, ticket: Ticket, *, by: str, team: str, why: str, tried: str) -> Escalation:
    escalation = Escalation(
        workspace_id=tx.workspace,
        number=ticket.number,
        round=next_escalation_round(tx, ticket.number),
        state=EscalationState.PENDING,
        team=team,
        from_team=ticket.team,
        asked_by=by,
        asked_at=tx.now,
        why=why,
        tried=tried,
        answer_due_at=tx.now,
    )
    tx.session.add(escalation)
    return escalation


def lock_decidable(
    tx: Transaction, number: int, round_: int, permission: Permission, by: str
) -> tuple[Ticket, Escalation]:
    ticket = lock_ticket(tx, number)
    escalation = decidable_escalation(tx, tx.policy, number, round_, permission=permission, by=by)
    check_not_own(tx, tx.policy, escalation, by=by, at=tx.now)
    return ticket, escalation


def conclude(
    tx: Transaction,
    escalation: Escalation,
    *,
    state: EscalationState,
    by: str,
    reason: RejectionReason | None = None,
    comment: str | None = None,
    redirected_to: str | None = None,
) -> None:
    """The experts' timer ends; AlreadyDecided for the second person."""
    if not decide_escalation(
        tx, escalation, state=state, by=by, reason=reason, comment=comment, redirected_to=redirected_to
    ):
        raise AlreadyDecided(escalation)
    timers.meet_timers(tx, lock_ticket(tx, escalation.number), TimerKind.EXPERT_ANSWER)


def _take_over(tx: Transaction, ticket: Ticket, escalation: Escalation, assignee: str | None) -> None:
    ticket.team = escalation.team
    if assignee is None:
        clear_assignee(ticket)
    move_to_status(tx, ticket, Status.IN_PROGRESS if assignee else Status.NEW, assignee=assignee)


def _notify_accepted(
    tx: Transaction, ticket: Ticket, escalation: Escalation, recipients: Sequence[str], *, by: str
) -> None:
    team = tx.policy.team(escalation.team)
    person, number = Person(by), TicketNumber(ticket.number)
    if ticket.assignee:
        assignee = Person(ticket.assignee)
        text = _(
            "{person} accepted the escalation of {ticket}. It is assigned to {assignee}.",
            person=person,
            ticket=number,
            assignee=assignee,
        )
        notify_people(tx, recipients, number=ticket.number, text=text)
        return
    text = _(
        "{person} accepted the escalation of {ticket} for {team}. It is unassigned.",
        person=person,
        ticket=number,
        team=team.name,
    )
    notify_people(tx, recipients, number=ticket.number, text=text)
    leads = leads_to_notify(tx, team)
    text = _(
        "{person} accepted {ticket} for {team}. It is unassigned: press “Assign…” on its card.",
        person=person,
        ticket=number,
        team=team.name,
    )
    notify_people(tx, leads if by not in leads else (), number=ticket.number, text=text)
