"""What settings ask of each other, judged by what is written: pydantic compares settings only once each is sound."""

from collections.abc import Iterator, Mapping
from typing import Any

from rules.calendars.opening_hours import WEEKDAYS, parse_weekdays
from rules.config.fields import ROLES, make_step_key
from rules.errors import Refused
from rules.model.approval import ApprovalMode
from rules.model.groups import is_user_group_id
from rules.model.policy import SupportLine
from rules.model.timers import TimerKind

Path = tuple[str | int, ...]
Settings = Mapping[str, Any]
Findings = Iterator[tuple[Path, str]]


def find_inconsistencies(plain: Settings) -> Findings:
    """The place of each and a sentence."""
    teams = section_entries(plain, "teams")
    for key, calendar in section_entries(plain, "calendars").items():
        yield from _weekdays(("calendars", key, "hours"), calendar)
    for key, team in teams.items():
        yield from _people(("teams", key), team)
        yield from _approval(("teams", key), team)
        yield from _deciders(("teams", key), team, key, team)
    yield from _channels(teams)
    for key, entry in section_entries(plain, "types").items():
        yield from _approval(("types", key), entry)
        yield from _experts(("types", key), entry, teams)
        yield from _steps(("types", key, "steps"), _rows(entry.get("steps")))
    for index, row in enumerate(_rows(plain.get("sla"))):
        if not any(row.get(kind) for kind in TimerKind):
            yield ("sla", index), "promises nothing: write first_response: 2h, resolution: 3d, or both."


def section_entries(plain: Settings, section: str) -> dict[str, Settings]:
    """The entries of that section, empty where something else is written."""
    named = plain.get(section)
    return dict(zip(named, _rows([*named.values()]), strict=True)) if isinstance(named, Mapping) else {}


def _rows(items: object) -> list[Settings]:
    return [item if isinstance(item, Mapping) else {} for item in items] if isinstance(items, list | tuple) else []


def _texts(items: object) -> list[str]:
    return [item if isinstance(item, str) else "" for item in items] if isinstance(items, list | tuple) else []


def _weekdays(place: Path, calendar: Settings) -> Findings:
    days: set[int] = set()
    hours = calendar.get("hours")
    for name in hours if isinstance(hours, Mapping) else ():
        try:
            named = parse_weekdays(str(name))
        except Refused:
            continue
        for day in days.intersection(named):
            yield (*place, name), f"{WEEKDAYS[day]} is named twice under `hours`: keep one."
        days.update(named)


def _people(place: Path, team: Settings) -> Findings:
    line = team.get("line") or SupportLine.FIRST
    if line == SupportLine.EXPERT and not team.get("experts"):
        yield place, "a team of experts needs people: write experts: [U0EXPERT1]."
    if line == SupportLine.FIRST and not (team.get("agents") or team.get("leads")):
        yield place, "a first line needs people: write agents: [U0AGENT1] or leads: [U0LEAD1]."


def _approval(place: Path, entry: Settings) -> Findings:
    approval = entry.get("approval") or ApprovalMode.ANY
    if entry.get("approvers") and approval == ApprovalMode.ANY:
        sentence = "with `approval: any` every expert decides: write approval: all or in_order."
        yield (*place, "approvers"), f"approvers: {sentence}"
    if entry.get("lead_decides") and (entry.get("approvers") or approval != ApprovalMode.ANY):
        yield (*place, "lead_decides"), "lead_decides: the lead decides alone: leave out approval and approvers."


def _experts(place: Path, entry: Settings, teams: Mapping[str, Settings]) -> Findings:
    experts = str(entry.get("experts"))
    if experts in teams:
        if teams[experts].get("line") != SupportLine.EXPERT:
            sentence = f"experts `{experts}` is not a team of experts: give that team line: expert."
            yield (*place, "experts"), sentence
        yield from _deciders(place, entry, experts, teams[experts])
    elif not entry.get("experts") and any(each in entry for each in ("approval", "approvers", "lead_decides")):
        yield (*place, "approval"), "approval: nobody is asked about this type: write experts: TEAM beside it."


def _deciders(place: Path, entry: Settings, key: str, team: Settings) -> Findings:
    people = [person for role in ROLES for person in _texts(team.get(role))]
    if not any(map(is_user_group_id, people)):  # only Slack knows who is in a user group
        for index, person in enumerate(_texts(entry.get("approvers"))):
            if person not in people:
                sentence = f"approvers: {person} is not in team {key}: name experts or leads of it."
                yield (*place, "approvers", index), sentence
    if entry.get("lead_decides") and not team.get("leads"):
        yield (*place, "lead_decides"), f"lead_decides: team {key} has no lead: write leads: [U0LEAD1] there."


def _channels(teams: Mapping[str, Settings]) -> Findings:
    owners: dict[str, str] = {}
    for key, team in teams.items():
        channel = team.get("channel")
        if isinstance(channel, str) and owners.setdefault(channel, key) != key:
            sentence = f"channel {channel} is team {owners[channel]}'s already: each team needs its own."
            yield ("teams", key, "channel"), sentence


def _steps(place: Path, steps: list[Settings]) -> Findings:
    keys: set[str] = set()
    for index, step in enumerate(steps):
        key = str(step.get("key") or make_step_key(str(step.get("name") or index)))
        if key in keys:
            yield (*place, index, "key"), f"another step has the key `{key}`: give this one a key of its own."
        keys.add(key)
