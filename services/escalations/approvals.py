"""The approvers of an escalation are asked: those who are here, in their order, each with their own time."""

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
    required_approvers,
    without_asker,
)
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.approval import APPROVAL_CHAIN_MODES, ApprovalMode
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.model.timers import TimerKind
from rules.presence.presence import Presence, PresenceStatus
from rules.text import Person, Text, TicketNumber, _, join_texts
from services.notifications.notifications import notify_people, record_and_publish
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
from storage.escalations.escalations import ESCALATION_CARD, undecided_escalation
from storage.events import EventKind
from storage.outbox import outbox
from storage.presence.presence import absent_people, presence_by_person
from storage.schema.tickets import Escalation, Ticket
from storage.sla.timers import ticket_timers
from storage.tickets.tickets import lock_ticket
from storage.transaction import Reader, Transaction

ESCALATIONS_PER_SWEEP = 50


def ask_experts(tx: Transaction, ticket: Ticket, escalation: Escalation) -> None:
    """Starts the experts' timer, posts the card in their channel and asks the approvers.

    Where any expert decides and none of them is here, a lead is asked by name.
    """
    _start_answer_timer(tx, ticket, escalation)
    approval, team = tx.policy.approval_rule_for(ticket.type, escalation.team), tx.policy.team(escalation.team)
    approvers = required_approvers(approval, experts=team.experts, leads=team.leads)
    if not team.may_decide_own:
        approvers = without_asker(approvers, escalation.asked_by)
    if approvers:
        escalation.approving = ApprovalMode.IN_ORDER if approval.lead_decides else approval.mode
        add_approvers(tx, escalation, approvers)
    if team.channel:
        _queue_card(tx, escalation, team.channel)
    _ask_approvers(tx, escalation)
    if not approvers and not is_anyone_here(tx, team.experts, team=team.key):
        _ask_lead(tx, ticket, escalation, why=_("None of {team}'s experts is here.", team=team.name))


def other_deciders(reader: Reader, policy: Policy, escalation: Escalation, *, by: str, at: datetime) -> list[str]:
    """Who else can decide it, now or when their day begins: the other approvers, or where any expert decides, those
    of the team who are not away."""
    pending = pending_approvers(escalation.approving or ApprovalMode.ANY, _approvers(reader, escalation))
    asked = [approver.asked_person or approver.person for approver in pending]
    team = policy.team(escalation.team)
    people = asked if escalation.approving in APPROVAL_CHAIN_MODES else [*team.experts, *asked, *team.leads]
    others = [person for person in dict.fromkeys(people) if person != by]
    away = absent_people(reader, others, policy=policy, team=team.key, at=at)
    return [person for person in others if person not in away]


def record_expert_answer(
    tx: Transaction,
    ticket: Ticket,
    escalation: Escalation,
    *,
    by: str,
    answer: ApproverAnswer,
    reason: RejectionReason | None = None,
    comment: str | None = None,
) -> bool:
    """Whether this answer decides the escalation; if not, it is recorded and the next approvers are asked."""
    if escalation.approving not in APPROVAL_CHAIN_MODES:
        return True
    earlier = _approvers(tx, escalation)
    answered_approvers = record_answer(escalation.approving, earlier, by=by, answer=answer)
    places = [approver.position for approver, old in zip(answered_approvers, earlier, strict=True) if approver != old]
    if not record_answers(tx, escalation, places, answer=answer, by=by, reason=reason, comment=comment):
        raise AlreadyAnswered(pending_approvers(escalation.approving, _approvers(tx, escalation)))
    if approval_outcome(answered_approvers) is not None:
        return True
    _ask_next(tx, ticket, escalation, answered_approvers)
    answered_for = [approver.person for approver in answered_approvers if approver.position in places]
    deputy_for = [person for person in answered_for if person != by]
    left = sum(approver.answer is None for approver in answered_approvers)
    data = {"round": escalation.round, "left": left, "standing_for": deputy_for}
    record_and_publish(tx, ticket, EventKind.APPROVER_ANSWERED, by=by, **data)
    return False


def check_turn(reader: Reader, escalation: Escalation, by: str) -> None:
    if escalation.approving in APPROVAL_CHAIN_MODES:
        record_answer(escalation.approving, _approvers(reader, escalation), by=by, answer=ApproverAnswer.ACCEPTED)


