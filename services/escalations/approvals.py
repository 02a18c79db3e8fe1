"""Those whose yes an escalation needs are asked: who is here, in their order, each with their time; never nobody."""

from collections.abc import Collection, Sequence
from datetime import datetime

from rules.escalations.approvals import (
    AlreadySaid,
    Answer,
    Ask,
    Seat,
    answered,
    outcome,
    passed_over,
    turn,
    whom_to_ask,
)
from rules.escalations.approvals import seats as seats_for
from rules.escalations.escalations import Advice, EscalationState
from rules.model.approval import VOTING, Approving
from rules.model.people import Availability
from rules.model.timers import ClockKind
from services.notifications.notifications import told
from services.notifications.recipients import anyone_here, away_among, hears
from services.sla import timers
from storage import events
from storage.escalations.approvals import asked_now, asked_of_all, overdue, say, seats, sit, votes_of
from storage.escalations.escalations import undecided
from storage.events import Happened
from storage.outbox import outbox
from storage.outbox.outbox import Kind
from storage.presence.presence import presences
from storage.schema.tickets import Escalation, Ticket
from storage.sla.timers import of as promises_of
from storage.tickets.tickets import get
from storage.transaction import Reader, Transaction

AT_ONCE = 50


def put_to_experts(tx: Transaction, ticket: Ticket, escalation: Escalation) -> None:
    """The experts' time begins; their channel has the card, and so has everybody whose yes is needed now.

    Where the first of them decides and none of them is here, somebody is asked by name.
    """
    _begin_time(tx, ticket, escalation)
    approval, team = tx.policy.approval_of(ticket.type, escalation.team), tx.policy.team(escalation.team)
    sitting = seats_for(approval, experts=team.experts, leads=team.leads)
    if sitting:
        alone = Approving.IN_ORDER if approval.lead_decides else approval.approving
        escalation.approving = alone
        sit(tx, escalation, sitting)
    if team.channel:
        _card(tx, escalation, team.channel)
    _ask(tx, escalation)
    if not sitting and not anyone_here(tx, team.experts, team=team.key):
        _ask_by_name(tx, ticket, escalation, why=f"None of {team.name}'s experts is here")


def decides(
    tx: Transaction,
    ticket: Ticket,
    escalation: Escalation,
    *,
    by: str,
    answer: Answer,
    advice: Advice | None = None,
    comment: str | None = None,
) -> bool:
    """Whether this answer decides it; where others are still to answer it is kept, told, and the next are asked."""
    if escalation.approving not in VOTING:
        return True
    before = _sitting(tx, escalation)
    after = answered(escalation.approving, before, by=by, answer=answer)
    places = [seat.place for seat, was in zip(after, before, strict=True) if seat != was]
    if not say(tx, escalation, places, answer=answer, by=by, advice=advice, comment=comment):
        raise AlreadySaid(turn(escalation.approving, _sitting(tx, escalation)))
    if outcome(after) is not None:
        return True
    _go_on(tx, ticket, escalation, after)
    standing_for = [seat.person for seat in after if seat.place in places and seat.person != by]
    said = {"round": escalation.round, "left": len([one for one in after if one.answer is None])}
    seq = events.record(tx, ticket, Happened.VOTED, by=by, standing_for=standing_for, **said)
    told(tx, ticket, seq)
    return False


def in_turn(reader: Reader, escalation: Escalation, by: str) -> None:
    """Refused where others are to decide now: they read who."""
    if escalation.approving in VOTING:
        sitting = seats(votes_of(reader, escalation.number, escalation.round))
        answered(escalation.approving, sitting, by=by, answer=Answer.ACCEPTED)


def holder(tx: Transaction, escalation: Escalation, by: str) -> str | None:
    """Who has the ticket now that it is accepted: of the experts' own places the one who accepted last.

    Where the first decides it is the first, a lead too. None where only leads or those who stand in have accepted: they
    decide, and somebody of the team does the work.
    """
    team = tx.policy.team(escalation.team)
    if escalation.approving not in VOTING:
        return by if by in team.people else None
    votes = votes_of(tx, escalation.number, escalation.round)
    own = [one for one in votes if one.answer is Answer.ACCEPTED and {one.person, one.answered_by} <= {*team.experts}]
    return max(own, key=lambda one: (one.answered_by == by, one.answered_at)).answered_by if own else None


