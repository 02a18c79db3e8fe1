"""Recipients: deputies of absent people, leads, and who else has to know."""

from collections.abc import Collection, Iterable

from rules.calendars.calendars import is_open
from rules.model.policy import Policy, Team
from rules.presence.presence import REACHABLE_STATUSES, PresenceStatus, find_stand_in
from services.desk import Desk
from storage.presence.presence import absent_people, presence_by_person
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Transaction


async def desk_for_person(desk: Desk, person: str) -> Desk:
    """The desk for this person's requests: a deputy of an absent person may do what that person may."""
    with_deputy = [colleague for colleague, profile in desk.policy.people.items() if profile.deputy]
    if person not in {desk.policy.people[colleague].deputy for colleague in with_deputy}:
        return desk
    considered = with_deputies(desk.policy, with_deputy)
    away = await desk.read(absent_people, considered, policy=desk.policy, team="", at=desk.clock())
    deputy_for = [
        colleague
        for colleague in with_deputy
        if colleague in away and find_stand_in(desk.policy, colleague, away) == person
    ]
    return desk.with_policy(desk.policy.with_stand_in(person, deputy_for)) if deputy_for else desk


def present_or_deputies(policy: Policy, people: Iterable[str], away: Collection[str]) -> list[str]:
    """Each person who is present, and the deputy of each who is not, if that one is present."""
    representatives = (find_stand_in(policy, person, away) for person in people)
    return list(dict.fromkeys(person for person in representatives if person))


def leads_to_notify(
    tx: Transaction, team: Team, *, excluding: str = "", away: Collection[str] | None = None
) -> list[str]:
    """The team's leads or their deputies, else the managers, else the absent leads.

    `away` are the absent people, where the caller has read them already.
    """
    leads = [person for person in team.leads if person != excluding]
    managers = sorted(tx.policy.managers - {excluding})
    absent = absent_among(tx, [*leads, *managers]) if away is None else away
    recipients = (
        present_or_deputies(tx.policy, leads, absent)
        or present_or_deputies(tx.policy, managers, absent)
        or managers
        or leads
    )
    return [person for person in recipients if person != excluding] or managers


def absent_among(tx: Transaction, people: Iterable[str]) -> frozenset[str]:
    """The absent among these people and all their possible deputies."""
    considered = with_deputies(tx.policy, people)
    return absent_people(tx, considered, policy=tx.policy, team="", at=tx.now)


def is_anyone_here(tx: Transaction, people: Iterable[str], *, team: str) -> bool:
    """Whether one of them is at work now or, while the team is closed, will be when it opens."""
    presences = presence_by_person(tx, people, policy=tx.policy, team=team, at=tx.now)
    statuses = {presence.status for presence in presences.values()}
    is_closed = not is_open(tx.policy.team_calendar(team), tx.now)
    return bool(statuses & REACHABLE_STATUSES) or (is_closed and PresenceStatus.OFF in statuses)


def escalation_recipients(tx: Transaction, ticket: Ticket, escalation: Escalation, *, excluding: str = "") -> list[str]:
    """Recipients of news about an escalation: the ticket's assignee or their deputy, and the asker.

    An absent asker is left out when another person is assigned; so is `excluding`, who did it.
    """
    assignee, asker = ticket.assignee or escalation.asked_by, escalation.asked_by
    away = absent_among(tx, [assignee, asker])
    representatives = present_or_deputies(tx.policy, [assignee], away) or leads_to_notify(
        tx, tx.policy.team(escalation.from_team)
    )
    absent_asker = [asker] if asker not in away else []
    return [person for person in dict.fromkeys([*representatives, *absent_asker]) if person != excluding]


def with_deputies(policy: Policy, people: Iterable[str]) -> list[str]:
    considered: dict[str, None] = {}
    queue = list(people)
    while queue:
        person = queue.pop(0)
        deputy = policy.people[person].deputy if person in policy.people else ""
        if person not in considered and deputy:
            queue.append(deputy)
        considered[person] = None
    return list(considered)