def new_assignee(tx: Transaction, escalation: Escalation, by: str) -> str | None:
    """The new assignee of an accepted ticket: of the experts who are approvers the one who accepted last.

    Where any expert decides, the one who did. None where only leads or deputies accepted: then a member of the team is
    assigned.
    """
    team = tx.policy.team(escalation.team)
    if escalation.approving not in APPROVAL_CHAIN_MODES:
        return by if by in team.people else None
    rows = approver_rows(tx, escalation.number, escalation.round)
    accepted = [row for row in rows if row.answer is ApproverAnswer.ACCEPTED]
    by_experts = [row for row in accepted if {row.person, row.answered_by} <= {*team.experts}]
    latest = max(by_experts, key=lambda row: (row.answered_by == by, row.answered_at), default=None)
    return latest.answered_by if latest else None


def pass_over_late_approvers(tx: Transaction) -> int:
    """How many escalations had an approver whose time ran out: the next in order is asked, at last the lead.

    Where any expert decides, the lead is asked by name beside them.
    """
    return sum(_pass_over_late(tx, number) for number in overdue_escalations(tx, limit=ESCALATIONS_PER_SWEEP))


def replace_absent_approvers(tx: Transaction) -> int:
    """How many tickets had an approver who became absent and was replaced; the new one has all of their time.

    Where any expert decides, a lead is asked by name once none of the experts is here.
    """
    awaited = awaited_approvers(tx)
    away = absent_among(tx, {person for _, person in awaited})
    replaced = sum(
        _replace_absent(tx, number, away) for number in dict.fromkeys(n for n, person in awaited if person in away)
    )
    undecided = awaited_teams(tx)
    deserted = {team for team in {team for _, team in undecided} if not _has_expert_here(tx, team)}
    return replaced + sum(_ask_when_deserted(tx, number) for number, team in undecided if team in deserted)


def expert_answer_due_at(tx: Transaction, ticket: Ticket) -> datetime:
    return ticket_timers(tx, ticket.number)[TimerKind.EXPERT_ANSWER].due_at


def _pass_over_late(tx: Transaction, number: int) -> bool:
    ticket, escalation = _lock_pending(tx, number)
    if escalation is None or expert_answer_due_at(tx, ticket) >= tx.now:
        return False
    if escalation.approving is None:
        name = tx.policy.team(escalation.team).name
        return _ask_lead(
            tx, ticket, escalation, why=_("{team}'s experts did not decide in time.", team=name), is_late=True
        )
    earlier = _approvers(tx, escalation)
    later = pass_over_pending(escalation.approving, earlier, leads=_final_approvers(tx, escalation))
    if later == earlier:
        return False
    add_approvers(tx, escalation, later[len(earlier) :])
    late_approvers = [approver for approver, old in zip(later, earlier, strict=False) if approver != old]
    places = [approver.position for approver in late_approvers]
    record_answers(tx, escalation, places, answer=ApproverAnswer.PASSED_OVER, by=events.DESK_ACTOR)
    _ask_next(tx, ticket, escalation, later)
    people = [approver.asked_person or approver.person for approver in late_approvers]
    record_and_publish(tx, ticket, EventKind.PASSED_OVER, by=events.DESK_ACTOR, late=people)
    return True


def _replace_absent(tx: Transaction, number: int, away: Collection[str]) -> bool:
    ticket, escalation = _lock_pending(tx, number)
    if escalation is None or escalation.approving is None:
        return False
    rows = approver_rows(tx, number, escalation.round)
    absent_rows = [row for row in rows if row.answer is None and row.asked in away]
    replaceable = [row for row in absent_rows if _person_to_ask(tx, escalation, row.person).person != row.asked]
    if not replaceable:
        return False
    replaced = [row.asked for row in replaceable]
    for row in replaceable:
        row.asked = None
    tx.flush()
    _ask_next(tx, ticket, escalation, _approvers(tx, escalation))
    record_and_publish(tx, ticket, EventKind.PASSED_OVER, by=events.DESK_ACTOR, away=replaced)
    return True


def _ask_when_deserted(tx: Transaction, number: int) -> bool:
    ticket, escalation = _lock_pending(tx, number)
    if escalation is None or escalation.approving is not None:
        return False
    name = tx.policy.team(escalation.team).name
    return _ask_lead(tx, ticket, escalation, why=_("None of {team}'s experts is here any more.", team=name))