def pass_on(tx: Transaction) -> int:
    """Who let their time run out is passed over: the next in order is asked, in the end the lead; how many were.

    Where the first of the experts decides, the lead is asked by name beside them, and their time is over all the same.
    """
    late = overdue(tx, limit=AT_ONCE)
    return sum(_pass_on(tx, number) for number in late)


def ask_anew(tx: Transaction) -> int:
    """In place of those who were asked and have gone away since, others are asked, each with all of their time; of how
    many tickets. Where the first decides, somebody is asked by name once none of the experts is here."""
    waiting = asked_now(tx)
    away = away_among(tx, {person for _, person in waiting})
    replaced = sum(_replace(tx, number, away) for number in dict.fromkeys(n for n, person in waiting if person in away))
    first = asked_of_all(tx)
    deserted = {team for team in {team for _, team in first} if not _is_attended(tx, team)}
    return replaced + sum(_desert(tx, number) for number, team in first if team in deserted)


def answer_due(tx: Transaction, ticket: Ticket) -> datetime:
    """By when the experts are to answer, now that they were asked."""
    return promises_of(tx, ticket.number)[ClockKind.EXPERT_ANSWER].due_at


def _pass_on(tx: Transaction, number: int) -> bool:
    ticket = get(tx, number)
    escalation = undecided(tx, number)
    if escalation is None or escalation.state is not EscalationState.PENDING or answer_due(tx, ticket) >= tx.now:
        return False
    if escalation.approving is None:
        name = tx.policy.team(escalation.team).name
        return _ask_by_name(tx, ticket, escalation, why=f"{name}'s experts have not answered in time", late=True)
    before = _sitting(tx, escalation)
    after = passed_over(escalation.approving, before, leads=_after_them(tx, escalation))
    if after == before:
        return False
    sit(tx, escalation, after[len(before) :])
    late = [seat for seat, was in zip(after, before, strict=False) if seat != was]
    say(tx, escalation, [seat.place for seat in late], answer=Answer.PASSED_OVER, by=events.DESK)
    _go_on(tx, ticket, escalation, after)
    who = [seat.asked or seat.person for seat in late]
    told(tx, ticket, events.record(tx, ticket, Happened.PASSED_OVER, by=events.DESK, late=who))
    return True


def _replace(tx: Transaction, number: int, away: Collection[str]) -> bool:
    """Those of the ticket's approvers who are away are not waited for where somebody else can be asked."""
    ticket = get(tx, number)
    escalation = undecided(tx, number)
    if escalation is None or escalation.state is not EscalationState.PENDING or escalation.approving is None:
        return False
    votes = votes_of(tx, number, escalation.round)
    gone = [vote for vote in votes if vote.answer is None and vote.asked in away]
    leaving = [vote for vote in gone if _whom(tx, escalation, vote.person).person != vote.asked]
    if not leaving:
        return False
    were = [vote.asked for vote in leaving]
    for vote in leaving:
        vote.asked = None
    tx.flush()
    _go_on(tx, ticket, escalation, _sitting(tx, escalation))
    told(tx, ticket, events.record(tx, ticket, Happened.PASSED_OVER, by=events.DESK, away=were))
    return True


def _desert(tx: Transaction, number: int) -> bool:
    """The experts of whom the first would decide have gone away: somebody is asked by name."""
    ticket = get(tx, number)
    escalation = undecided(tx, number)
    if escalation is None or escalation.state is not EscalationState.PENDING or escalation.approving is not None:
        return False
    name = tx.policy.team(escalation.team).name
    return _ask_by_name(tx, ticket, escalation, why=f"None of {name}'s experts is here any more")


