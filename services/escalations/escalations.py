"""First line asks the experts; an expert accepts, rejects or asks back."""

from collections.abc import Sequence

from rules.errors import FieldError, Refused
from rules.escalations.approvals import ApproverAnswer
from rules.escalations.escalations import REJECTION_REASON_LABELS, EscalationState, RejectionReason
from rules.model.policy import Policy, SupportLine
from rules.model.tickets import DONE_STATUSES, Status, check_transition
from rules.model.timers import TimerKind
from rules.people.permissions import Permission
from rules.text import is_blank
from services.assignment.assignments import clear_assignee, route_ticket, set_assignee
from services.assignment.routing import is_routed_by_desk
from services.escalations import improvement_items
from services.escalations.approvals import (
    ask_experts,
    check_turn,
    expert_answer_due_at,
    new_assignee,
    record_expert_answer,
)
from services.escalations.peer_review import request_review
from services.notifications.notifications import notify_askers, publish_event
from services.notifications.recipients import escalation_recipients, leads_to_notify
from services.permissions import is_expert_team, require, require_expert
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
from storage.tickets.tickets import get_ticket
from storage.tickets.tickets import lock_ticket as ticket_of
from storage.transaction import Reader, Transaction

_DECISION_TEXT = {
    EscalationState.ACCEPTED: "accepted it",
    EscalationState.REJECTED: "rejected it",
    EscalationState.WITHDRAWN: "withdrew it",
    EscalationState.REDIRECTED: "sent it to other experts",
    EscalationState.RETURNED: "returned it to who asked",
}


class AlreadyDecided(Refused):
    """Someone was first; the second reads who and what."""

    def __init__(self, escalation: Escalation) -> None:
        did = _DECISION_TEXT.get(escalation.state, "ended it")
        who = f"<@{escalation.decided_by}>"
        super().__init__(f"The escalation of #{escalation.number} is decided: {who} already {did}.")


def escalate(tx: Transaction, number: int, *, by: str, team: str, why: str, tried: str) -> None:
    """First line asks an expert team, with the evidence: why, and what was tried."""
    ticket = ticket_of(tx, number)
    require(tx, Permission.ESCALATE, ticket, by)
    if not is_expert_team(tx.policy, team):
        raise FieldError("team", f"`{team}` is not an expert team here. Choose one of the list.")
    for field, text in (("why", why), ("tried", tried)):
        if is_blank(text):
            raise FieldError(field, "The experts need this to decide. Write a sentence.")
    check_escalatable(tx, tx.policy, ticket)
    if team == ticket.team:
        raise FieldError("team", f"{tx.policy.team(team).name} has it already. Choose other experts.")
    ticket.status = check_transition(ticket.status, Status.ESCALATED)
    set_assignee(tx, ticket, ticket.assignee or by)
    timers.follow_status(tx, ticket)
    escalation = add_escalation(tx, ticket, by=by, team=team, why=why.strip(), tried=tried.strip())
    seq = events.record(tx, ticket, EventKind.ESCALATED, by=by, to=team, why=escalation.why, tried=escalation.tried)
    if not request_review(tx, ticket, escalation):
        ask_experts(tx, ticket, escalation)
    publish_event(tx, ticket, seq)


def check_escalatable(reader: Reader, policy: Policy, ticket: Ticket) -> None:
    """One question at a time; who asks a second one reads who asked the first."""
    waiting = undecided_escalation(reader, ticket.number)
    if waiting:
        answer = f"{policy.team(waiting.team).name}'s answer"
        whose = "a colleague's look" if waiting.state is EscalationState.IN_PEER_REVIEW else answer
        raise Refused(f"#{ticket.number} is escalated already by <@{waiting.asked_by}>; it waits for {whose}.")
    if ticket.status in DONE_STATUSES:
        raise Refused(f"#{ticket.number} is resolved; reopen it before you escalate it.")
    if not any(team.line is SupportLine.EXPERT for team in policy.teams.values()):
        raise Refused("There are no experts yet: whoever runs the desk adds a team with `line: expert` to desk.yml.")


