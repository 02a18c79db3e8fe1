"""Who hears of something in place of those who are away: their deputies, else whoever else has to know."""

from collections.abc import Collection, Iterable

from rules.calendars.calendars import is_open
from rules.model.policy import Policy, Team
from rules.presence.presence import REACHABLE_STATUSES, PresenceStatus, find_stand_in
from services.desk import Desk
from storage.presence.presence import absent_people, presence_by_person
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Transaction


async def desk_for_person(desk: Desk, person: str) -> Desk:
    """The desk as this person finds it: who stands in for somebody who is away may meanwhile what they may."""
    named = [who for who, one in desk.policy.people.items() if one.deputy]
    if person not in {desk.policy.people[who].deputy for who in named}:
        return desk
    wanted = with_deputies(desk.policy, named)
    away = await desk.read(absent_people, wanted, policy=desk.policy, team="", at=desk.clock())
    stood_for = [who for who in named if who in away and find_stand_in(desk.policy, who, away) == person]
    return desk.with_policy(desk.policy.with_stand_in(person, stood_for)) if stood_for else desk


def present_or_deputies(policy: Policy, people: Iterable[str], away: Collection[str]) -> list[str]:
    """Each of them who is there, and the deputy of each who is not; nobody in place of who has none that is."""
    acting = (find_stand_in(policy, one, away) for one in people)
    return list(dict.fromkeys(one for one in acting if one))


def leads_to_notify(
    tx: Transaction, team: Team, *, excluding: str = "", away: Collection[str] | None = None
) -> list[str]:
    """The team's leads or their deputies, else the managers, else the leads who are away: somebody has to know.

    `away` is who is, where the caller has asked for that already.
    """
    leads = [one for one in team.leads if one != excluding]
    managers = sorted(tx.policy.managers - {excluding})
    gone = absent_among(tx, [*leads, *managers]) if away is None else away
    found = (
        present_or_deputies(tx.policy, leads, gone)
        or present_or_deputies(tx.policy, managers, gone)
        or managers
        or leads
    )
    return [one for one in found if one != excluding] or managers


def absent_among(tx: Transaction, people: Iterable[str]) -> frozenset[str]:
    """Those of them, and of everybody who might stand in for them, who are away."""
    wanted = with_deputies(tx.policy, people)
    return absent_people(tx, wanted, policy=tx.policy, team="", at=tx.now)


def is_anyone_here(tx: Transaction, people: Iterable[str], *, team: str) -> bool:
    """Whether one of them can be reached now; while the team is closed, whether one will be when its day begins."""
    found = presence_by_person(tx, people, policy=tx.policy, team=team, at=tx.now)
    here = {where.status for where in found.values()}
    closed = not is_open(tx.policy.team_calendar(team), tx.now)
    return bool(here & REACHABLE_STATUSES) or (closed and PresenceStatus.OFF in here)


def escalation_recipients(tx: Transaction, ticket: Ticket, escalation: Escalation, *, excluding: str = "") -> list[str]:
    """Who hears what becomes of a question: whoever has the ticket, or stands in for them, and who asked it.

    The asker does not while they are away and somebody else has it; `but` did it themselves.
    """
    holder, asker = ticket.assignee or escalation.asked_by, escalation.asked_by
    away = absent_among(tx, [holder, asker])
    first = present_or_deputies(tx.policy, [holder], away) or leads_to_notify(tx, tx.policy.team(escalation.from_team))
    also = [asker] if asker not in away else []
    return [one for one in dict.fromkeys([*first, *also]) if one != excluding]


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
