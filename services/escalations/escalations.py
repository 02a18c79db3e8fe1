"""First line asks the experts; an expert accepts, rejects or asks back."""

from collections.abc import Sequence

from rules.errors import DeskError, FieldError
from rules.escalations.approvals import Answer
from rules.escalations.escalations import ADVICE_WORDS, Advice, EscalationState
from rules.model.policy import Line, Policy
from rules.model.tickets import DONE, Status, move
from rules.model.timers import ClockKind
from rules.people.permissions import Deed
from rules.text import blank
from services.assignment.assignments import hold, let_go, route
from services.assignment.routing import by_desk
from services.escalations import improvement_items
from services.escalations.approvals import answer_due, decides, holder, in_turn, put_to_experts
from services.escalations.peer_review import look_first
from services.notifications.notifications import tell_askers, told
from services.notifications.recipients import hears, leads_called
from services.permissions import is_expert_team, require, require_expert
from services.sla import timers
from storage import events
from storage.escalations.approvals import is_asked
from storage.escalations.escalations import decide, get, next_round, undecided
from storage.events import Happened
from storage.outbox import outbox
from storage.schema.tickets import Escalation, Ticket
from storage.tickets.tickets import get as ticket_of
from storage.tickets.tickets import seen
from storage.transaction import Reader, Transaction

_DID = {
    EscalationState.ACCEPTED: "accepted it",
    EscalationState.REJECTED: "rejected it",
    EscalationState.WITHDRAWN: "withdrew it",
    EscalationState.REDIRECTED: "sent it to other experts",
    EscalationState.RETURNED: "returned it to who asked",
}


class Decided(DeskError):
    """Someone was first; the second reads who and what."""

    def __init__(self, escalation: Escalation) -> None:
        did = _DID.get(escalation.state, "ended it")
        who = f"<@{escalation.decided_by}>"
        super().__init__(f"The escalation of #{escalation.number} is decided: {who} already {did}.")


def escalate(tx: Transaction, number: int, *, by: str, team: str, why: str, tried: str) -> None:
    """First line asks an expert team, with the evidence: why, and what was tried."""
    ticket = ticket_of(tx, number)
    require(tx, Deed.ESCALATE, ticket, by)
    if not is_expert_team(tx.policy, team):
        raise FieldError("team", f"`{team}` is not an expert team here. Choose one of the list.")
    for field, text in (("why", why), ("tried", tried)):
        if blank(text):
            raise FieldError(field, "The experts need this to decide. Write a sentence.")
    escalatable(tx, tx.policy, ticket)
    if team == ticket.team:
        raise FieldError("team", f"{tx.policy.team(team).name} has it already. Choose other experts.")
    ticket.status = move(ticket.status, Status.ESCALATED)
    hold(tx, ticket, ticket.assignee or by)
    timers.follow(tx, ticket)
    escalation = asked_of(tx, ticket, by=by, team=team, why=why.strip(), tried=tried.strip())
    seq = events.record(tx, ticket, Happened.ESCALATED, by=by, to=team, why=escalation.why, tried=escalation.tried)
    if not look_first(tx, ticket, escalation):
        put_to_experts(tx, ticket, escalation)
    told(tx, ticket, seq)


def escalatable(reader: Reader, policy: Policy, ticket: Ticket) -> None:
    """One question at a time; who asks a second one reads who asked the first."""
    waiting = undecided(reader, ticket.number)
    if waiting:
        answer = f"{policy.team(waiting.team).name}'s answer"
        whose = "a colleague's look" if waiting.state is EscalationState.TO_CHECK else answer
        raise DeskError(f"#{ticket.number} is escalated already by <@{waiting.asked_by}>; it waits for {whose}.")
    if ticket.status in DONE:
        raise DeskError(f"#{ticket.number} is resolved; reopen it before you escalate it.")
    if not any(team.line is Line.EXPERT for team in policy.teams.values()):
        raise DeskError("There are no experts yet: whoever runs the desk adds a team with `line: expert` to desk.yml.")


