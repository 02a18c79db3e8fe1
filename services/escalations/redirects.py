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
from storage.transaction import Work


def redirect(work: Work, number: int, round_: int, *, by: str, team: str, reason: str) -> None:
    """It is other experts' question: they are asked with the same evidence, and their time begins anew."""
    ticket, escalation = waiting(work, number, round_, Deed.REDIRECT, by)
    _fits(work, escalation, team)
    if blank(reason):
        raise FieldError("reason", "Say why it is theirs: they and first line read this.")
    said = reason.strip()
    if not decide(work, escalation, to=EscalationState.REDIRECTED, by=by, comment=said, redirected_to=team):
        raise Decided(escalation)
    timers.meet(work, ticket, ClockKind.EXPERT_ANSWER)
    following = asked_of(work, ticket, by=escalation.asked_by, team=team, why=escalation.why, tried=escalation.tried)
    following.from_team, following.question = escalation.from_team, escalation.question
    work.flush()
    put_to_experts(work, ticket, following)
    names = work.policy.team(escalation.team).name, work.policy.team(team).name
    seq = events.record(work, ticket, Happened.REDIRECTED, by=by, round=round_, was=escalation.team, to=team, text=said)
    told(work, ticket, seq)
    asking, rest = hears(work, ticket, escalation, but=by), f" on from {names[0]} to {names[1]}."
    tell_askers(work, escalation, asking, by=by, did="sent", rest=rest, quote=said)


def take_back(work: Work, number: int, *, by: str) -> None:
    """Whoever asked, or a colleague of theirs, needs no answer any more: the ticket is with them again."""
    ticket = get(work, number)
    escalation = undecided(work.session, work.workspace, number)
    if escalation is None:
        raise DeskError(f"#{number} waits for no experts any more.")
    if by != escalation.asked_by and not allowed(Deed.WITHDRAW, roles(work.policy, by, teams=[escalation.from_team])):
        raise _refused(work, escalation, by)
    if not decide(work, escalation, to=EscalationState.WITHDRAWN, by=by):
        raise Decided(escalation)
    timers.cancel(work, ticket, ClockKind.EXPERT_ANSWER, why="the question was withdrawn")
    give_back(work, ticket, escalation)
    told(work, ticket, events.record(work, ticket, Happened.WITHDRAWN, by=by, round=escalation.round))
    rest = f": no answer is needed any more. It is with <@{ticket.assignee}>."
    tell_askers(work, escalation, hears(work, ticket, escalation, but=by), by=by, did="withdrew", rest=rest)


def _fits(work: Work, escalation: Escalation, team: str) -> None:
    """Other experts, and none who have sent it away themselves: it would go in a circle."""
    if not is_expert_team(work.policy, team):
        raise FieldError("team", f"`{team}` is not an expert team here. Choose one of the list.")
    name = work.policy.team(team).name
    if team == escalation.team:
        raise FieldError("team", f"{name} is asked already. Choose other experts.")
    if team in redirected_before(work.session, work.workspace, escalation):
        raise FieldError("team", f"{name} sent it to you: reject it with advice if it is not yours either.")


def _refused(work: Work, escalation: Escalation, by: str) -> DeskError:
    anywhere = roles(work.policy, by, teams=[escalation.from_team, escalation.team])
    if not allowed(Deed.SEE, anywhere):
        return NoSuchTicket(escalation.number)
    return NotAllowed(Deed.WITHDRAW, [work.policy.team(escalation.from_team).name])