def accept(tx: Transaction, number: int, round_: int, *, by: str) -> None:
    """The expert takes it over: theirs is the ticket now. Where others have to accept too, they are waited for."""
    ticket, escalation = lock_decidable(tx, number, round_, Permission.ACCEPT_ESCALATION, by)
    if not record_expert_answer(tx, ticket, escalation, by=by, answer=ApproverAnswer.ACCEPTED):
        return
    asking = escalation_recipients(tx, ticket, escalation, excluding=by)
    conclude(tx, escalation, state=EscalationState.ACCEPTED, by=by)
    who = new_assignee(tx, escalation, by)
    _take_over(tx, ticket, escalation, who)
    waited = int((tx.now - escalation.asked_at).total_seconds())
    said = {"round": round_, "waited_s": waited, "why": escalation.why, "tried": escalation.tried}
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.ACCEPTED, by=by, **said))
    if who is None and is_routed_by_desk(tx.policy, ticket):
        route_ticket(tx, ticket)
    if who and who not in (by, *asking):
        outbox.notify_person(tx, who, number=number, text=f"All have accepted #{number}: it is with you now.")
    _notify_accepted(tx, ticket, escalation, asking, by=by)


def reject(tx: Transaction, number: int, round_: int, *, by: str, advice: RejectionReason, comment: str) -> None:
    """The expert passes, with a coded reason and advice: the ticket returns to the one who asked."""
    ticket, escalation = lock_decidable(tx, number, round_, Permission.REJECT_ESCALATION, by)
    if is_blank(comment):
        raise FieldError("comment", "Say what first line should do next: they read this as your advice.")
    said = comment.strip()
    record_expert_answer(tx, ticket, escalation, by=by, answer=ApproverAnswer.REJECTED, advice=advice, comment=said)
    conclude(tx, escalation, state=EscalationState.REJECTED, by=by, advice=advice, comment=said)
    return_ticket(tx, ticket, escalation)
    improvement_items.record_rejection(tx, ticket, escalation, advice)
    publish_event(
        tx, ticket, events.record(tx, ticket, EventKind.REJECTED, by=by, round=round_, advice=str(advice), text=said)
    )
    rest = f": {REJECTION_REASON_LABELS[advice]}. It is back with <@{ticket.assignee}>."
    asking = escalation_recipients(tx, ticket, escalation, excluding=by)
    notify_askers(tx, escalation, asking, by=by, action="rejected", rest=rest, quote=said)


def request_info(tx: Transaction, number: int, round_: int, *, by: str, question: str) -> None:
    """The expert needs to know more: the experts' clock pauses, the customer's runs on."""
    ticket, escalation = lock_decidable(tx, number, round_, Permission.REQUEST_INFO, by)
    if is_blank(question):
        raise FieldError("question", "Write the question that first line should answer.")
    if escalation.state is EscalationState.INFO_REQUESTED:
        raise Refused(f"#{number} waits for first line's answer to an earlier question already.")
    escalation.state, escalation.question = EscalationState.INFO_REQUESTED, question.strip()
    timers.pause_timer(tx, ticket, TimerKind.EXPERT_ANSWER, why="the experts asked back")
    publish_event(
        tx, ticket, events.record(tx, ticket, EventKind.INFO_REQUESTED, by=by, round=round_, text=question.strip())
    )
    words = f"<@{by}> asks about #{number}. Answer in the ticket's thread or with *Note…*."
    for who in escalation_recipients(tx, ticket, escalation, excluding=by):
        outbox.notify_person(tx, who, number=number, text=words, quote=question.strip())


def decidable_escalation(
    reader: Reader, policy: Policy, number: int, round_: int, *, deed: Permission, by: str
) -> Escalation:
    """The escalation that this person may decide now; Decided when someone else has, and whose turn it is not reads
    whose it is before they have typed anything."""
    ticket, escalation = get_ticket(reader, number), find_escalation(reader, number, round_)
    seated = escalation is not None and is_asked_to_decide(reader, escalation, by)
    require_expert(policy, deed, ticket, by, asked=escalation, is_approver=seated)
    if escalation is None:
        raise Refused(f"#{number} has no such escalation.")
    if escalation.decided_at is not None:
        raise AlreadyDecided(escalation)
    if escalation.state is EscalationState.IN_PEER_REVIEW:
        raise Refused(f"#{number} is not with the experts yet: a colleague of who asks looks at it first.")
    check_turn(reader, escalation, by)
    return escalation


