"""Who belongs where with which role, as leads said it in Slack; what they said last counts before desk.yml."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce

from rules.calendars.timezones import zone
from rules.errors import DeskError
from rules.model.policy import Line, Policy, Team


class InTeam(StrEnum):
    """What somebody is in one team; OUT is not in it."""

    LEAD = "lead"
    EXPERT = "expert"
    AGENT = "agent"
    OUT = "none"


@dataclass(frozen=True, slots=True)
class Member:
    """What was said last of one person in one team: this is all that they are there."""

    team: str
    person: str
    role: InTeam
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed after `/desk team`; without a person it asks what was said lately."""

    team: str = ""
    person: str = ""
    role: InTeam = InTeam.OUT


HOW = "`/desk team support add @ana agent` or `/desk team support remove @ana`"
_LISTS = {InTeam.LEAD: "leads", InTeam.EXPERT: "experts", InTeam.AGENT: "agents"}
_TYPED = re.compile(
    r"(?:(?P<team>.*?)\s+)?(?P<verb>add|remove)\s+(?P<person>\S+)(?:\s+(?:as\s+)?(?P<role>\S+))?",
    re.IGNORECASE | re.DOTALL,
)


def with_members(policy: Policy, said: Iterable[Member]) -> Policy:
    """The same desk with everybody where it was said that they belong.

    Where desk.yml has changed so that this would leave a team without anybody, whoever would be missing stays.
    """
    by_team: dict[str, list[Member]] = {}
    for one in said:
        by_team.setdefault(one.team, []).append(one)
    teams = {key: _overlaid(team, by_team.get(key, ())) for key, team in policy.teams.items()}
    return replace(policy, teams=teams) if by_team else policy


def role_in(team: Team, person: str) -> InTeam:
    """What the person is there; the first of lead, expert and agent for who is several."""
    return next((role for role, key in _LISTS.items() if person in getattr(team, key)), InTeam.OUT)


def placed(team: Team, person: str, role: InTeam) -> Team:
    """The team in which the person is that and nothing else; whoever is so already keeps their place in the order."""
    found = {key: getattr(team, key) for key in _LISTS.values()}
    for one, key in _LISTS.items():
        if one is role and person not in found[key]:
            found[key] = (*found[key], person)
        elif one is not role:
            found[key] = tuple(other for other in found[key] if other != person)
    return replace(team, **found)


def lacks(before: Team, after: Team) -> str:
    """What the team had and would have no more; empty where nothing that it needs is missing."""
    if before.leads and not after.leads:
        return "lead"
    if before.line is Line.EXPERT:
        return "expert" if before.experts and not after.experts else ""
    return "agent" if (before.agents or before.leads) and not (after.agents or after.leads) else ""


def overruled(described: Policy, said: Iterable[Member], names: dict[str, str]) -> list[str]:
    """A sentence for each person of whom something else was said than `described` says."""
    found = []
    for one in said:
        team = described.teams.get(one.team)
        if team is None or role_in(team, one.person) is one.role:
            continue
        day = one.at.astimezone(zone(described.calendar_of(one.team).timezone)).date()
        what = "left out" if one.role is InTeam.OUT else str(one.role)
        found.append(f"{team.name}: {names[one.person]} is {what}, as {names[one.by]} said on {day} in Slack")
    return found


def read_asked(text: str) -> Asked:
    """What was typed after `/desk team`; DeskError says what is missing."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        if re.search(r"(?:^|\s)(?:add|remove)(?:\s|$)", text, re.IGNORECASE):
            raise DeskError(f"Whom? Name one colleague: {HOW}.")
        return Asked(text.strip())
    team, verb, person, word = found.groups()
    if not re.fullmatch(r"@[UW][A-Z0-9]+", person):
        raise DeskError(f"Whom? `{person}` is nobody whom Slack knows: name a colleague: {HOW}.")
    if verb.casefold() == "remove":
        if word is not None:
            raise DeskError(f"Who is taken out has no role: write {HOW}.")
        return Asked(team or "", person[1:])
    return Asked(team or "", person[1:], read_role(word or ""))


def read_role(word: str) -> InTeam:
    """The role that somebody is added in."""
    if word.casefold() not in _ADDED:
        head = f"`{word}` is no role." if word else "As what?"
        raise DeskError(f"{head} Roles: {', '.join(_ADDED)}. Write {HOW}.")
    return InTeam(word.casefold())


_ADDED = ("agent", "expert", "lead")


def _overlaid(team: Team, said: Sequence[Member]) -> Team:
    whole = reduce(lambda now, one: placed(now, one.person, one.role), said, team)
    if not lacks(team, whole):
        return whole
    kept = team
    for one in sorted(said, key=lambda one: one.role is InTeam.OUT):
        after = placed(kept, one.person, one.role)
        kept = kept if lacks(kept, after) else after
    return kept
