"""Those whose yes an escalation needs are asked: who is here, in their order, each with their time; never nobody."""

from collections.abc import Collection, Sequence
from datetime import datetime

from rules.escalations.approvals import (
    AlreadyAnswered,
    ApprovalRequest,
    Approver,
    ApproverAnswer,
    approval_outcome,
    choose_respondent,
    pass_over_pending,
    pending_approvers,
    record_answer,
)
from rules.escalations.approvals import required_approvers as seats_for
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.approval import APPROVAL_CHAIN_MODES, ApprovalMode
from rules.model.people import PersonProfile
from rules.model.timers import TimerKind
from services.notifications.notifications import publish_event
from services.notifications.recipients import absent_among, escalation_recipients, is_anyone_here
from services.sla import timers
from storage import events
from storage.escalations.approvals import (
    add_approvers,
    approver_rows,
    as_approvers,
    awaited_approvers,
    awaited_teams,
    overdue_escalations,
    record_answers,
)
from storage.escalations.escalations import undecided_escalation
from storage.events import EventKind
from storage.outbox import outbox
from storage.outbox.outbox import MessageKind
from storage.presence.presence import presence_by_person
from storage.schema.tickets import Escalation, Ticket
from storage.sla.timers import ticket_timers as promises_of
from storage.tickets.tickets import lock_ticket
from storage.transaction import Reader, Transaction

ESCALATIONS_PER_SWEEP = 50


def ask_experts(tx: Transaction, ticket: Ticket, escalation: Escalation) -> None:
    """The experts' time begins; their channel has the card, and so has everybody whose yes is needed now.

    Where the first of them decides and none of them is here, somebody is asked by name.
    """
    _start_answer_timer(tx, ticket, escalation)
    approval, team = tx.policy.approval_rule_for(ticket.type, escalation.team), tx.policy.team(escalation.team)
    sitting = seats_for(approval, experts=team.experts, leads=team.leads)
    if sitting:
        alone = ApprovalMode.IN_ORDER if approval.lead_decides else approval.mode
        escalation.approving = alone
        add_approvers(tx, escalation, sitting)
    if team.channel:
        _queue_card(tx, escalation, team.channel)
    _ask_approvers(tx, escalation)
    if not sitting and not is_anyone_here(tx, team.experts, team=team.key):
        _ask_lead(tx, ticket, escalation, why=f"None of {team.name}'s experts is here")


def record_expert_answer(
    tx: Transaction,
    ticket: Ticket,
    escalation: Escalation,
    *,
    by: str,
    answer: ApproverAnswer,
    advice: RejectionReason | None = None,
    comment: str | None = None,
) -> bool:
    """Whether this answer decides it; where others are still to answer it is kept, told, and the next are asked."""
    if escalation.approving not in APPROVAL_CHAIN_MODES:
        return True
    before = _approvers(tx, escalation)
    after = record_answer(escalation.approving, before, by=by, answer=answer)
    places = [seat.position for seat, was in zip(after, before, strict=True) if seat != was]
    if not record_answers(tx, escalation, places, answer=answer, by=by, advice=advice, comment=comment):
        raise AlreadyAnswered(pending_approvers(escalation.approving, _approvers(tx, escalation)))
    if approval_outcome(after) is not None:
        return True
    _ask_next(tx, ticket, escalation, after)
    standing_for = [seat.person for seat in after if seat.position in places and seat.person != by]
    said = {"round": escalation.round, "left": len([one for one in after if one.answer is None])}
    seq = events.record(tx, ticket, EventKind.APPROVER_ANSWERED, by=by, standing_for=standing_for, **said)
    publish_event(tx, ticket, seq)
    return False


def check_turn(reader: Reader, escalation: Escalation, by: str) -> None:
    """Refused where others are to decide now: they read who."""
    if escalation.approving in APPROVAL_CHAIN_MODES:
        sitting = as_approvers(approver_rows(reader, escalation.number, escalation.round))
        record_answer(escalation.approving, sitting, by=by, answer=ApproverAnswer.ACCEPTED)


def new_assignee(tx: Transaction, escalation: Escalation, by: str) -> str | None:
    """Who has the ticket now that it is accepted: of the experts' own places the one who accepted last.

    Where the first decides it is the first, a lead too. None where only leads or those who stand in have accepted: they
    decide, and somebody of the team does the work.
    """
    team = tx.policy.team(escalation.team)
    if escalation.approving not in APPROVAL_CHAIN_MODES:
        return by if by in team.people else None
    votes = approver_rows(tx, escalation.number, escalation.round)
    own = [
        one
        for one in votes
        if one.answer is ApproverAnswer.ACCEPTED and {one.person, one.answered_by} <= {*team.experts}
    ]
    return max(own, key=lambda one: (one.answered_by == by, one.answered_at)).answered_by if own else None


