"""The desk's own description, read strictly: a policy, or every fault with its place and remedy."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rules.calendars.durations import parse_duration
from rules.config.approvals import KEYS as APPROVAL
from rules.config.approvals import check_approvers, check_lead, read_approval, read_peer_check
from rules.config.calendars import clock, read_calendar
from rules.config.people import read_level, read_people, role_deputies, with_deputies
from rules.config.sla import read_alerting, read_company, read_pauses, read_priority, read_target, read_warnings
from rules.config.validation import (
    DescriptionError,
    Part,
    channel,
    one_of,
    person,
    person_or_group,
    short_text,
    step_key,
    step_key_of,
)
from rules.model.groups import NO_USER_GROUPS, UserGroups, expand_user_groups, find_role_groups
from rules.model.policy import AssignmentMode, Policy, ProcessStep, SupportLine, Team, TicketType
from rules.model.tickets import Priority
from rules.model.timers import TimerKind
from rules.people.memberships import TeamMembership, apply_memberships
from rules.sla.targets import SLA_CONDITIONS, missing_target_warnings, overlap_warnings

SECTIONS = (
    "calendars",
    "teams",
    "managers",
    "observers",
    "admins",
    "types",
    "companies",
    "people",
    "sla",
    "warn_at",
    "pause_while",
    "alerts",
    "escalations",
)
_NAMED = (
    ("calendars", "Calendar"),
    ("teams", "Team"),
    ("types", "Type"),
    ("companies", "Company"),
    ("people", "Person"),
)
_ROLES = ("leads", "agents", "experts")
_LISTED = (("managers", "Managers"), ("observers", "Observers"), ("admins", "Admins"))


def read_policy(
    plain: Mapping[str, Any], groups: UserGroups = NO_USER_GROUPS, said: Iterable[TeamMembership] = ()
) -> Policy:
    """The policy that the description says, or DescriptionError with all that is wrong in it.

    `groups` is what is known of the user groups that it names, `said` what leads said of members in Slack; neither
    changes anything about what is wrong.
    """
    desk = Part(plain).only(*SECTIONS)
    desk.missing("teams", "a desk needs at least one team")
    desk.missing("types", "a ticket needs a type to be filed under")
    calendars = desk.entries("calendars", "calendar")
    teams = desk.entries("teams", "team")
    types, companies = desk.entries("types", "type"), desk.entries("companies", "company")
    policy = Policy(
        calendars={key: calendar for key, part in calendars.items() if (calendar := read_calendar(part))},
        teams={key: _team(key, part, groups, calendars=calendars, types=types) for key, part in teams.items()},
        types={key: _type(key, part, teams=teams) for key, part in types.items()},
        sla_rules=tuple(
            read_target(row, types=types, teams=teams, companies=companies, calendars=calendars)
            for row in desk.rows("sla", "sla row")
        ),
        warn_at=read_warnings(desk),
        pausing_statuses=read_pauses(desk),
        alert_settings=read_alerting(desk),
        peer_review=read_peer_check(desk),
        companies={key: read_company(key, part) for key, part in companies.items()},
        people=read_people(desk, calendars=calendars, types=types),
        managers=frozenset(desk.all_parsed("managers", person)),
        observers=frozenset(desk.all_parsed("observers", person)),
        admins=frozenset(desk.all_parsed("admins", person)),
    )
    deputies = {key: role_deputies(part) for key, part in teams.items()}
    _own_channels(desk, policy)
    for key, part in types.items():
        _deciders(part, policy.types[key], policy)
    if desk.problems:
        raise DescriptionError(tuple(desk.problems))
    policy = apply_memberships(policy, said)
    return replace(policy, people=with_deputies(policy.people, policy.teams, deputies))


def warnings(policy: Policy) -> tuple[str, ...]:
    """What may be meant but probably is not: tickets without a due time, and rows that never apply."""
    return (*missing_target_warnings(policy), *overlap_warnings(policy))


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """One sentence for each thing that differs; none when nothing does. Both are descriptions that were read."""
    old = before or {}
    return [
        *(line for key, kind in _NAMED for line in _section(kind, old.get(key) or {}, after.get(key) or {})),
        *(line for key, name in _LISTED for line in _field(name, old.get(key), after.get(key) or [])),
        *_promises(old.get("sla") or [], after.get("sla") or []),
        *_field("Warnings", old.get("warn_at"), after.get("warn_at")),
        *_field("Pauses", old.get("pause_while"), after.get("pause_while")),
        *_field("Alerts", old.get("alerts"), after.get("alerts")),
        *_field("Escalations", old.get("escalations"), after.get("escalations")),
    ]


def _team(key: str, part: Part, groups: UserGroups, *, calendars: Collection[str], types: Collection[str]) -> Team:
    part.only(
        "name",
        "line",
        "channel",
        "calendar",
        "leads",
        "agents",
        "experts",
        "handles",
        "summary_at",
        "answer_within",
        "alerts_per_hour",
        "assigning",
        "capacity",
        "handover_after",
        "deputies",
        "activities",
        *APPROVAL,
        "floor",
    )
    part.missing("channel", "write the id of the team's Slack channel")
    named = {role: part.all_parsed(role, person_or_group) for role in _ROLES}
    team = Team(
        key=key,
        name=part.text("name", key),
        line=part.parsed(
            "line", lambda word: SupportLine(one_of(word, tuple(SupportLine), "line", "the lines")), SupportLine.FIRST
        ),
        channel=part.parsed("channel", channel, ""),
        calendar=part.reference("calendar", calendars, "calendars"),
        leads=expand_user_groups(named["leads"], groups),
        agents=expand_user_groups(named["agents"], groups),
        experts=expand_user_groups(named["experts"], groups),
        role_groups=find_role_groups(named, groups),
        handles=part.all_parsed("handles", lambda word: one_of(word, types, "type", "the types here")),
        summary_at=part.parsed("summary_at", clock, None),
        answer_within=part.parsed("answer_within", parse_duration, Team(key, key).answer_within),
        alerts_per_hour=part.number("alerts_per_hour", None, least=1, most=1000),
        assignment_mode=part.parsed("assigning", _assigning, AssignmentMode.BY_HAND),
        capacity=part.number("capacity", None, least=1, most=1000),
        absence_cover_after=part.parsed("handover_after", parse_duration, Team(key, key).absence_cover_after),
        activities=part.all_parsed("activities", lambda words: short_text(words, "activities")),
        approval=read_approval(part),
        has_presence_board=part.flag("floor"),
    )
    check_approvers(part, team.approval, team)
    check_lead(part, team.approval, team)
    if team.line is SupportLine.EXPERT and not part.plain.get("experts"):
        part.fault("a team of experts needs people: write experts: [U0EXPERT1].")
    if team.line is SupportLine.FIRST and not (part.plain.get("agents") or part.plain.get("leads")):
        part.fault("a first line needs people: write agents: [U0AGENT1] or leads: [U0LEAD1].")
    return team


def _type(key: str, part: Part, *, teams: Mapping[str, Part]) -> TicketType:
    part.only("name", "team", "experts", "priority", "steps", "needs", "assigning", *APPROVAL)
    part.missing("team", "write the team that takes tickets of this type")
    experts = part.reference("experts", teams, "teams")
    if experts and teams[experts].plain.get("line") != SupportLine.EXPERT:
        part.fault(f"experts `{experts}` is not a team of experts: give that team line: expert.", "experts")
    return TicketType(
        key=key,
        name=part.text("name", key),
        team=part.reference("team", teams, "teams"),
        expert_team=experts or None,
        priority=part.parsed("priority", read_priority, Priority.NORMAL),
        steps=_steps(part),
        required_level=part.parsed("needs", read_level, None),
        assignment_mode=part.parsed("assigning", _assigning, None),
        approval=read_approval(part),
    )


def _assigning(word: str) -> AssignmentMode:
    return AssignmentMode(one_of(word, tuple(AssignmentMode), "assigning", "the ways of assigning"))


def _steps(part: Part) -> tuple[ProcessStep, ...]:
    """The steps of a type's process, in their order; each has a key of its own."""
    found: list[ProcessStep] = []
    for row in part.rows("steps", f"{part.name}, step"):
        row.only("key", "name", "within")
        row.missing("name", "write what is done in this step")
        name = row.text("name")
        key = row.parsed("key", step_key, "") or step_key_of(name)
        if key in [step.key for step in found]:
            row.fault(f"another step has the key `{key}`: give this one a key of its own.", "key")
        found.append(ProcessStep(key, name, row.parsed("within", parse_duration, None)))
    return tuple(found)


