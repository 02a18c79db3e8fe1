"""Who belongs where: what leads said of it goes before desk.yml, and leaves no team without anybody."""

from dataclasses import replace

import pytest

from rules.config.policy import parse_policy
from rules.errors import Refused
from rules.model.policy import Policy, Team
from rules.people.memberships import (
    MembershipCommand,
    TeamMembership,
    TeamRole,
    membership_differences,
    missing_role,
    parse_membership_command,
    place_in_team,
    role_in_team,
)
from tests.desks import MONDAY, NAMES, OFFICE, POLICY
from tests.services.vpn import ANA, BEN, CLEO, EMIL, EVA, LENA, LEO


def says(person: str, role: TeamRole, *, team: str = "support") -> TeamMembership:
    return TeamMembership(team, person, role, LENA, MONDAY)


def office(*said: TeamMembership) -> Policy:
    return parse_policy(OFFICE, memberships=said)


def support(*said: TeamMembership) -> Team:
    return office(*said).team("support")


def test_who_is_added_works_there_after_those_of_the_description() -> None:
    assert support(says(CLEO, TeamRole.AGENT)).agents == (ANA, BEN, CLEO)


def test_who_is_taken_out_is_in_no_list_of_the_team_any_more() -> None:
    assert CLEO not in support(says(CLEO, TeamRole.NOT_MEMBER)).people
    assert support(says(BEN, TeamRole.NOT_MEMBER)).people == (LENA, ANA)


def test_who_has_another_role_has_that_one_alone() -> None:
    team = support(says(BEN, TeamRole.LEAD))

    assert (team.leads, team.agents) == ((LENA, BEN), (ANA,))


def test_what_the_description_says_already_changes_nothing() -> None:
    assert office(says(ANA, TeamRole.AGENT), says(CLEO, TeamRole.NOT_MEMBER)) == POLICY


def test_of_a_team_that_is_gone_nothing_is_said() -> None:
    assert office(says(BEN, TeamRole.AGENT, team="gone")) == POLICY


def test_the_deputy_of_a_role_stands_in_for_who_was_added_in_it() -> None:
    plain = {
        **OFFICE,
        "teams": {**OFFICE["teams"], "support": OFFICE["teams"]["support"] | {"deputies": {"leads": BEN}}},
    }

    assert parse_policy(plain, memberships=[says(CLEO, TeamRole.LEAD)]).people[CLEO].deputy == BEN


def test_a_named_approver_who_was_taken_out_is_no_fault_of_the_description() -> None:
    network = OFFICE["teams"]["network"] | {"approval": "all", "approvers": [EVA]}
    plain = {**OFFICE, "teams": {**OFFICE["teams"], "network": network}}

    assert parse_policy(plain, memberships=[says(EVA, TeamRole.NOT_MEMBER, team="network")]).team(
        "network"
    ).experts == (EMIL,)


def test_where_a_new_description_would_leave_nobody_whoever_is_missing_stays() -> None:
    out = [says(one, TeamRole.NOT_MEMBER, team="network") for one in (EVA, EMIL)]

    assert office(*out).team("network").experts == (EMIL,)


def test_only_whoever_is_missing_stays() -> None:
    experts = [says(EVA, TeamRole.NOT_MEMBER, team="network"), says(EMIL, TeamRole.NOT_MEMBER, team="network")]

    team = office(
        *experts, says(CLEO, TeamRole.EXPERT, team="network"), says(LEO, TeamRole.NOT_MEMBER, team="network")
    ).team("network")

    assert (team.leads, team.experts) == ((LEO,), (CLEO,))


def test_who_came_before_the_others_went_is_enough() -> None:
    said = [says(EVA, TeamRole.AGENT, team="network"), says(EMIL, TeamRole.NOT_MEMBER, team="network")]

    assert office(*said, says(CLEO, TeamRole.EXPERT, team="network")).team("network").experts == (CLEO,)


@pytest.mark.parametrize(
    ("team", "person", "role", "missing"),
    [
        ("support", LENA, TeamRole.NOT_MEMBER, "lead"),
        ("support", LENA, TeamRole.AGENT, "lead"),
        ("support", ANA, TeamRole.NOT_MEMBER, ""),
        ("network", EVA, TeamRole.NOT_MEMBER, ""),
        ("network", CLEO, TeamRole.NOT_MEMBER, ""),
    ],
)
def test_the_last_lead_is_what_a_team_lacks(team: str, person: str, role: TeamRole, missing: str) -> None:
    before = POLICY.team(team)

    assert missing_role(before, place_in_team(before, person, role)) == missing


def test_a_first_line_needs_an_agent_and_experts_an_expert() -> None:
    first = replace(POLICY.team("support"), leads=(), agents=(ANA,))
    experts = replace(POLICY.team("network"), experts=(EVA,))

    assert missing_role(first, place_in_team(first, ANA, TeamRole.EXPERT)) == "agent"
    assert missing_role(experts, place_in_team(experts, EVA, TeamRole.AGENT)) == "expert"


def test_who_has_several_roles_is_called_by_the_first() -> None:
    team = replace(POLICY.team("support"), agents=(LENA, ANA))

    assert [role_in_team(team, one) for one in (LENA, ANA, CLEO)] == [
        TeamRole.LEAD,
        TeamRole.AGENT,
        TeamRole.NOT_MEMBER,
    ]


def test_whoever_applies_the_description_reads_of_whom_something_else_was_said() -> None:
    said = [
        says(BEN, TeamRole.NOT_MEMBER),
        says(CLEO, TeamRole.AGENT),
        says(ANA, TeamRole.AGENT),
        says(LEO, TeamRole.NOT_MEMBER, team="gone"),
    ]

    assert [str(one) for one in membership_differences(POLICY, said, NAMES)] == [
        "Support: Ben Adler is not in the team, as Lena Lis set in Slack on 2026-10-05",
        "Support: Cleo Kent is agent, as Lena Lis set in Slack on 2026-10-05",
    ]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", MembershipCommand()),
        ("support", MembershipCommand("support")),
        ("add @U0AGENT1 agent", MembershipCommand("", ANA, TeamRole.AGENT)),
        ("Service Desk Add @U0AGENT1 as Expert", MembershipCommand("Service Desk", ANA, TeamRole.EXPERT)),
        ("support remove @U0AGENT1", MembershipCommand("support", ANA, TeamRole.NOT_MEMBER)),
        ("remove @U0AGENT1", MembershipCommand("", ANA, TeamRole.NOT_MEMBER)),
    ],
)
def test_it_is_understood_as_leads_type_it(text: str, asked: MembershipCommand) -> None:
    assert parse_membership_command(text) == asked


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("support add", "Whom?"),
        ("add Ana agent", "Slack knows nobody called `Ana`"),
        ("add @U0AGENT1", "In which role? Roles: agent, expert, lead."),
        ("add @U0AGENT1 boss", "`boss` isn't a role."),
        ("add @U0AGENT1 none", "`none` isn't a role."),
        ("remove @U0AGENT1 agent", "Removing somebody needs no role"),
    ],
)
def test_what_is_missing_is_said(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words.replace("?", r"\?")):
        parse_membership_command(text)