def pass_over_late_approvers(tx: Transaction) -> int:
    """Who let their time run out is passed over: the next in order is asked, in the end the lead; how many were.

    Where the first of the experts decides, the lead is asked by name beside them, and their time is over all the same.
    """
    late = overdue_escalations(tx, limit=ESCALATIONS_PER_SWEEP)
    return sum(_pass_over_late(tx, number) for number in late)


def replace_absent_approvers(tx: Transaction) -> int:
    """In place of those who were asked and have gone away since, others are asked, each with all of their time; of how
    many tickets. Where the first decides, somebody is asked by name once none of the experts is here."""
    waiting = awaited_approvers(tx)
    away = absent_among(tx, {person for _, person in waiting})
    replaced = sum(
        _replace_absent(tx, number, away) for number in dict.fromkeys(n for n, person in waiting if person in away)
    )
    first = awaited_teams(tx)
    deserted = {team for team in {team for _, team in first} if not _has_expert_here(tx, team)}
    return replaced + sum(_ask_when_deserted(tx, number) for number, team in first if team in deserted)


def expert_answer_due_at(tx: Transaction, ticket: Ticket) -> datetime:
    """By when the experts are to answer, now that they were asked."""
    return promises_of(tx, ticket.number)[TimerKind.EXPERT_ANSWER].due_at


def _pass_over_late(tx: Transaction, number: int) -> bool:
    ticket = lock_ticket(tx, number)
    escalation = undecided_escalation(tx, number)
    if (
        escalation is None
        or escalation.state is not EscalationState.PENDING
        or expert_answer_due_at(tx, ticket) >= tx.now
    ):
        return False
    if escalation.approving is None:
        name = tx.policy.team(escalation.team).name
        return _ask_lead(tx, ticket, escalation, why=f"{name}'s experts have not answered in time", late=True)
    before = _approvers(tx, escalation)
    after = pass_over_pending(escalation.approving, before, leads=_final_approvers(tx, escalation))
    if after == before:
        return False
    add_approvers(tx, escalation, after[len(before) :])
    late = [seat for seat, was in zip(after, before, strict=False) if seat != was]
    record_answers(
        tx, escalation, [seat.position for seat in late], answer=ApproverAnswer.PASSED_OVER, by=events.DESK_ACTOR
    )
    _ask_next(tx, ticket, escalation, after)
    who = [seat.asked_person or seat.person for seat in late]
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.PASSED_OVER, by=events.DESK_ACTOR, late=who))
    return True


def _replace_absent(tx: Transaction, number: int, away: Collection[str]) -> bool:
    """Those of the ticket's approvers who are away are not waited for where somebody else can be asked."""
    ticket = lock_ticket(tx, number)
    escalation = undecided_escalation(tx, number)
    if escalation is None or escalation.state is not EscalationState.PENDING or escalation.approving is None:
        return False
    votes = approver_rows(tx, number, escalation.round)
    gone = [vote for vote in votes if vote.answer is None and vote.asked in away]
    leaving = [vote for vote in gone if _person_to_ask(tx, escalation, vote.person).person != vote.asked]
    if not leaving:
        return False
    were = [vote.asked for vote in leaving]
    for vote in leaving:
        vote.asked = None
    tx.flush()
    _ask_next(tx, ticket, escalation, _approvers(tx, escalation))
    publish_event(tx, ticket, events.record(tx, ticket, EventKind.PASSED_OVER, by=events.DESK_ACTOR, away=were))
    return True


def _ask_when_deserted(tx: Transaction, number: int) -> bool:
    """The experts of whom the first would decide have gone away: somebody is asked by name."""
    ticket = lock_ticket(tx, number)
    escalation = undecided_escalation(tx, number)
    if escalation is None or escalation.state is not EscalationState.PENDING or escalation.approving is not None:
        return False
    name = tx.policy.team(escalation.team).name
    return _ask_lead(tx, ticket, escalation, why=f"None of {name}'s experts is here any more")


