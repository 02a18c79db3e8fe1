"""Team memberships set in Slack by leads; the newest one overrides the configuration."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from rules.calendars.timezones import local_date
from rules.errors import Refused
from rules.labels import LabelledEnum
from rules.model.policy import Policy, SupportLine, Team
from rules.text import Code, Text, _


class TeamRole(LabelledEnum):
    LEAD = "lead", _("lead")
    EXPERT = "expert", _("expert")
    AGENT = "agent", _("agent")
    NOT_MEMBER = "none", _("not in the team")


@dataclass(frozen=True, slots=True)
class TeamMembership:
    """The newest role set for one person in one team; it replaces every role they have there."""

    team: str
    person: str
    role: TeamRole
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MembershipCommand:
    """What was typed after `/desk team`; without a person it lists recent changes."""

    team: str = ""
    person: str = ""
    role: TeamRole = TeamRole.NOT_MEMBER


MEMBERSHIP_COMMAND_EXAMPLES = _(
    "{add} or {remove}",
    add=Code("/desk team support add @ana agent"),
    remove=Code("/desk team support remove @ana"),
)
_TEAM_FIELDS = {TeamRole.LEAD: "leads", TeamRole.EXPERT: "experts", TeamRole.AGENT: "agents"}
_COMMAND_PATTERN = re.compile(
    r"(?:(?P<team>.*?)\s+)?(?P<verb>add|remove)\s+(?P<person>\S+)(?:\s+(?:as\s+)?(?P<role>\S+))?",
    re.IGNORECASE | re.DOTALL,
)


def apply_memberships(policy: Policy, memberships: Iterable[TeamMembership]) -> Policy:
    """The policy with every membership applied.

    Where the configuration has since changed so that this would leave a team without a lead, agent or expert, the last
    person in that role keeps it.
    """
    by_team: dict[str, list[TeamMembership]] = {}
    for membership in memberships:
        by_team.setdefault(membership.team, []).append(membership)
    teams = {key: _apply_to_team(team, by_team.get(key, ())) for key, team in policy.teams.items()}
    return replace(policy, teams=teams) if by_team else policy


def role_in_team(team: Team, person: str) -> TeamRole:
    return next((role for role, key in _TEAM_FIELDS.items() if person in getattr(team, key)), TeamRole.NOT_MEMBER)


def place_in_team(team: Team, person: str, role: TeamRole) -> Team:
    """The person has that role and no other; a person who has it already keeps their place in the order."""
    lists = {key: getattr(team, key) for key in _TEAM_FIELDS.values()}
    for one, key in _TEAM_FIELDS.items():
        if one is role and person not in lists[key]:
            lists[key] = (*lists[key], person)
        elif one is not role:
            lists[key] = tuple(other for other in lists[key] if other != person)
    return replace(team, **lists)


def missing_role(before: Team, after: Team) -> str:
    """The role that has a person in `before` and none in `after`; empty when no needed role is lost."""
    if before.leads and not after.leads:
        return "lead"
    if before.line is SupportLine.EXPERT:
        return "expert" if before.experts and not after.experts else ""
    return "agent" if (before.agents or before.leads) and not (after.agents or after.leads) else ""


def membership_differences(policy: Policy, memberships: Iterable[TeamMembership], names: dict[str, str]) -> list[Text]:
    sentences = []
    for one in memberships:
        team = policy.teams.get(one.team)
        if team is not None and role_in_team(team, one.person) is not one.role:
            sentences.append(
                _(
                    "{team}: {person} is {role}, as {by} set in Slack on {day}",
                    team=team.name,
                    person=names[one.person],
                    role=one.role.label,
                    by=names[one.by],
                    day=local_date(one.at, policy.team_calendar(one.team).timezone).isoformat(),
                )
            )
    return sentences


def parse_membership_command(text: str) -> MembershipCommand:
    match = _COMMAND_PATTERN.fullmatch(text.strip())
    if match is None:
        if re.search(r"(?:^|\s)(?:add|remove)(?:\s|$)", text, re.IGNORECASE):
            raise Refused(_("Whom? Write {examples}.", examples=MEMBERSHIP_COMMAND_EXAMPLES))
        return MembershipCommand(text.strip())
    team, verb, person, word = match.groups()
    if not re.fullmatch(r"@[UW][A-Z0-9]+", person):
        name, examples = Code(person), MEMBERSHIP_COMMAND_EXAMPLES
        raise Refused(_("Slack knows nobody called {name}. Write {examples}.", name=name, examples=examples))
    if verb.casefold() == "remove":
        if word is not None:
            raise Refused(_("Removing somebody needs no role. Write {examples}.", examples=MEMBERSHIP_COMMAND_EXAMPLES))
        return MembershipCommand(team or "", person[1:])
    return MembershipCommand(team or "", person[1:], parse_team_role(word or ""))


def parse_team_role(word: str) -> TeamRole:
    if word.casefold() not in _ADDABLE_ROLES:
        fault = _("{word} isn't a role.", word=Code(word)) if word else _("In which role?")
        roles, examples = ", ".join(_ADDABLE_ROLES), MEMBERSHIP_COMMAND_EXAMPLES
        raise Refused(_("{fault} Roles: {roles}. Write {examples}.", fault=fault, roles=roles, examples=examples))
    return TeamRole(word.casefold())


_ADDABLE_ROLES = ("agent", "expert", "lead")


def _apply_to_team(team: Team, memberships: Sequence[TeamMembership]) -> Team:
    result = reduce(lambda now, one: place_in_team(now, one.person, one.role), memberships, team)
    if not missing_role(team, result):
        return result
    partial = team
    for one in sorted(memberships, key=lambda one: one.role is TeamRole.NOT_MEMBER):
        after = place_in_team(partial, one.person, one.role)
        partial = partial if missing_role(partial, after) else after
    return partial
