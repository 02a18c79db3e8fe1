"""A configuration parsed into the Policy that Baton works by."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rules.config import schema
from rules.config.faults import validate_configuration
from rules.config.fields import PAUSABLE, ROLES, make_step_key
from rules.model import policy as model
from rules.model.approval import ApprovalRule
from rules.model.groups import NO_USER_GROUPS, UserGroups, expand_user_groups, find_role_groups
from rules.model.people import PersonProfile, Skill
from rules.model.policy import DEFAULT_PAUSES, Policy, ProcessStep, Team, TicketType
from rules.model.tickets import Status
from rules.model.timers import TimerKind
from rules.people.memberships import TeamMembership, apply_memberships
from rules.sla.targets import missing_target_warnings, overlap_warnings
from rules.text import Text


def parse_policy(
    plain: Mapping[str, Any], groups: UserGroups = NO_USER_GROUPS, memberships: Iterable[TeamMembership] = ()
) -> Policy:
    """ConfigurationError names all that is wrong.

    `groups` is what is known of the user groups in it, `memberships` what leads said in Slack: neither makes it wrong.
    """
    desk = validate_configuration(plain)
    below, alerts = desk.escalations.peer_review_below, desk.alerts
    policy = Policy(
        calendars={key: calendar.build() for key, calendar in desk.calendars.items()},
        teams={key: _team(key, team, groups) for key, team in desk.teams.items()},
        types={key: _type(key, entry) for key, entry in desk.types.items()},
        sla_rules=tuple(model.SlaRule(**dict(row)) for row in desk.sla),
        warn_at=desk.warn_at,
        pausing_statuses=_pauses(desk.pause_while),
        alert_settings=model.AlertSettings(
            alerts.escalate_after, alerts.group_above, alerts.per_hour, alerts.extend_without_approval
        ),
        peer_review=model.PeerReviewRule(below, desk.escalations.min_answers) if below is not None else None,
        companies={key: _company(key, company) for key, company in desk.companies.items()},
        people={key: _profile(person) for key, person in desk.people.items()},
        managers=frozenset(desk.managers),
        observers=frozenset(desk.observers),
        admins=frozenset(desk.admins),
    )
    policy = apply_memberships(policy, memberships)
    return replace(policy, people=_with_deputies(policy, desk.teams))


def configuration_warnings(policy: Policy) -> tuple[Text | str, ...]:
    """What may be meant but probably is not: tickets without a due time, and rows that never apply."""
    return (*missing_target_warnings(policy), *overlap_warnings(policy))


def _team(key: str, team: schema.Team, groups: UserGroups) -> Team:
    by_role = {"leads": team.leads, "agents": team.agents, "experts": team.experts}
    return Team(
        key=key,
        name=team.name or key,
        line=team.line,
        channel=team.channel,
        calendar=team.calendar,
        leads=expand_user_groups(team.leads, groups),
        agents=expand_user_groups(team.agents, groups),
        experts=expand_user_groups(team.experts, groups),
        handles=team.handles,
        summary_at=team.summary_at,
        answer_within=team.answer_within,
        alerts_per_hour=team.alerts_per_hour,
        assignment_mode=team.assigning,
        capacity=team.capacity,
        absence_cover_after=team.absence_cover_after,
        activities=team.activities,
        approval=_approval(team),
        has_presence_board=team.presence_board,
        may_decide_own=team.decide_own,
        role_groups=find_role_groups(by_role, groups),
    )


def _type(key: str, entry: schema.TicketType) -> TicketType:
    return TicketType(
        key=key,
        name=entry.name or key,
        team=entry.team,
        expert_team=entry.experts,
        priority=entry.priority,
        steps=tuple(ProcessStep(step.key or make_step_key(step.name), step.name, step.within) for step in entry.steps),
        required_level=entry.needs,
        assignment_mode=entry.assigning,
        approval=_approval(entry),
    )


def _approval(entry: schema.WithApproval) -> ApprovalRule | None:
    if entry.model_fields_set.isdisjoint(schema.WithApproval.model_fields):
        return None
    return ApprovalRule(entry.approval, entry.approvers, entry.lead_decides)


def _pauses(pause_while: Mapping[Status, tuple[TimerKind, ...]] | None) -> Mapping[TimerKind, frozenset[Status]]:
    if pause_while is None:
        return DEFAULT_PAUSES
    return {kind: frozenset(status for status, kinds in pause_while.items() if kind in kinds) for kind in PAUSABLE}


def _company(key: str, company: schema.Company) -> model.Company:
    return model.Company(key, company.name or key, company.customers, company.people, company.channels)


def _profile(person: schema.Person) -> PersonProfile:
    skills = {key: Skill(skill.level, skill.until, skill.certificate) for key, skill in person.skills.items() if skill}
    return PersonProfile(person.calendar, person.share, person.away, person.deputy, person.capacity, skills)


def _with_deputies(policy: Policy, teams: Mapping[str, schema.Team]) -> dict[str, PersonProfile]:
    """Everybody with their own deputy, else that of their role in the first team that names one."""
    people = dict(policy.people)
    for key, team in teams.items():
        for role in ROLES:
            deputy = team.deputies.get(role) or ""
            for person in getattr(policy.teams[key], role) if deputy else ():
                own = people.get(person, PersonProfile())
                if not own.deputy and person != deputy:
                    people[person] = replace(own, deputy=deputy)
    return people
