"""Whom the desk would give a ticket to; what it does with the answer stands in desk/assignments.py."""

from collections.abc import Sequence
from datetime import date

from desk.deputies import leads_called
from rules.errors import FieldError
from rules.policy import Assigning, Policy, Team
from rules.presence import HERE_WORDS, REACHABLE, Here, Presence
from rules.routing import Choice, best, mode
from rules.zones import zone
from storage import outbox
from storage.competence import competences
from storage.presence import presences
from storage.routing import candidates, keep_turn, turns_of
from storage.tables import Ticket
from storage.work import Work


def by_desk(policy: Policy, ticket: Ticket) -> bool:
    """Whether the desk itself gives this ticket to somebody."""
    return mode(policy, ticket.type, ticket.team) is not Assigning.BY_HAND


def choose(work: Work, ticket: Ticket) -> Choice:
    """Who gets it, whose turn is then over; without a person the ticket waits, and its lead hears once if in vain."""
    team = work.policy.team(ticket.team)
    turns = turns_of(work, ticket.team)
    found = candidates(
        work.session, work.workspace, ticket, workers(team), policy=work.policy, at=work.now, turns=turns
    )
    choice = best(found, mode(work.policy, ticket.type, ticket.team), what=work.policy.type(ticket.type).name)
    if choice.person is not None:
        keep_turn(work, ticket.team, choice.person)
    elif choice.hopeless:
        tell_leads(work, ticket, choice.reason)
    return choice


def workers(team: Team) -> Sequence[str]:
    """Whom the desk gives work to: agents and experts. Leads give; they get only where there is nobody else."""
    return tuple(dict.fromkeys((*team.agents, *team.experts))) or team.leads


def tell_leads(work: Work, ticket: Ticket, reason: str) -> None:
    """Whoever leads and is here reads once that nobody is left for it; again when it was reopened."""
    words = f"#{ticket.number} needs somebody from your hand: {reason} Press *Assign…* on its card."
    for lead in leads_called(work, work.policy.team(ticket.team)):
        once = f"unrouted:{ticket.number}:{ticket.reopened}:{lead}"
        outbox.notice(work, lead, number=ticket.number, words=words, once=once)


def needs_no_reason(work: Work, ticket: Ticket, who: str) -> None:
    """FieldError when the person is not competent or not here: whoever gives it to them all the same says why."""
    day = _day(work, ticket.team)
    known = competences(work.session, work.workspace, [who], policy=work.policy, day=day)
    if not known.fits(who, ticket.type):
        kind = work.policy.type(ticket.type)
        words = f"{kind.name} needs somebody who {_LEAST[str(kind.needs)]}. Say why it goes to them all the same."
        raise FieldError("reason", words)
    here = presences(work.session, work.workspace, [who], policy=work.policy, team=ticket.team, at=work.now)[who]
    if here.here not in REACHABLE:
        raise FieldError(
            "reason", f"They are {_absent(here)}. Say why it goes to them all the same: the story keeps it."
        )


_LEAST = {"learning": "at least learns it", "can": "can do it", "expert": "is an expert"}


def _absent(found: Presence) -> str:
    back = f" until {found.until:%Y-%m-%d}" if found.until and found.here is Here.AWAY else ""
    return f"{HERE_WORDS[found.here]}{back}"


def _day(work: Work, team: str) -> date:
    return work.now.astimezone(zone(work.policy.calendar_of(team).timezone)).date()
