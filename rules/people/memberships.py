"""Who belongs where with which role, as leads said it in Slack; what they said last counts before desk.yml."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce

from rules.calendars.timezones import time_zone
from rules.errors import Refused
from rules.model.policy import Policy, SupportLine, Team


class TeamRole(StrEnum):
    """What somebody is in one team; OUT is not in it."""

    LEAD = "lead"
    EXPERT = "expert"
    AGENT = "agent"
    NOT_MEMBER = "none"


@dataclass(frozen=True, slots=True)
class TeamMembership:
    """What was said last of one person in one team: this is all that they are there."""

    team: str
    person: str
    role: TeamRole
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MembershipCommand:
    """What was typed after `/desk team`; without a person it asks what was said lately."""

    team: str = ""
    person: str = ""
    role: TeamRole = TeamRole.NOT_MEMBER


MEMBERSHIP_COMMAND_EXAMPLES = "`/desk team support add @ana agent` or `/desk team support remove @ana`"
_TEAM_FIELDS = {TeamRole.LEAD: "leads", TeamRole.EXPERT: "experts", TeamRole.AGENT: "agents"}
_COMMAND_PATTERN = re.compile(
    r"(?:(?P<team>.*?)\s+)?(?P<verb>add|remove)\s+(?P<person>\S+)(?:\s+(?:as\s+)?(?P<role>\S+))?",
    re.IGNORECASE | re.DOTALL,
)


def apply_memberships(policy: Policy, memberships: Iterable[TeamMembership]) -> Policy:
    """The same desk with everybody where it was said that they belong.

    Where desk.yml has changed so that this would leave a team without anybody, whoever would be missing stays.
    """
    by_team: dict[str, list[TeamMembership]] = {}
    for one in memberships:
        by_team.setdefault(one.team, []).append(one)
    teams = {key: _apply_to_team(team, by_team.get(key, ())) for key, team in policy.teams.items()}
    return replace(policy, teams=teams) if by_team else policy


def role_in_team(team: Team, person: str) -> TeamRole:
    """What the person is there; the first of lead, expert and agent for who is several."""
    return next((role for role, key in _TEAM_FIELDS.items() if person in getattr(team, key)), TeamRole.NOT_MEMBER)


def place_in_team(team: Team, person: str, role: TeamRole) -> Team:
    """The team in which the person is that and nothing else; whoever is so already keeps their place in the order."""
    found = {key: getattr(team, key) for key in _TEAM_FIELDS.values()}
    for one, key in _TEAM_FIELDS.items():
        if one is role and person not in found[key]:
            found[key] = (*found[key], person)
        elif one is not role:
            found[key] = tuple(other for other in found[key] if other != person)
    return replace(team, **found)


def missing_role(before: Team, after: Team) -> str:
    """What the team had and would have no more; empty where nothing that it needs is missing."""
    if before.leads and not after.leads:
        return "lead"
    if before.line is SupportLine.EXPERT:
        return "expert" if before.experts and not after.experts else ""
    return "agent" if (before.agents or before.leads) and not (after.agents or after.leads) else ""


def membership_differences(
    configured: Policy, memberships: Iterable[TeamMembership], names: dict[str, str]
) -> list[str]:
    """A sentence for each person of whom something else was said than `described` says."""
    found = []
    for one in memberships:
        team = configured.teams.get(one.team)
        if team is None or role_in_team(team, one.person) is one.role:
            continue
        day = one.at.astimezone(time_zone(configured.team_calendar(one.team).timezone)).date()
        what = "left out" if one.role is TeamRole.NOT_MEMBER else str(one.role)
        found.append(f"{team.name}: {names[one.person]} is {what}, as {names[one.by]} said on {day} in Slack")
    return found


def parse_membership_command(text: str) -> MembershipCommand:
    """What was typed after `/desk team`; DeskError says what is missing."""
    found = _COMMAND_PATTERN.fullmatch(text.strip())
    if found is None:
        if re.search(r"(?:^|\s)(?:add|remove)(?:\s|$)", text, re.IGNORECASE):
            raise Refused(f"Whom? Name one colleague: {MEMBERSHIP_COMMAND_EXAMPLES}.")
        return MembershipCommand(text.strip())
    team, verb, person, word = found.groups()
    if not re.fullmatch(r"@[UW][A-Z0-9]+", person):
        raise Refused(f"Whom? `{person}` is nobody whom Slack knows: name a colleague: {MEMBERSHIP_COMMAND_EXAMPLES}.")
    if verb.casefold() == "remove":
        if word is not None:
            raise Refused(f"Who is taken out has no role: write {MEMBERSHIP_COMMAND_EXAMPLES}.")
        return MembershipCommand(team or "", person[1:])
    return MembershipCommand(team or "", person[1:], parse_team_role(word or ""))


def parse_team_role(word: str) -> TeamRole:
    """The role that somebody is added in."""
    if word.casefold() not in _ADDABLE_ROLES:
        head = f"`{word}` is no role." if word else "As what?"
        raise Refused(f"{head} Roles: {', '.join(_ADDABLE_ROLES)}. Write {MEMBERSHIP_COMMAND_EXAMPLES}.")
    return TeamRole(word.casefold())


_ADDABLE_ROLES = ("agent", "expert", "lead")


def _apply_to_team(team: Team, memberships: Sequence[TeamMembership]) -> Team:
    whole = reduce(lambda now, one: place_in_team(now, one.person, one.role), memberships, team)
    if not missing_role(team, whole):
        return whole
    kept = team
    for one in sorted(memberships, key=lambda one: one.role is TeamRole.NOT_MEMBER):
        after = place_in_team(kept, one.person, one.role)
        kept = kept if missing_role(kept, after) else after
    return kept