def accept(tx: Transaction, number: int, round_: int, *, by: str) -> None:
    """The expert takes it over: theirs is the ticket now. Where others have to accept too, they are waited for."""
    ticket, escalation = waiting(tx, number, round_, Deed.ACCEPT, by)
    if not decides(tx, ticket, escalation, by=by, answer=Answer.ACCEPTED):
        return
    asking = hears(tx, ticket, escalation, but=by)
    settle(tx, escalation, to=EscalationState.ACCEPTED, by=by)
    who = holder(tx, escalation, by)
    _take_over(tx, ticket, escalation, who)
    waited = int((tx.now - escalation.asked_at).total_seconds())
    said = {"round": round_, "waited_s": waited, "why": escalation.why, "tried": escalation.tried}
    told(tx, ticket, events.record(tx, ticket, Happened.ACCEPTED, by=by, **said))
    if who is None and by_desk(tx.policy, ticket):
        route(tx, ticket)
    if who and who not in (by, *asking):
        outbox.notice(tx, who, number=number, words=f"All have accepted #{number}: it is with you now.")
    _tell_accepted(tx, ticket, escalation, asking, by=by)


def reject(tx: Transaction, number: int, round_: int, *, by: str, advice: Advice, comment: str) -> None:
    """The expert passes, with a coded reason and advice: the ticket returns to the one who asked."""
    ticket, escalation = waiting(tx, number, round_, Deed.REJECT, by)
    if blank(comment):
        raise FieldError("comment", "Say what first line should do next: they read this as your advice.")
    said = comment.strip()
    decides(tx, ticket, escalation, by=by, answer=Answer.REJECTED, advice=advice, comment=said)
    settle(tx, escalation, to=EscalationState.REJECTED, by=by, advice=advice, comment=said)
    give_back(tx, ticket, escalation)
    improvement_items.open_(tx, ticket, escalation, advice)
    told(tx, ticket, events.record(tx, ticket, Happened.REJECTED, by=by, round=round_, advice=str(advice), text=said))
    rest = f": {ADVICE_WORDS[advice]}. It is back with <@{ticket.assignee}>."
    asking = hears(tx, ticket, escalation, but=by)
    tell_askers(tx, escalation, asking, by=by, did="rejected", rest=rest, quote=said)


def ask_back(tx: Transaction, number: int, round_: int, *, by: str, question: str) -> None:
    """The expert needs to know more: the experts' clock pauses, the customer's runs on."""
    ticket, escalation = waiting(tx, number, round_, Deed.ASK_BACK, by)
    if blank(question):
        raise FieldError("question", "Write the question that first line should answer.")
    if escalation.state is EscalationState.ASKED_BACK:
        raise DeskError(f"#{number} waits for first line's answer to an earlier question already.")
    escalation.state, escalation.question = EscalationState.ASKED_BACK, question.strip()
    timers.pause(tx, ticket, ClockKind.EXPERT_ANSWER, why="the experts asked back")
    told(tx, ticket, events.record(tx, ticket, Happened.ASKED_BACK, by=by, round=round_, text=question.strip()))
    words = f"<@{by}> asks about #{number}. Answer in the ticket's thread or with *Note…*."
    for who in hears(tx, ticket, escalation, but=by):
        outbox.notice(tx, who, number=number, words=words, quote=question.strip())


def decidable(reader: Reader, policy: Policy, number: int, round_: int, *, deed: Deed, by: str) -> Escalation:
    """The escalation that this person may decide now; Decided when someone else has, and whose turn it is not reads
    whose it is before they have typed anything."""
    ticket, escalation = seen(reader, number), get(reader, number, round_)
    seated = escalation is not None and is_asked(reader, escalation, by)
    require_expert(policy, deed, ticket, by, asked=escalation, seated=seated)
    if escalation is None:
        raise DeskError(f"#{number} has no such escalation.")
    if escalation.decided_at is not None:
        raise Decided(escalation)
    if escalation.state is EscalationState.TO_CHECK:
        raise DeskError(f"#{number} is not with the experts yet: a colleague of who asks looks at it first.")
    in_turn(reader, escalation, by)
    return escalation


