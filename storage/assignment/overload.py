"""People of a team whose day is too full, and colleagues who could take some of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from rules.assignment.routing import free_slots
from rules.calendars.calendars import day_bounds
from rules.calendars.timezones import local_date
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.presence.presence import Presence
from rules.skills import KnownSkills
from rules.workload.workload import Overload, Workload, day_fullness, find_overloads
from storage.presence.presence import presence_by_person
from storage.skills import skills_of
from storage.transaction import Reader
from storage.workload import work_items, workloads


def team_overloads(reader: Reader, team: str, *, policy: Policy, at: datetime) -> list[Overload]:
    """People whose open work exceeds a day, the fullest first; usually none."""
    people = policy.team(team).people
    day = local_date(at, policy.team_calendar(team).timezone)
    since, _ = day_bounds(policy.team_calendar(team), day)
    workloads_by_person = workloads(reader, people, policy=policy, at=at, since=since)
    full = [person for person, workload in workloads_by_person.items() if day_fullness(workload) > 1]
    if not full:
        return []
    items = work_items(reader, full, policy=policy, at=at)
    workloads_by_person |= {person: replace(workloads_by_person[person], items=tuple(items[person])) for person in full}
    presences = presence_by_person(reader, people, policy=policy, team=team, at=at)
    skills = skills_of(reader, people, policy=policy, day=day)
    return find_overloads(workloads_by_person, _possible_takers(policy, team, workloads_by_person, presences, skills))


def _possible_takers(
    policy: Policy,
    team: str,
    workloads_by_person: Mapping[str, Workload],
    presences: Mapping[str, Presence],
    skills: KnownSkills,
) -> dict[int, list[str]]:
    available = [
        person
        for person, workload in workloads_by_person.items()
        if presences[person].is_at_work and _has_room(policy, team, person, workload)
    ]
    return {
        item.number: [other for other in available if other != person and skills.is_qualified(other, item.type)]
        for person, workload in workloads_by_person.items()
        for item in workload.workable_items
        if item.number is not None
    }


def _has_room(policy: Policy, team: str, person: str, workload: Workload) -> bool:
    free = free_slots(policy.team(team), policy.people.get(person, PersonProfile()), workload.workable_count)
    return free is None or free > 0