def _deciders(part: Part, type_: TicketType, policy: Policy) -> None:
    """Those who are to decide about a type are of the team that knows it."""
    if type_.expert_team in policy.teams:
        experts = policy.team(type_.expert_team or "")
        check_approvers(part, type_.approval, experts)
        check_lead(part, type_.approval, experts)
    elif type_.approval is not None:
        part.fault("approval: nobody is asked about this type: write experts: TEAM beside it.", "approval")


def _own_channels(desk: Part, policy: Policy) -> None:
    owners: dict[str, str] = {}
    for key, team in policy.teams.items():
        owner = owners.setdefault(team.channel, key)
        if team.channel and owner != key:
            sentence = f"team {key}: channel {team.channel} is team {owner}'s already: each team needs its own."
            desk.fault(sentence, "teams", key, "channel")


def _section(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in _keys(old, new):
        entry = new.get(key) or old.get(key) or {}
        name = f"{kind} {entry.get('name', key)}"
        if key not in old:
            yield f"{name} is new"
        elif key not in new:
            yield f"{name} is removed"
        else:
            for each in _keys(old[key], new[key]):
                yield from _field(f"{name}: {each}", old[key].get(each), new[key].get(each))


def _field(name: str, old: object, new: object) -> Iterator[str]:
    if isinstance(new, list | tuple) and (old is None or isinstance(old, list | tuple)):
        yield from _list(name, old or (), new)
    elif old != new:
        yield f"{name} {_said(old)} → {_said(new)}"


def _list(name: str, old: Sequence[object], new: Sequence[object]) -> Iterator[str]:
    signs = [f"+ {_said(each)}" for each in new if each not in old] + [
        f"- {_said(each)}" for each in old if each not in new
    ]
    if signs:
        yield f"{name} {', '.join(signs)}"
    elif list(old) != list(new):
        yield f"{name} in another order"


def _promises(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return _list("Promises", [_row(row) for row in old], [_row(row) for row in new])


def _row(row: Mapping[str, Any]) -> str:
    fits = " and ".join(f"{key} {row[key]}" for key in SLA_CONDITIONS if row.get(key)) or "everything"
    times = ", ".join(f"{key} {row[key]}" for key in (*TimerKind, "calendar") if row.get(key))
    return f"{fits} ({times})"


def _keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys((*old, *new)))


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {_said(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_said(each) for each in value)
    return "nothing" if value is None else str(value)
