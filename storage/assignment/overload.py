"""Who of a team has more than a day holds, and who could take which of it."""

from collections.abc import Mapping
from datetime import datetime

from rules.assignment.routing import room
from rules.calendars.calendars import day_bounds
from rules.calendars.timezones import zone
from rules.model.people import Availability
from rules.model.policy import Policy
from rules.presence.presence import Presence
from rules.skills import Competences
from rules.workload.workload import Load, Overload, overload, overloaded
from storage.presence.presence import presences
from storage.skills import competences
from storage.transaction import Reader
from storage.workload import loads


def overloads(reader: Reader, team: str, *, policy: Policy, at: datetime) -> list[Overload]:
    """Everyone of the team whose day is too full, the fullest first; none is what is usual."""
    people = policy.team(team).people
    day = at.astimezone(zone(policy.calendar_of(team).timezone)).date()
    since, _ = day_bounds(policy.calendar_of(team), day)
    held = loads(reader, people, policy=policy, at=at, since=since)
    if all(overload(load) <= 1 for load in held.values()):
        return []
    here = presences(reader, people, policy=policy, team=team, at=at)
    known = competences(reader, people, policy=policy, day=day)
    return overloaded(held, _takers(policy, team, held, here, known))


def _takers(
    policy: Policy, team: str, held: Mapping[str, Load], here: Mapping[str, Presence], known: Competences
) -> dict[int, list[str]]:
    """For each ticket the others who are here, competent for it, and within every limit of the desk's."""
    free = [who for who, load in held.items() if here[who].works and _has_room(policy, team, who, load)]
    return {
        item.number: [other for other in free if other != who and known.fits(other, item.type)]
        for who, load in held.items()
        for item in load.at_hand
    }


def _has_room(policy: Policy, team: str, who: str, load: Load) -> bool:
    left = room(policy.team(team), policy.people.get(who, Availability()), len(load.at_hand))
    return left is None or left > 0
