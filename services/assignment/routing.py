"""Whom the desk would give a ticket to (assignments.py does it), and who passes over the one put before them."""

from collections.abc import Collection, Sequence
from datetime import date

from rules.assignment.routing import Choice, best, mode
from rules.calendars.timezones import zone
from rules.errors import FieldError
from rules.model.policy import Assigning, Policy, Team
from rules.people.permissions import Deed
from rules.presence.leave import where_words
from rules.presence.presence import REACHABLE, Here, Presence
from services.notifications.recipients import leads_called
from services.permissions import require
from storage import events
from storage.assignment.routing import Pool, candidates, keep_turn, pool_of, turns_of
from storage.events import Happened
from storage.outbox import outbox
from storage.people.people import names
from storage.presence.presence import presences
from storage.schema.tickets import Ticket
from storage.skills import competences
from storage.tickets.tickets import get
from storage.transaction import Transaction


def by_desk(policy: Policy, ticket: Ticket) -> bool:
    """Whether the desk itself gives this ticket to somebody."""
    return mode(policy, ticket.type, ticket.team) is not Assigning.BY_HAND


def choose(tx: Transaction, ticket: Ticket, pools: dict[str, Pool]) -> Choice:
    """Who gets it, whose turn is then over; without a person the ticket waits, and its lead hears once if in vain.

    `pools` is what was found out of each team; it holds until somebody of it is given something.
    """
    pool = pools[ticket.team] if ticket.team in pools else pools.setdefault(ticket.team, _pool(tx, ticket.team))
    found = candidates(tx, ticket, pool, policy=tx.policy)
    choice = best(found, mode(tx.policy, ticket.type, ticket.team), what=tx.policy.type(ticket.type).name)
    if choice.person is not None:
        keep_turn(tx, ticket, choice.person)
        del pools[ticket.team]
    elif choice.hopeless:
        tell_leads(tx, ticket, choice.reason)
    return choice


def _pool(tx: Transaction, team: str) -> Pool:
    turns, people = turns_of(tx, team), workers(tx.policy.team(team))
    return pool_of(tx, team, people, policy=tx.policy, at=tx.now, turns=turns)


def workers(team: Team) -> Sequence[str]:
    """Whom the desk gives work to: agents and experts. Leads give; they get only where there is nobody else."""
    return tuple(dict.fromkeys((*team.agents, *team.experts))) or team.leads


def tell_leads(tx: Transaction, ticket: Ticket, reason: str) -> None:
    """The leads, or who stands in for them, read once that nobody is left for it; again when it was reopened."""
    words = f"#{ticket.number} needs somebody from your hand: {reason} Press *Assign…* on its card."
    for lead in leads_called(tx, tx.policy.team(ticket.team)):
        once = f"unrouted:{ticket.number}:{ticket.reopened}:{lead}"
        outbox.notice(tx, lead, number=ticket.number, words=words, once=once)


def needs_no_reason(tx: Transaction, ticket: Ticket, who: str) -> None:
    """FieldError when the person is not competent or not here: whoever gives it to them all the same says why."""
    if hindrance := _hindrance(tx, ticket, who):
        raise FieldError("reason", f"{hindrance}. Say why it goes to them all the same: the story keeps it.")


def may_be_filed_for(tx: Transaction, ticket: Ticket, who: str) -> None:
    """The same for a new ticket, where there is no place for a reason; who is off work begins when they come."""
    if hindrance := _hindrance(tx, ticket, who, enough=REACHABLE | {Here.OFF}):
        later = "choose somebody else, or file it and use *Assign…* with a reason"
        raise FieldError("assignee", f"{hindrance}: {later}.")


def _hindrance(tx: Transaction, ticket: Ticket, who: str, *, enough: Collection[Here] = REACHABLE) -> str:
    """Why the person should not just be given it, as a sentence without its end; empty where nothing speaks against."""
    day = _day(tx, ticket.team)
    known = competences(tx, [who], policy=tx.policy, day=day)
    if not known.fits(who, ticket.type):
        kind = tx.policy.type(ticket.type)
        return f"{kind.name} needs somebody who {_LEAST[str(kind.needs)]}"
    here = stands(tx, ticket, who)
    if here.here in enough:
        return ""
    place = tx.policy.calendar_for(who, ticket.team).timezone
    return f"{names(tx, [who])[who]} is {where_words(here, tx.now, place)}"


def stands(tx: Transaction, ticket: Ticket, who: str) -> Presence:
    """Where the person is now, by the hours of the ticket's team where they are in none."""
    return presences(tx, [who], policy=tx.policy, team=ticket.team, at=tx.now)[who]


_LEAST = {"learning": "at least learns it", "can": "can do it", "expert": "is an expert"}


def _day(tx: Transaction, team: str) -> date:
    return tx.now.astimezone(zone(tx.policy.calendar_of(team).timezone)).date()


def skip(tx: Transaction, number: int, *, by: str) -> None:
    """It is kept that they skipped it, and for a while they are shown others; one that somebody has needs no skip."""
    ticket = get(tx, number)
    require(tx, Deed.NEXT, ticket, by)
    if ticket.assignee is None:
        events.record(tx, ticket, Happened.SKIPPED, by=by)