def _ask_lead(tx: Transaction, ticket: Ticket, escalation: Escalation, *, why: str, late: bool = False) -> bool:
    """The lead, or who is here in their place, is asked beside the experts; who waits for the answer reads whom.

    It is done once. False where there is nobody to ask: no lead and no manager.
    """
    escalation.approving = ApprovalMode.ANY
    meant = next(iter(tx.policy.team(escalation.team).leads or sorted(tx.policy.managers)), None)
    if meant is None:
        return False
    add_approvers(tx, escalation, [Approver(1, meant)])
    _ask_approvers(tx, escalation)
    (vote,) = approver_rows(tx, escalation.number, escalation.round)
    if late:
        publish_event(
            tx, ticket, events.record(tx, ticket, EventKind.PASSED_OVER, by=events.DESK_ACTOR, asked=vote.asked)
        )
    later = " as soon as they are here" if vote.asked_at and vote.asked_at > tx.now else ""
    for who in escalation_recipients(tx, ticket, escalation, excluding=vote.asked or ""):
        words = f"{why}: <@{vote.asked}> is asked about #{ticket.number} by name{later}."
        outbox.notify_person(tx, who, number=ticket.number, text=words)
    return True


def _has_expert_here(tx: Transaction, team: str) -> bool:
    return is_anyone_here(tx, tx.policy.team(team).experts, team=team)


def _final_approvers(tx: Transaction, escalation: Escalation) -> list[str]:
    """Who is asked in the end: a lead, or a manager who is here where all leads are away."""
    leads, managers = tx.policy.team(escalation.team).leads, sorted(tx.policy.managers)
    away = absent_among(tx, [*leads, *managers])
    return [*leads, *(() if set(leads) - away else [one for one in managers if one not in away])]


def _ask_next(tx: Transaction, ticket: Ticket, escalation: Escalation, sitting: Sequence[Approver]) -> None:
    """Those whose turn it is now are asked; whoever was not asked before has all of their time."""
    escalation.state = EscalationState.PENDING
    approving = escalation.approving or ApprovalMode.ANY
    if approving in APPROVAL_CHAIN_MODES and any(
        seat.asked_person is None for seat in pending_approvers(approving, sitting)
    ):
        timers.meet_timers(tx, ticket, TimerKind.EXPERT_ANSWER)
        _start_answer_timer(tx, ticket, escalation)
    else:
        timers.resume_timer(tx, ticket, TimerKind.EXPERT_ANSWER)
        escalation.answer_due_at = expert_answer_due_at(tx, ticket)
    _ask_approvers(tx, escalation)


def _start_answer_timer(tx: Transaction, ticket: Ticket, escalation: Escalation) -> None:
    timers.start_timer(tx, ticket, TimerKind.EXPERT_ANSWER, experts=escalation.team)
    escalation.answer_due_at = expert_answer_due_at(tx, ticket)


def _ask_approvers(tx: Transaction, escalation: Escalation) -> None:
    """Each whose turn it is gets the card by direct message, or who stands in for them; at night in the morning."""
    if escalation.approving is None:
        return
    votes = {vote.place: vote for vote in approver_rows(tx, escalation.number, escalation.round)}
    for seat in pending_approvers(escalation.approving, as_approvers(votes.values())):
        if seat.asked_person is None:
            ask = _person_to_ask(tx, escalation, seat.person)
            votes[seat.position].asked, votes[seat.position].asked_at = ask.person, ask.at
            _queue_card(tx, escalation, ask.person, at=ask.at)


def _person_to_ask(tx: Transaction, escalation: Escalation, person: str) -> ApprovalRequest:
    team, managers = tx.policy.team(escalation.team), sorted(tx.policy.managers)
    deputy = tx.policy.people.get(person, PersonProfile()).deputy
    here = presence_by_person(
        tx,
        [one for one in (person, deputy, *team.leads, *managers) if one],
        policy=tx.policy,
        team=team.key,
        at=tx.now,
    )
    return choose_respondent(person, here, deputy=deputy, leads=team.leads, managers=managers, now=tx.now)


def _approvers(tx: Transaction, escalation: Escalation) -> tuple[Approver, ...]:
    return as_approvers(approver_rows(tx, escalation.number, escalation.round))


def _queue_card(tx: Transaction, escalation: Escalation, lane: str, *, at: datetime | None = None) -> None:
    subject = f"{escalation.number}.{escalation.round}"
    outbox.queue_message(
        tx, MessageKind.ESCALATION_CARD, destination=lane, number=escalation.number, subject=subject, at=at
    )
