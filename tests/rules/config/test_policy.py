"""A lead writes desk.yml: what it says becomes the policy."""

from datetime import date, time
from typing import Any

import pytest

from rules.calendars.calendars import is_working_day, open_windows_on
from rules.calendars.durations import Duration
from rules.config.faults import ConfigurationError
from rules.config.policy import configuration_warnings, parse_policy
from rules.model.policy import SlaRule, SupportLine
from rules.model.tickets import Priority
from tests.rules.descriptions import description, put

H = 3600


@pytest.fixture
def plain() -> dict[str, Any]:
    return description()


def test_the_teams_are_read_with_their_people(plain: dict[str, Any]) -> None:
    support, network = parse_policy(plain).teams.values()

    assert (support.name, support.line, support.channel) == ("Support", SupportLine.FIRST, "C0SUPPORT")
    assert support.people == ("U0LEAD1", "U0AGENT1", "U0AGENT2")
    assert (support.summary_at, support.answer_within) == (time(16), Duration(seconds=1800))
    assert (network.line, network.experts, network.handles) == (SupportLine.EXPERT, ("W0EXPERT1",), ("network",))
    assert (network.summary_at, network.answer_within) == (None, Duration(seconds=1200))


def test_whoever_has_a_role_and_names_nobody_has_the_roles_deputy(plain: dict[str, Any]) -> None:
    put(plain, "teams.support.deputies", {"leads": "U0AGENT1", "agents": "U0AGENT1"})
    plain["people"] = {"U0AGENT2": {"deputy": "U0LEAD1"}}

    people = parse_policy(plain).people

    assert people["U0LEAD1"].deputy == "U0AGENT1"
    assert people["U0AGENT2"].deputy == "U0LEAD1"
    assert "U0AGENT1" not in people


def test_a_deputy_for_a_role_that_there_is_not_is_named(plain: dict[str, Any]) -> None:
    put(plain, "teams.support.deputies", {"boss": "U0AGENT1"})

    with pytest.raises(ConfigurationError) as refused:
        parse_policy(plain)

    assert "boss" in str(refused.value.faults[0])


def test_the_types_know_their_teams(plain: dict[str, Any]) -> None:
    network, other = parse_policy(plain).types.values()

    assert (network.name, network.team, network.expert_team, network.priority) == (
        "Network",
        "support",
        "network",
        Priority.HIGH,
    )
    assert (other.expert_team, other.priority) == (None, Priority.NORMAL)


def test_the_promises_are_read_in_their_order(plain: dict[str, Any]) -> None:
    policy = parse_policy(plain)

    assert policy.sla_rules == (
        SlaRule(Duration(seconds=900), Duration(seconds=4 * H), priority=Priority.CRITICAL),
        SlaRule(Duration(seconds=1800), type="network", team="support"),
        SlaRule(Duration(seconds=2 * H), Duration(days=3)),
    )
    assert policy.warn_at == (0.5, 0.8)


def test_those_who_see_every_team_are_read(plain: dict[str, Any]) -> None:
    policy = parse_policy(plain)

    assert [*policy.managers, *policy.observers, *policy.admins] == ["U0MANAGER1", "U0OBSERVER1", "U0ADMIN1"]


def test_the_calendar_has_its_hours_holidays_and_own_days(plain: dict[str, Any]) -> None:
    office = parse_policy(plain).calendars["office"]

    assert open_windows_on(office, date(2026, 11, 26)) == ((8 * H, 12 * H), (12 * H + 1800, 16 * H + 1800))
    assert open_windows_on(office, date(2026, 11, 27)) == ((8 * H, 14 * H),)
    assert open_windows_on(office, date(2026, 12, 19)) == ((9 * H, 13 * H),)
    assert not any(is_working_day(office, date(2026, *day)) for day in ((11, 11), (11, 28), (12, 31)))


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("mon", {0}),
        ("mon,wed", {0, 2}),
        ("mon-wed, fri", {0, 1, 2, 4}),
        ("fri-mon", {4, 5, 6, 0}),
        ("mon-sun", set(range(7))),
    ],
)
def test_weekdays_are_named_alone_in_lists_and_in_spans(plain: dict[str, Any], words: str, days: set[int]) -> None:
    office = parse_policy(put(plain, "calendars.office.hours", {words: ["08:00-16:00"]})).calendars["office"]

    assert {day for day in range(7) if office.hours[day]} == days


def test_a_desk_needs_little_to_begin() -> None:
    policy = parse_policy({"teams": {"help": {"channel": "C1", "agents": ["U1"]}}, "types": {"any": {"team": "help"}}})

    assert (policy.team("help").name, policy.type("any").name, policy.warn_at) == ("help", "any", (0.5, 0.8))


def test_tickets_that_nothing_is_promised_for_are_a_warning(plain: dict[str, Any]) -> None:
    plain["sla"].pop()

    told = [str(text) for text in configuration_warnings(parse_policy(plain))]

    assert [sentence for sentence in told if "type `other`" in sentence] == [
        "No SLA row sets `first_response` for type `other` with priority high, normal, low. "
        "Add it to a last row without conditions: `{first_response: 2h}`.",
        "No SLA row sets `resolution` for type `other` with priority high, normal, low. "
        "Add it to a last row without conditions: `{resolution: 3d}`.",
    ]


def test_a_promise_that_never_applies_is_a_warning(plain: dict[str, Any]) -> None:
    plain["sla"].append({"priority": "critical", "resolution": "1h"})

    assert [str(warning) for warning in configuration_warnings(parse_policy(plain))] == [
        "SLA row 4: its `resolution` never applies, as row 1 has the same conditions and comes first. "
        "Keep one of the two."
    ]


def test_a_whole_description_warns_of_nothing(plain: dict[str, Any]) -> None:
    assert configuration_warnings(parse_policy(plain)) == ()


@pytest.mark.parametrize(
    ("written", "read"), [({}, False), ({"presence_board": True}, True), ({"presence_board": False}, False)]
)
def test_a_team_has_a_floor_card_where_it_says_so(plain: dict[str, Any], written: dict[str, Any], read: bool) -> None:
    plain["teams"]["support"] |= written

    assert parse_policy(plain).team("support").has_presence_board is read
