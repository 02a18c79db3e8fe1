"""Escalations: which are undecided, and by whom each may be decided."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import takewhile

from sqlalchemy import exists, or_

from rules.escalations.escalations import UNDECIDED_STATES, EscalationState, RejectionReason
from rules.model.approval import ApprovalMode
from storage.events import EventKind, ticket_history
from storage.outbox.outbox import MessageKind
from storage.schema.escalations import awaits_answer_of, joins_escalation
from storage.schema.tickets import Escalation, Ticket
from storage.tickets.tickets import tickets_by_number
from storage.transaction import Reader, Transaction, all_where, first_where, update_first

DECISIONS_SHOWN = 10
ESCALATION_CARD = MessageKind("approval", refreshed=True)


def undecided_escalation(reader: Reader, number: int) -> Escalation | None:
    return first_where(reader, Escalation, Escalation.number == number, Escalation.decided_at.is_(None))


def undecided_escalations(reader: Reader, numbers: Sequence[int]) -> Sequence[Escalation]:
    return all_where(reader, Escalation, Escalation.number.in_(numbers), Escalation.decided_at.is_(None))


def latest_escalation(reader: Reader, number: int) -> Escalation | None:
    return first_where(reader, Escalation, Escalation.number == number, order_by=Escalation.round.desc())


def find_escalation(reader: Reader, number: int, round_: int) -> Escalation | None:
    return reader.session.get(Escalation, (reader.workspace, number, round_))


def next_escalation_round(tx: Transaction, number: int) -> int:
    latest = latest_escalation(tx, number)
    return latest.round + 1 if latest else 1


def decide_escalation(
    tx: Transaction,
    escalation: Escalation,
    *,
    state: EscalationState,
    by: str,
    reason: RejectionReason | None = None,
    comment: str | None = None,
    redirected_to: str | None = None,
) -> bool:
    """True for the decision that came first; False when the escalation was decided already."""
    return update_first(
        tx,
        escalation,
        Escalation.state.in_(UNDECIDED_STATES),
        state=state,
        decided_by=by,
        decided_at=tx.now,
        advice=reason,
        comment=comment,
        redirected_to=redirected_to,
    )


def redirect_chain(reader: Reader, escalation: Escalation) -> list[Escalation]:
    """The rounds in which experts redirected this escalation before it came to its team, the oldest first."""
    is_earlier = (Escalation.number == escalation.number, Escalation.round < escalation.round)
    earlier_rounds = all_where(reader, Escalation, *is_earlier, order_by=Escalation.round.desc())
    redirected = list(takewhile(lambda earlier: earlier.state is EscalationState.REDIRECTED, earlier_rounds))
    return redirected[::-1]


def teams_that_redirected(reader: Reader, escalation: Escalation) -> set[str]:
    return {earlier.team for earlier in redirect_chain(reader, escalation)}


def accepted_escalation(reader: Reader, number: int, *, team: str) -> Escalation | None:
    """The escalation that brought the ticket to this team; None when the team got it in another way."""
    escalation = latest_escalation(reader, number)
    accepted = escalation is not None and escalation.state is EscalationState.ACCEPTED and escalation.team == team
    return escalation if accepted else None


def mark_reviewed(tx: Transaction, escalation: Escalation, *, by: str) -> bool:
    in_review = Escalation.state == EscalationState.IN_PEER_REVIEW
    return update_first(tx, escalation, in_review, state=EscalationState.PENDING, checked_by=by)


def unreviewed_escalations(reader: Reader, *, at: datetime, limit: int) -> Sequence[int]:
    in_review = (Escalation.decided_at.is_(None), Escalation.state == EscalationState.IN_PEER_REVIEW)
    is_due = Escalation.answer_due_at <= at
    return all_where(reader, Escalation.number, *in_review, is_due, order_by=Escalation.number, limit=limit)


def decisions_to_make(reader: Reader, person: str, *, teams: Sequence[str]) -> list[tuple[Escalation, Ticket]]:
    """The first few escalations that this person may decide now, with their tickets."""
    escalations = escalations_to_decide(reader, person, teams=teams)[:DECISIONS_SHOWN]
    numbers = [escalation.number for escalation in escalations]
    tickets = {ticket.number: ticket for ticket in tickets_by_number(reader, numbers)} if numbers else {}
    return [(escalation, tickets[escalation.number]) for escalation in escalations if escalation.number in tickets]


def escalations_to_decide(reader: Reader, person: str, *, teams: Sequence[str]) -> Sequence[Escalation]:
    """What this person may decide now, the most urgent first.

    That is: escalations where they are an approver, those that any expert of their teams may decide, and those of their
    colleagues that need a peer review.
    """
    by_name = exists().where(joins_escalation(), awaits_answer_of(person))
    the_first = or_(Escalation.approving.is_(None), Escalation.approving == ApprovalMode.ANY)
    with_experts = Escalation.state != EscalationState.IN_PEER_REVIEW
    to_check = ~with_experts & Escalation.from_team.in_(teams) & (Escalation.asked_by != person)
    decidable = or_(by_name, with_experts & the_first & Escalation.team.in_(teams), to_check)
    undecided = Escalation.decided_at.is_(None)
    return all_where(reader, Escalation, undecided, decidable, order_by=Escalation.answer_due_at)


def answer_to_question(reader: Reader, escalation: Escalation, *, experts: Collection[str]) -> str:
    """The last text by someone other than the experts since they requested information; empty when there is none
    yet."""
    text = ""
    for event in ticket_history(reader, escalation.number) if escalation.question is not None else ():
        if event.kind == EventKind.INFO_REQUESTED:
            text = ""
        elif event.kind in (EventKind.NOTED, EventKind.REQUESTER_WROTE, EventKind.REPLIED) and event.by not in experts:
            text = str(event.data.get("text", ""))
    return text