def _lock_pending(tx: Transaction, number: int) -> tuple[Ticket, Escalation | None]:
    """None when no escalation of the ticket awaits the experts' answer."""
    ticket, escalation = lock_ticket(tx, number), undecided_escalation(tx, number)
    return ticket, escalation if escalation and escalation.state is EscalationState.PENDING else None


def _ask_lead(tx: Transaction, ticket: Ticket, escalation: Escalation, *, why: Text, is_late: bool = False) -> bool:
    """Asks the lead, or their deputy, beside the experts; the askers read whom.

    False where there is neither a lead nor a manager. It is done once.
    """
    escalation.approving = ApprovalMode.ANY
    in_charge = [*tx.policy.team(escalation.team).leads, *sorted(tx.policy.managers)]
    others = [person for person in in_charge if person != escalation.asked_by]
    lead = next(iter(others or in_charge), None)
    if lead is None:
        return False
    add_approvers(tx, escalation, [Approver(1, lead)])
    _ask_approvers(tx, escalation)
    (row,) = approver_rows(tx, escalation.number, escalation.round)
    if is_late:
        record_and_publish(tx, ticket, EventKind.PASSED_OVER, by=events.DESK_ACTOR, asked=row.asked)
    asked, number = Person(row.asked or ""), TicketNumber(ticket.number)
    if row.asked_at and row.asked_at > tx.now:
        text = _("{person} is asked to decide {ticket} as soon as they are here.", person=asked, ticket=number)
    else:
        text = _("{person} is asked to decide {ticket}.", person=asked, ticket=number)
    recipients = escalation_recipients(tx, ticket, escalation, excluding=row.asked or "")
    notify_people(tx, recipients, number=ticket.number, text=join_texts([why, text]))
    return True


def _has_expert_here(tx: Transaction, team: str) -> bool:
    return is_anyone_here(tx, tx.policy.team(team).experts, team=team)


def _final_approvers(tx: Transaction, escalation: Escalation) -> list[str]:
    leads, managers = tx.policy.team(escalation.team).leads, sorted(tx.policy.managers)
    away = absent_among(tx, [*leads, *managers])
    final = [*leads, *(() if set(leads) - away else [manager for manager in managers if manager not in away])]
    return [person for person in final if person != escalation.asked_by] or final


def _ask_next(tx: Transaction, ticket: Ticket, escalation: Escalation, approvers: Sequence[Approver]) -> None:
    """Asks the next approvers; the timer starts again when one of them was not asked before."""
    escalation.state = EscalationState.PENDING
    approving = escalation.approving or ApprovalMode.ANY
    if approving in APPROVAL_CHAIN_MODES and any(
        approver.asked_person is None for approver in pending_approvers(approving, approvers)
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
    """Sends the card to each approver whose turn it is, or to their deputy; at night in the morning."""
    if escalation.approving is None:
        return
    rows = {row.place: row for row in approver_rows(tx, escalation.number, escalation.round)}
    for approver in pending_approvers(escalation.approving, as_approvers(rows.values())):
        if approver.asked_person is None:
            request = _person_to_ask(tx, escalation, approver.person)
            rows[approver.position].asked, rows[approver.position].asked_at = request.person, request.at
            _queue_card(tx, escalation, request.person, at=request.at)


def _person_to_ask(tx: Transaction, escalation: Escalation, person: str) -> ApprovalRequest:
    team, managers = tx.policy.team(escalation.team), sorted(tx.policy.managers)
    deputy = tx.policy.people.get(person, PersonProfile()).deputy
    candidates = [candidate for candidate in (person, deputy, *team.leads, *managers) if candidate]
    presences = dict(presence_by_person(tx, candidates, policy=tx.policy, team=team.key, at=tx.now))
    if not team.may_decide_own and escalation.asked_by in presences:  # asked only where nobody else is left
        presences[escalation.asked_by] = Presence(PresenceStatus.GONE)
    return choose_respondent(person, presences, deputy=deputy, leads=team.leads, managers=managers, now=tx.now)


def _approvers(reader: Reader, escalation: Escalation) -> tuple[Approver, ...]:
    return as_approvers(approver_rows(reader, escalation.number, escalation.round))


def _queue_card(tx: Transaction, escalation: Escalation, destination: str, *, at: datetime | None = None) -> None:
    subject = f"{escalation.number}.{escalation.round}"
    outbox.queue_message(tx, ESCALATION_CARD, destination=destination, number=escalation.number, subject=subject, at=at)
