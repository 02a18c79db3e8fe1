"""Who hears of something in place of those who are away: their deputies, else whoever else has to know."""

from collections.abc import Collection, Iterable

from rules.calendars.calendars import is_open
from rules.model.policy import Policy, Team
from rules.presence.presence import REACHABLE, Here, stand_in
from services.desk import Desk
from storage.presence.presence import absent, presences
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Transaction


async def found_by(desk: Desk, person: str) -> Desk:
    """The desk as this person finds it: who stands in for somebody who is away may meanwhile what they may."""
    named = [who for who, one in desk.policy.people.items() if one.deputy]
    if person not in {desk.policy.people[who].deputy for who in named}:
        return desk
    wanted = with_deputies(desk.policy, named)
    away = await desk.read(absent, wanted, policy=desk.policy, team="", at=desk.clock())
    stood_for = [who for who in named if who in away and stand_in(desk.policy, who, away) == person]
    return desk.with_policy(desk.policy.standing_in(person, stood_for)) if stood_for else desk


def called(policy: Policy, people: Iterable[str], away: Collection[str]) -> list[str]:
    """Each of them who is there, and the deputy of each who is not; nobody in place of who has none that is."""
    acting = (stand_in(policy, one, away) for one in people)
    return list(dict.fromkeys(one for one in acting if one))


def leads_called(tx: Transaction, team: Team, *, but: str = "", away: Collection[str] | None = None) -> list[str]:
    """The team's leads or their deputies, else the managers, else the leads who are away: somebody has to know.

    `away` is who is, where the caller has asked for that already.
    """
    leads = [one for one in team.leads if one != but]
    managers = sorted(tx.policy.managers - {but})
    gone = away_among(tx, [*leads, *managers]) if away is None else away
    found = called(tx.policy, leads, gone) or called(tx.policy, managers, gone) or managers or leads
    return [one for one in found if one != but] or managers


def away_among(tx: Transaction, people: Iterable[str]) -> frozenset[str]:
    """Those of them, and of everybody who might stand in for them, who are away."""
    wanted = with_deputies(tx.policy, people)
    return absent(tx, wanted, policy=tx.policy, team="", at=tx.now)


def anyone_here(tx: Transaction, people: Iterable[str], *, team: str) -> bool:
    """Whether one of them can be reached now; while the team is closed, whether one will be when its day begins."""
    found = presences(tx, people, policy=tx.policy, team=team, at=tx.now)
    here = {where.here for where in found.values()}
    closed = not is_open(tx.policy.calendar_of(team), tx.now)
    return bool(here & REACHABLE) or (closed and Here.OFF in here)


def hears(tx: Transaction, ticket: Ticket, escalation: Escalation, *, but: str = "") -> list[str]:
    """Who hears what becomes of a question: whoever has the ticket, or stands in for them, and who asked it.

    The asker does not while they are away and somebody else has it; `but` did it themselves.
    """
    holder, asker = ticket.assignee or escalation.asked_by, escalation.asked_by
    away = away_among(tx, [holder, asker])
    first = called(tx.policy, [holder], away) or leads_called(tx, tx.policy.team(escalation.from_team))
    also = [asker] if asker not in away else []
    return [one for one in dict.fromkeys([*first, *also]) if one != but]


def with_deputies(policy: Policy, people: Iterable[str]) -> list[str]:
    """They, and their deputies, and theirs."""
    found: dict[str, None] = {}
    waiting = list(people)
    while waiting:
        one = waiting.pop(0)
        deputy = policy.people[one].deputy if one in policy.people else ""
        if one not in found and deputy:
            waiting.append(deputy)
        found[one] = None
    return list(found)
