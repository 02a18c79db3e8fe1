"""Those whose yes an escalation needs are asked: who is here, in their order, each with their time."""

from collections.abc import Sequence
from datetime import datetime

from desk import clocks
from desk.telling import told
from rules.approvals import AlreadySaid, Answer, Ask, Seat, answered, outcome, passed_over, turn, whom_to_ask
from rules.approvals import seats as seats_for
from rules.approving import Approving
from rules.clocks import ClockKind
from rules.escalations import Advice, EscalationState
from rules.people import Availability
from rules.policy import Team
from storage import events, outbox
from storage.approvals import overdue, say, seats, sit, votes_of
from storage.clocks import of as promises_of
from storage.escalations import undecided
from storage.events import Happened
from storage.outbox import Kind
from storage.presence import presences
from storage.tables import Escalation, Ticket
from storage.tickets import get
from storage.work import Work

AT_ONCE = 50


def put_to_experts(work: Work, ticket: Ticket, escalation: Escalation) -> None:
    """The experts' time begins; their channel has the card, and so has everybody whose yes is needed now."""
    _begin_time(work, ticket, escalation)
    approval, team = work.policy.approval_of(ticket.type, escalation.team), work.policy.team(escalation.team)
    sitting = seats_for(approval, experts=team.experts, leads=team.leads)
    if sitting:
        alone = Approving.IN_ORDER if approval.lead_decides else approval.approving
        escalation.approving = alone
        sit(work, escalation, sitting)
    if team.channel:
        _card(work, escalation, team.channel)
    _ask(work, escalation)


def decides(
    work: Work,
    ticket: Ticket,
    escalation: Escalation,
    *,
    by: str,
    answer: Answer,
    advice: Advice | None = None,
    comment: str | None = None,
) -> bool:
    """Whether this answer decides it; where others are still to answer it is kept, told, and the next are asked."""
    if escalation.approving is None:
        return True
    before = _sitting(work, escalation)
    after = answered(escalation.approving, before, by=by, answer=answer)
    places = [seat.place for seat, was in zip(after, before, strict=True) if seat != was]
    if not say(work, escalation, places, answer=answer, by=by, advice=advice, comment=comment):
        raise AlreadySaid(turn(escalation.approving, _sitting(work, escalation)))
    if outcome(after) is not None:
        return True
    _go_on(work, ticket, escalation, after)
    standing_for = [seat.person for seat in after if seat.place in places and seat.person != by]
    said = {"round": escalation.round, "left": len([one for one in after if one.answer is None])}
    seq = events.record(work, ticket, Happened.VOTED, by=by, standing_for=standing_for, **said)
    told(work, ticket, seq)
    return False


def in_turn(work: Work, escalation: Escalation, by: str) -> None:
    """Refused where others are to decide now: they read who."""
    if escalation.approving is not None:
        answered(escalation.approving, _sitting(work, escalation), by=by, answer=Answer.ACCEPTED)


def pass_on(work: Work) -> int:
    """Who let their time run out is passed over: the next in order is asked, in the end the lead; how many were."""
    late = overdue(work, limit=AT_ONCE)
    return sum(_pass_on(work, number) for number in late)


def answer_due(work: Work, ticket: Ticket) -> datetime:
    """By when the experts are to answer, now that they were asked."""
    return promises_of(work.session, work.workspace, ticket.number)[ClockKind.EXPERT_ANSWER].due_at


def _pass_on(work: Work, number: int) -> bool:
    ticket = get(work, number)
    escalation = undecided(work.session, work.workspace, number)
    if escalation is None or escalation.approving is None or escalation.state is not EscalationState.PENDING:
        return False
    if answer_due(work, ticket) >= work.now:
        return False
    before = _sitting(work, escalation)
    after = passed_over(escalation.approving, before, leads=work.policy.team(escalation.team).leads)
    if after == before:
        return False
    sit(work, escalation, after[len(before) :])
    late = [seat for seat, was in zip(after, before, strict=False) if seat != was]
    say(work, escalation, [seat.place for seat in late], answer=Answer.PASSED_OVER, by=events.DESK)
    _go_on(work, ticket, escalation, after)
    who = [seat.asked or seat.person for seat in late]
    told(work, ticket, events.record(work, ticket, Happened.PASSED_OVER, by=events.DESK, late=who))
    return True


def _go_on(work: Work, ticket: Ticket, escalation: Escalation, sitting: Sequence[Seat]) -> None:
    """Those whose turn it is now are asked; whoever was not asked before has all of their time."""
    escalation.state = EscalationState.PENDING
    approving = escalation.approving or Approving.ANY
    if any(seat.asked is None for seat in turn(approving, sitting)):
        clocks.meet(work, ticket, ClockKind.EXPERT_ANSWER)
        _begin_time(work, ticket, escalation)
    else:
        clocks.resume(work, ticket, ClockKind.EXPERT_ANSWER)
        escalation.answer_due_at = answer_due(work, ticket)
    _ask(work, escalation)


def _begin_time(work: Work, ticket: Ticket, escalation: Escalation) -> None:
    clocks.begin(work, ticket, ClockKind.EXPERT_ANSWER, experts=escalation.team)
    escalation.answer_due_at = answer_due(work, ticket)


def _ask(work: Work, escalation: Escalation) -> None:
    """Each whose turn it is gets the card by direct message, or who stands in for them; at night in the morning."""
    if escalation.approving is None:
        return
    votes = {vote.place: vote for vote in votes_of(work.session, work.workspace, escalation.number, escalation.round)}
    for seat in turn(escalation.approving, seats(votes.values())):
        if seat.asked is None:
            ask = _whom(work, escalation, seat)
            votes[seat.place].asked, votes[seat.place].asked_at = ask.person, ask.at
            _card(work, escalation, ask.person, at=ask.at)


def _whom(work: Work, escalation: Escalation, seat: Seat) -> Ask:
    team = work.policy.team(escalation.team)
    deputy = work.policy.people.get(seat.person, Availability()).deputy
    leads = _other_leads(team, seat)
    here = presences(
        work.session,
        work.workspace,
        [one for one in (seat.person, deputy, *leads) if one],
        policy=work.policy,
        team=team.key,
        at=work.now,
    )
    return whom_to_ask(seat.person, here, deputy=deputy, leads=leads, now=work.now)


def _other_leads(team: Team, seat: Seat) -> list[str]:
    return [lead for lead in team.leads if lead != seat.person]


def _sitting(work: Work, escalation: Escalation) -> tuple[Seat, ...]:
    return seats(votes_of(work.session, work.workspace, escalation.number, escalation.round))


def _card(work: Work, escalation: Escalation, lane: str, *, at: datetime | None = None) -> None:
    subject = f"{escalation.number}.{escalation.round}"
    outbox.queue(work, Kind.APPROVAL, lane=lane, number=escalation.number, subject=subject, at=at)
