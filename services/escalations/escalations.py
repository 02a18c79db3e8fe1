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
from rules.text import Person, TicketNumber, _, ngettext
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
from services.notifications.notifications import notify_askers, publish_event, record_and_publish
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

_DECISION_TEXT = {
    EscalationState.ACCEPTED: "accepted it",
    EscalationState.REJECTED: "rejected it",
    EscalationState.WITHDRAWN: "withdrew it",
    EscalationState.REDIRECTED: "sent it to other experts",
    EscalationState.RETURNED: "returned it to who asked",
}


class AlreadyDecided(Refused):
    """Another person decided first; the second reads who and how."""

    def __init__(self, escalation: Escalation) -> None:
        decision = _DECISION_TEXT.get(escalation.state, "ended it")
        decider = f"<@{escalation.decided_by}>"
        super().__init__(f"The escalation of #{escalation.number} is decided: {decider} already {decision}.")


def escalate(tx: Transaction, number: int, *, by: str, team: str, why: str, tried: str) -> None:
    ticket = lock_permitted(tx, Permission.ESCALATE, number, by)
    if not is_expert_team(tx.policy, team):
        raise FieldError("team", f"`{team}` is not an expert team here. Choose one of the list.")
    remedy = "The experts need this to decide. Write a sentence."
    why, tried = required_text(why, "why", remedy), required_text(tried, "tried", remedy)
    check_escalatable(tx, tx.policy, ticket)
    if team == ticket.team:
        raise FieldError("team", f"{tx.policy.team(team).name} has it already. Choose other experts.")
    move_to_status(tx, ticket, Status.ESCALATED, assignee=ticket.assignee or by)
    escalation = add_escalation(tx, ticket, by=by, team=team, why=why, tried=tried)
    seq = events.record(tx, ticket, EventKind.ESCALATED, by=by, to=team, why=why, tried=tried)
    if not request_review(tx, ticket, escalation):
        ask_experts(tx, ticket, escalation)
    publish_event(tx, ticket, seq)


def check_escalatable(reader: Reader, policy: Policy, ticket: Ticket) -> None:
    escalation = undecided_escalation(reader, ticket.number)
    if escalation:
        experts_answer = f"{policy.team(escalation.team).name}'s answer"
        awaited = "a colleague's look" if escalation.state is EscalationState.IN_PEER_REVIEW else experts_answer
        raise Refused(f"#{ticket.number} is escalated already by <@{escalation.asked_by}>; it waits for {awaited}.")
    if ticket.status in DONE_STATUSES:
        raise Refused(f"#{ticket.number} is resolved; reopen it before you escalate it.")
    if not any(team.line is SupportLine.EXPERT for team in policy.teams.values()):
        raise Refused("There are no experts yet: whoever runs the desk adds a team with `line: expert` to desk.yml.")


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
        outbox.notify_person(tx, assignee, number=number, text=f"All have accepted #{number}: it is with you now.")
    _notify_accepted(tx, ticket, escalation, recipients, by=by)


def reject(tx: Transaction, number: int, round_: int, *, by: str, reason: RejectionReason, comment: str) -> None:
    """The ticket returns to the asker, who reads the reason and the comment."""
    ticket, escalation = lock_decidable(tx, number, round_, Permission.REJECT_ESCALATION, by)
    text = required_text(comment, "comment", "Say what first line should do next: they read this as your advice.")
    record_expert_answer(tx, ticket, escalation, by=by, answer=ApproverAnswer.REJECTED, reason=reason, comment=text)
    conclude(tx, escalation, state=EscalationState.REJECTED, by=by, reason=reason, comment=text)
    return_ticket(tx, ticket, escalation)
    improvement_items.record_rejection(tx, ticket, escalation, reason)
    record_and_publish(tx, ticket, EventKind.REJECTED, by=by, round=round_, advice=str(reason), text=text)
    recipients = escalation_recipients(tx, ticket, escalation, excluding=by)
    ending = f": {reason.label}. It is back with <@{ticket.assignee}>."
    notify_askers(tx, escalation, recipients, by=by, action="rejected", ending=ending, quote=text)


def request_info(tx: Transaction, number: int, round_: int, *, by: str, question: str) -> None:
    """The experts' timer pauses; the timers of the ticket run on."""
    ticket, escalation = lock_decidable(tx, number, round_, Permission.REQUEST_INFO, by)
    question = required_text(question, "question", "Write the question that first line should answer.")
    if escalation.state is EscalationState.INFO_REQUESTED:
        raise Refused(f"#{number} waits for first line's answer to an earlier question already.")
    escalation.state, escalation.question = EscalationState.INFO_REQUESTED, question
    timers.pause_timer(tx, ticket, TimerKind.EXPERT_ANSWER, why=_("the experts requested information"))
    record_and_publish(tx, ticket, EventKind.INFO_REQUESTED, by=by, round=round_, text=question)
    text = f"<@{by}> asks about #{number}. Answer in the ticket's thread or with *Note…*."
    for recipient in escalation_recipients(tx, ticket, escalation, excluding=by):
        outbox.notify_person(tx, recipient, number=number, text=text, quote=question)


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
        raise Refused(f"#{number} has no such escalation.")
    if escalation.decided_at is not None:
        raise AlreadyDecided(escalation)
    if escalation.state is EscalationState.IN_PEER_REVIEW:
        raise Refused(f"#{number} is not with the experts yet: a colleague of who asks looks at it first.")
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
                "You asked about {ticket} yourself: {person} decides it.",
                "You asked about {ticket} yourself: {person} or another one of {team} decides it.",
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
    number, team = ticket.number, tx.policy.team(escalation.team)
    state = f"it is with <@{ticket.assignee}> now" if ticket.assignee else f"{team.name} has it, and nobody of them yet"
    notify_askers(tx, escalation, recipients, by=by, action="accepted", ending=f": {state}.")
    leads = leads_to_notify(tx, team) if ticket.assignee is None else []
    for lead in leads if by not in leads else ():
        text = f"<@{by}> accepted #{number} for {team.name}; nobody has it yet: press *Assign…* on its card."
        outbox.notify_person(tx, lead, number=number, text=text)
