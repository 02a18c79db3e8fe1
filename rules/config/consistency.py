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
from rules.text import Code, Text, _

Path = tuple[str | int, ...]
Settings = Mapping[str, Any]
Findings = Iterator[tuple[Path, Text]]


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
            yield ("sla", index), _("it sets no time: write first_response: 2h, resolution: 3d, or both.")


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
            yield (*place, name), _("{day} is written twice under `hours`: keep one.", day=WEEKDAYS[day])
        days.update(named)


def _people(place: Path, team: Settings) -> Findings:
    line = team.get("line") or SupportLine.FIRST
    if line == SupportLine.EXPERT and not team.get("experts"):
        yield place, _("a team of experts needs people: write experts: [U0EXPERT1].")
    if line == SupportLine.FIRST and not (team.get("agents") or team.get("leads")):
        yield place, _("a first line needs people: write agents: [U0AGENT1] or leads: [U0LEAD1].")


def _approval(place: Path, entry: Settings) -> Findings:
    approval = entry.get("approval") or ApprovalMode.ANY
    if entry.get("approvers") and approval == ApprovalMode.ANY:
        sentence = _("approvers: with `approval: any` every expert may decide: write approval: all or in_order.")
        yield (*place, "approvers"), sentence
    if entry.get("lead_decides") and (entry.get("approvers") or approval != ApprovalMode.ANY):
        sentence = _("lead_decides: the lead alone decides: leave out approval and approvers.")
        yield (*place, "lead_decides"), sentence


def _experts(place: Path, entry: Settings, teams: Mapping[str, Settings]) -> Findings:
    experts = str(entry.get("experts"))
    if experts in teams:
        if teams[experts].get("line") != SupportLine.EXPERT:
            sentence = _(
                "experts: team {team} is not a team of experts: write line: expert there.",
                team=Code(experts),
            )
            yield (*place, "experts"), sentence
        yield from _deciders(place, entry, experts, teams[experts])
    elif not entry.get("experts") and any(each in entry for each in ("approval", "approvers", "lead_decides")):
        sentence = _("approval: this type has no experts who could decide: write experts: TEAM beside it.")
        yield (*place, "approval"), sentence


def _deciders(place: Path, entry: Settings, key: str, team: Settings) -> Findings:
    people = [person for role in ROLES for person in _texts(team.get(role))]
    if not any(map(is_user_group_id, people)):  # only Slack knows who is in a user group
        for index, person in enumerate(_texts(entry.get("approvers"))):
            if person not in people:
                sentence = _(
                    "approvers: {person} is not in team {team}: name experts or leads of that team.",
                    person=person,
                    team=key,
                )
                yield (*place, "approvers", index), sentence
    if entry.get("lead_decides") and not team.get("leads"):
        sentence = _("lead_decides: team {team} has no lead: write leads: [U0LEAD1] there.", team=key)
        yield (*place, "lead_decides"), sentence


def _channels(teams: Mapping[str, Settings]) -> Findings:
    owners: dict[str, str] = {}
    for key, team in teams.items():
        channel = team.get("channel")
        if isinstance(channel, str) and owners.setdefault(channel, key) != key:
            sentence = _(
                "channel {channel} is also the channel of team {team}: give each team its own.",
                channel=channel,
                team=owners[channel],
            )
            yield ("teams", key, "channel"), sentence


def _steps(place: Path, steps: list[Settings]) -> Findings:
    keys: set[str] = set()
    for index, step in enumerate(steps):
        key = str(step.get("key") or make_step_key(str(step.get("name") or index)))
        if key in keys:
            sentence = _("another step has the key {key} too: give this one a key of its own.", key=Code(key))
            yield (*place, index, "key"), sentence
        keys.add(key)
