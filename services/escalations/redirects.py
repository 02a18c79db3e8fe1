"""An escalation takes another way: to other experts, or back to the one who asked."""

from rules.errors import DeskError, FieldError
from rules.escalations.escalations import EscalationState
from rules.model.timers import ClockKind
from rules.people.permissions import Deed, NotAllowed, allowed, roles
from rules.text import blank
from services.escalations.approvals import put_to_experts
from services.escalations.escalations import Decided, asked_of, give_back, waiting
from services.notifications.notifications import tell_askers, told
from services.notifications.recipients import hears
from services.permissions import is_expert_team
from services.sla import timers
from storage import events
from storage.escalations.escalations import decide, redirected_before, undecided
from storage.events import Happened
from storage.schema.tickets import Escalation
from storage.tickets.tickets import NoSuchTicket, get
from storage.transaction import Transaction


def redirect(tx: Transaction, number: int, round_: int, *, by: str, team: str, reason: str) -> None:
    """It is other experts' question: they are asked with the same evidence, and their time begins anew."""
    ticket, escalation = waiting(tx, number, round_, Deed.REDIRECT, by)
    _fits(tx, escalation, team)
    if blank(reason):
        raise FieldError("reason", "Say why it is theirs: they and first line read this.")
    said = reason.strip()
    if not decide(tx, escalation, to=EscalationState.REDIRECTED, by=by, comment=said, redirected_to=team):
        raise Decided(escalation)
    timers.meet(tx, ticket, ClockKind.EXPERT_ANSWER)
    following = asked_of(tx, ticket, by=escalation.asked_by, team=team, why=escalation.why, tried=escalation.tried)
    following.from_team, following.question = escalation.from_team, escalation.question
    tx.flush()
    put_to_experts(tx, ticket, following)
    names = tx.policy.team(escalation.team).name, tx.policy.team(team).name
    seq = events.record(tx, ticket, Happened.REDIRECTED, by=by, round=round_, was=escalation.team, to=team, text=said)
    told(tx, ticket, seq)
    asking, rest = hears(tx, ticket, escalation, but=by), f" on from {names[0]} to {names[1]}."
    tell_askers(tx, escalation, asking, by=by, did="sent", rest=rest, quote=said)


def take_back(tx: Transaction, number: int, *, by: str) -> None:
    """Whoever asked, or a colleague of theirs, needs no answer any more: the ticket is with them again."""
    ticket = get(tx, number)
    escalation = undecided(tx, number)
    if escalation is None:
        raise DeskError(f"#{number} waits for no experts any more.")
    if by != escalation.asked_by and not allowed(Deed.WITHDRAW, roles(tx.policy, by, teams=[escalation.from_team])):
        raise _refused(tx, escalation, by)
    if not decide(tx, escalation, to=EscalationState.WITHDRAWN, by=by):
        raise Decided(escalation)
    timers.cancel(tx, ticket, ClockKind.EXPERT_ANSWER, why="the question was withdrawn")
    give_back(tx, ticket, escalation)
    told(tx, ticket, events.record(tx, ticket, Happened.WITHDRAWN, by=by, round=escalation.round))
    rest = f": no answer is needed any more. It is with <@{ticket.assignee}>."
    tell_askers(tx, escalation, hears(tx, ticket, escalation, but=by), by=by, did="withdrew", rest=rest)


def _fits(tx: Transaction, escalation: Escalation, team: str) -> None:
    """Other experts, and none who have sent it away themselves: it would go in a circle."""
    if not is_expert_team(tx.policy, team):
        raise FieldError("team", f"`{team}` is not an expert team here. Choose one of the list.")
    name = tx.policy.team(team).name
    if team == escalation.team:
        raise FieldError("team", f"{name} is asked already. Choose other experts.")
    if team in redirected_before(tx, escalation):
        raise FieldError("team", f"{name} sent it to you: reject it with advice if it is not yours either.")


def _refused(tx: Transaction, escalation: Escalation, by: str) -> DeskError:
    anywhere = roles(tx.policy, by, teams=[escalation.from_team, escalation.team])
    if not allowed(Deed.SEE, anywhere):
        return NoSuchTicket(escalation.number)
    return NotAllowed(Deed.WITHDRAW, [tx.policy.team(escalation.from_team).name])