def answered(tx: Transaction, ticket: Ticket, *, by: str, seq: int) -> None:
    """First line answered the experts' question: their clock runs on, and their card shows the answer."""
    escalation = undecided(tx, ticket.number)
    if escalation is None or escalation.state is not EscalationState.ASKED_BACK:
        return
    theirs = by in tx.policy.team(escalation.team).people
    if theirs or is_asked(tx, escalation, by):
        return
    escalation.state = EscalationState.PENDING
    timers.resume(tx, ticket, ClockKind.EXPERT_ANSWER)
    escalation.answer_due_at = answer_due(tx, ticket)
    told(tx, ticket, events.record(tx, ticket, Happened.ANSWERED, by=by, round=escalation.round, note=seq))


def withdraw(tx: Transaction, ticket: Ticket, *, by: str) -> int | None:
    """The ticket is done before the experts answered: the round that ended undecided, None when there was none."""
    escalation = undecided(tx, ticket.number)
    if escalation is None or not decide(tx, escalation, to=EscalationState.WITHDRAWN, by=by):
        return None
    timers.cancel(tx, ticket, ClockKind.EXPERT_ANSWER, why="the ticket was resolved")
    return escalation.round


def asked_of(tx: Transaction, ticket: Ticket, *, by: str, team: str, why: str, tried: str) -> Escalation:
    """A new round of asking; when it is answered by is known once it is put to the experts."""
    escalation = Escalation(
        workspace_id=tx.workspace,
        number=ticket.number,
        round=next_round(tx, ticket.number),
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


def waiting(tx: Transaction, number: int, round_: int, deed: Deed, by: str) -> tuple[Ticket, Escalation]:
    """The ticket, locked, and its escalation that this person may decide now."""
    ticket = ticket_of(tx, number)
    return ticket, decidable(tx, tx.policy, number, round_, deed=deed, by=by)


def settle(
    tx: Transaction,
    escalation: Escalation,
    *,
    to: EscalationState,
    by: str,
    advice: Advice | None = None,
    comment: str | None = None,
) -> None:
    """The one decision; Decided when somebody else's came first."""
    if not decide(tx, escalation, to=to, by=by, advice=advice, comment=comment):
        raise Decided(escalation)
    timers.meet(tx, ticket_of(tx, escalation.number), ClockKind.EXPERT_ANSWER)


def give_back(tx: Transaction, ticket: Ticket, escalation: Escalation) -> None:
    """The ticket is again with whoever had it when the experts were asked."""
    ticket.status = move(ticket.status, Status.IN_PROGRESS)
    ticket.team = escalation.from_team
    hold(tx, ticket, ticket.assignee or escalation.asked_by)
    timers.follow(tx, ticket)


def _take_over(tx: Transaction, ticket: Ticket, escalation: Escalation, who: str | None) -> None:
    """The ticket is the expert team's, with this person, or new to them with nobody."""
    ticket.team = escalation.team
    ticket.status = move(ticket.status, Status.IN_PROGRESS if who else Status.NEW)
    if who:
        hold(tx, ticket, who)
    else:
        let_go(ticket)
    timers.follow(tx, ticket)


def _tell_accepted(tx: Transaction, ticket: Ticket, escalation: Escalation, asking: Sequence[str], *, by: str) -> None:
    """Who asked reads with whom it is now; where it is with nobody, the lead reads that somebody has to get it."""
    number, team = ticket.number, tx.policy.team(escalation.team)
    now = f"it is with <@{ticket.assignee}> now" if ticket.assignee else f"{team.name} has it, and nobody of them yet"
    tell_askers(tx, escalation, asking, by=by, did="accepted", rest=f": {now}.")
    leads = leads_called(tx, team) if ticket.assignee is None else []
    for lead in leads if by not in leads else ():
        words = f"<@{by}> accepted #{number} for {team.name}; nobody has it yet: press *Assign…* on its card."
        outbox.notice(tx, lead, number=number, words=words)