def resume_after_answer(tx: Transaction, ticket: Ticket, *, by: str, seq: int) -> None:
    """First line answered the experts' question: their clock runs on, and their card shows the answer."""
    escalation = undecided_escalation(tx, ticket.number)
    if escalation is None or escalation.state is not EscalationState.INFO_REQUESTED:
        return
    theirs = by in tx.policy.team(escalation.team).people
    if theirs or is_asked_to_decide(tx, escalation, by):
        return
    escalation.state = EscalationState.PENDING
    timers.resume_timer(tx, ticket, TimerKind.EXPERT_ANSWER)
    escalation.answer_due_at = expert_answer_due_at(tx, ticket)
    publish_event(
        tx, ticket, events.record(tx, ticket, EventKind.INFO_PROVIDED, by=by, round=escalation.round, note=seq)
    )


def withdraw_on_resolve(tx: Transaction, ticket: Ticket, *, by: str) -> int | None:
    """The ticket is done before the experts answered: the round that ended undecided, None when there was none."""
    escalation = undecided_escalation(tx, ticket.number)
    if escalation is None or not decide_escalation(tx, escalation, state=EscalationState.WITHDRAWN, by=by):
        return None
    timers.cancel_timers(tx, ticket, TimerKind.EXPERT_ANSWER, why="the ticket was resolved")
    return escalation.round


def add_escalation(tx: Transaction, ticket: Ticket, *, by: str, team: str, why: str, tried: str) -> Escalation:
    """A new round of asking; when it is answered by is known once it is put to the experts."""
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


def lock_decidable(tx: Transaction, number: int, round_: int, deed: Permission, by: str) -> tuple[Ticket, Escalation]:
    """The ticket, locked, and its escalation that this person may decide now."""
    ticket = ticket_of(tx, number)
    return ticket, decidable_escalation(tx, tx.policy, number, round_, deed=deed, by=by)


def conclude(
    tx: Transaction,
    escalation: Escalation,
    *,
    state: EscalationState,
    by: str,
    advice: RejectionReason | None = None,
    comment: str | None = None,
) -> None:
    """The one decision; Decided when somebody else's came first."""
    if not decide_escalation(tx, escalation, state=state, by=by, advice=advice, comment=comment):
        raise AlreadyDecided(escalation)
    timers.meet_timers(tx, ticket_of(tx, escalation.number), TimerKind.EXPERT_ANSWER)


def return_ticket(tx: Transaction, ticket: Ticket, escalation: Escalation) -> None:
    """The ticket is again with whoever had it when the experts were asked."""
    ticket.status = check_transition(ticket.status, Status.IN_PROGRESS)
    ticket.team = escalation.from_team
    set_assignee(tx, ticket, ticket.assignee or escalation.asked_by)
    timers.follow_status(tx, ticket)


def _take_over(tx: Transaction, ticket: Ticket, escalation: Escalation, who: str | None) -> None:
    """The ticket is the expert team's, with this person, or new to them with nobody."""
    ticket.team = escalation.team
    ticket.status = check_transition(ticket.status, Status.IN_PROGRESS if who else Status.NEW)
    if who:
        set_assignee(tx, ticket, who)
    else:
        clear_assignee(ticket)
    timers.follow_status(tx, ticket)


def _notify_accepted(
    tx: Transaction, ticket: Ticket, escalation: Escalation, asking: Sequence[str], *, by: str
) -> None:
    """Who asked reads with whom it is now; where it is with nobody, the lead reads that somebody has to get it."""
    number, team = ticket.number, tx.policy.team(escalation.team)
    now = f"it is with <@{ticket.assignee}> now" if ticket.assignee else f"{team.name} has it, and nobody of them yet"
    notify_askers(tx, escalation, asking, by=by, action="accepted", rest=f": {now}.")
    leads = leads_to_notify(tx, team) if ticket.assignee is None else []
    for lead in leads if by not in leads else ():
        words = f"<@{by}> accepted #{number} for {team.name}; nobody has it yet: press *Assign…* on its card."
        outbox.notify_person(tx, lead, number=number, text=words)
