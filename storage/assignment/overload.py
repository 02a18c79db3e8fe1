"""Who of a team has more than a day holds, and who could take which of it."""

from collections.abc import Mapping
from datetime import datetime

from rules.assignment.routing import free_slots
from rules.calendars.calendars import day_bounds
from rules.calendars.timezones import time_zone
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.presence.presence import Presence
from rules.skills import KnownSkills
from rules.workload.workload import Overload, Workload, day_fullness, find_overloads
from storage.presence.presence import presence_by_person
from storage.skills import skills_of
from storage.transaction import Reader
from storage.workload import workloads


def team_overloads(reader: Reader, team: str, *, policy: Policy, at: datetime) -> list[Overload]:
    """Everyone of the team whose day is too full, the fullest first; none is what is usual."""
    people = policy.team(team).people
    day = at.astimezone(time_zone(policy.team_calendar(team).timezone)).date()
    since, _ = day_bounds(policy.team_calendar(team), day)
    held = workloads(reader, people, policy=policy, at=at, since=since)
    if all(day_fullness(load) <= 1 for load in held.values()):
        return []
    here = presence_by_person(reader, people, policy=policy, team=team, at=at)
    known = skills_of(reader, people, policy=policy, day=day)
    return find_overloads(held, _possible_takers(policy, team, held, here, known))


def _possible_takers(
    policy: Policy, team: str, held: Mapping[str, Workload], here: Mapping[str, Presence], known: KnownSkills
) -> dict[int, list[str]]:
    """For each ticket the others who are here, competent for it, and within every limit of the desk's."""
    free = [who for who, load in held.items() if here[who].is_at_work and _has_room(policy, team, who, load)]
    return {
        item.number: [other for other in free if other != who and known.is_qualified(other, item.type)]
        for who, load in held.items()
        for item in load.workable_items
    }


def _has_room(policy: Policy, team: str, who: str, load: Workload) -> bool:
    left = free_slots(policy.team(team), policy.people.get(who, PersonProfile()), len(load.workable_items))
    return left is None or left > 0
