"""A user group stands where people are named: those of its members who count are the team's."""

from typing import Any

import pytest

from rules.config.faults import ConfigurationError
from rules.config.policy import parse_policy
from rules.model.groups import SlackUserGroup
from rules.model.policy import Team
from tests.rules.descriptions import description, put

HELPERS = SlackUserGroup("S0HELP", "Helpers", "helpers", ("U0AGENT2", "U0AGENT3", "U0BOT1"), frozenset({"U0BOT1"}))


@pytest.fixture
def plain() -> dict[str, Any]:
    return put(description(), "teams.support.agents", ["U0AGENT1", "S0HELP", "U0AGENT2"])


def support(plain: dict[str, Any], *known: SlackUserGroup) -> Team:
    return parse_policy(plain, {group.key: group for group in known}).team("support")


def test_its_members_work_there_each_once_and_without_those_left_out(plain: dict[str, Any]) -> None:
    assert support(plain, HELPERS).agents == ("U0AGENT1", "U0AGENT2", "U0AGENT3")


@pytest.mark.parametrize("role", ["leads", "agents", "experts"])
def test_it_may_stand_wherever_a_team_names_people(role: str) -> None:
    team = support(put(description(), f"teams.support.{role}", ["S0HELP"]), HELPERS)

    assert getattr(team, role) == ("U0AGENT2", "U0AGENT3")
    assert [(feed.role, feed.group) for feed in team.role_groups] == [(role, HELPERS)]


def test_a_team_whose_only_people_are_not_known_yet_is_empty_and_right() -> None:
    plain = put(description(), "teams.network.experts", ["S0HELP"])

    network = parse_policy(plain).team("network")

    assert network.people == ()
    assert [feed.group.is_known for feed in network.role_groups] == [False]


def test_nobody_is_known_by_the_id_of_a_group(plain: dict[str, Any]) -> None:
    policy = parse_policy(plain)

    assert "S0HELP" not in policy.everyone
    assert policy.user_group_ids == ("S0HELP",)


def test_who_is_left_out_is_still_asked_after_for_they_may_come_back(plain: dict[str, Any]) -> None:
    assert "U0BOT1" in parse_policy(plain, {"S0HELP": HELPERS}).everyone


def test_an_approver_who_may_be_in_the_group_is_no_fault() -> None:
    plain = put(description(), "teams.network.experts", ["S0HELP"])
    plain["teams"]["network"] |= {"approval": "all", "approvers": ["U0AGENT3"]}

    assert parse_policy(plain).team("network").approval is not None


def test_a_lead_who_comes_from_a_group_may_decide_alone() -> None:
    plain = put(description(), "teams.network.leads", ["S0HELP"])
    plain["teams"]["network"]["lead_decides"] = True

    assert parse_policy(plain).team("network").leads == ()


@pytest.mark.parametrize("path", ["managers", "observers", "admins"])
def test_who_sees_every_team_is_named_in_person(path: str) -> None:
    with pytest.raises(ConfigurationError, match="`S0HELP` is not a Slack member id"):
        parse_policy(put(description(), path, ["S0HELP"]))