def _ask_by_name(tx: Transaction, ticket: Ticket, escalation: Escalation, *, why: str, late: bool = False) -> bool:
    """The lead, or who is here in their place, is asked beside the experts; who waits for the answer reads whom.

    It is done once. False where there is nobody to ask: no lead and no manager.
    """
    escalation.approving = Approving.ANY
    meant = next(iter(tx.policy.team(escalation.team).leads or sorted(tx.policy.managers)), None)
    if meant is None:
        return False
    sit(tx, escalation, [Seat(1, meant)])
    _ask(tx, escalation)
    (vote,) = votes_of(tx, escalation.number, escalation.round)
    if late:
        told(tx, ticket, events.record(tx, ticket, Happened.PASSED_OVER, by=events.DESK, asked=vote.asked))
    later = " as soon as they are here" if vote.asked_at and vote.asked_at > tx.now else ""
    for who in hears(tx, ticket, escalation, but=vote.asked or ""):
        words = f"{why}: <@{vote.asked}> is asked about #{ticket.number} by name{later}."
        outbox.notice(tx, who, number=ticket.number, words=words)
    return True


def _is_attended(tx: Transaction, team: str) -> bool:
    return anyone_here(tx, tx.policy.team(team).experts, team=team)


def _after_them(tx: Transaction, escalation: Escalation) -> list[str]:
    """Who is asked in the end: a lead, or a manager who is here where all leads are away."""
    leads, managers = tx.policy.team(escalation.team).leads, sorted(tx.policy.managers)
    away = away_among(tx, [*leads, *managers])
    return [*leads, *(() if set(leads) - away else [one for one in managers if one not in away])]


def _go_on(tx: Transaction, ticket: Ticket, escalation: Escalation, sitting: Sequence[Seat]) -> None:
    """Those whose turn it is now are asked; whoever was not asked before has all of their time."""
    escalation.state = EscalationState.PENDING
    approving = escalation.approving or Approving.ANY
    if approving in VOTING and any(seat.asked is None for seat in turn(approving, sitting)):
        timers.meet(tx, ticket, ClockKind.EXPERT_ANSWER)
        _begin_time(tx, ticket, escalation)
    else:
        timers.resume(tx, ticket, ClockKind.EXPERT_ANSWER)
        escalation.answer_due_at = answer_due(tx, ticket)
    _ask(tx, escalation)


def _begin_time(tx: Transaction, ticket: Ticket, escalation: Escalation) -> None:
    timers.begin(tx, ticket, ClockKind.EXPERT_ANSWER, experts=escalation.team)
    escalation.answer_due_at = answer_due(tx, ticket)


def _ask(tx: Transaction, escalation: Escalation) -> None:
    """Each whose turn it is gets the card by direct message, or who stands in for them; at night in the morning."""
    if escalation.approving is None:
        return
    votes = {vote.place: vote for vote in votes_of(tx, escalation.number, escalation.round)}
    for seat in turn(escalation.approving, seats(votes.values())):
        if seat.asked is None:
            ask = _whom(tx, escalation, seat.person)
            votes[seat.place].asked, votes[seat.place].asked_at = ask.person, ask.at
            _card(tx, escalation, ask.person, at=ask.at)


def _whom(tx: Transaction, escalation: Escalation, person: str) -> Ask:
    team, managers = tx.policy.team(escalation.team), sorted(tx.policy.managers)
    deputy = tx.policy.people.get(person, Availability()).deputy
    here = presences(
        tx,
        [one for one in (person, deputy, *team.leads, *managers) if one],
        policy=tx.policy,
        team=team.key,
        at=tx.now,
    )
    return whom_to_ask(person, here, deputy=deputy, leads=team.leads, managers=managers, now=tx.now)


def _sitting(tx: Transaction, escalation: Escalation) -> tuple[Seat, ...]:
    return seats(votes_of(tx, escalation.number, escalation.round))


def _card(tx: Transaction, escalation: Escalation, lane: str, *, at: datetime | None = None) -> None:
    subject = f"{escalation.number}.{escalation.round}"
    outbox.queue(tx, Kind.APPROVAL, lane=lane, number=escalation.number, subject=subject, at=at)
