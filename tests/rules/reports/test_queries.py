"""What people type after `/report`, and whose numbers they may read."""

from dataclasses import replace
from datetime import date

import pytest

from rules.calendars.calendars import ALWAYS_OPEN
from rules.errors import Refused
from rules.model.policy import Policy, Team
from rules.people.permissions import Permission
from rules.reports.daily import ReportScope
from rules.reports.queries import (
    ReportPeriod,
    ReportQuery,
    ReportTopic,
    match_imported_team,
    parse_report_query,
    parse_topic_query,
    query_day,
    query_scope,
    query_span,
    report_calendar,
)
from tests.desks import POLICY

TODAY = date(2026, 10, 5)

WHO, TIMES = ReportTopic("who", ReportPeriod.DAY), ReportTopic("times")
HOURS = ReportTopic("hours", permission=Permission.SEE_LOGGED_TIME)
ESCALATIONS = ReportTopic("escalations", ReportPeriod.SINCE)
TOPICS = {topic.word: topic for topic in (WHO, TIMES, HOURS, ESCALATIONS)}


def parsed(text: str) -> ReportQuery:
    """As `/report` reads it: by topic, else as the day's figures."""
    word, _, rest = text.strip().partition(" ")
    topic = TOPICS.get(word.casefold())
    return parse_report_query(text, POLICY, TOPICS) if topic is None else parse_topic_query(topic, rest, POLICY, TOPICS)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", ReportQuery()),
        ("  ", ReportQuery()),
        ("me", ReportQuery(me=True)),
        ("ME", ReportQuery(me=True)),
        ("team network", ReportQuery(team="network")),
        ("team Group 70", ReportQuery(team="Group 70")),
        ("2026-10-05", ReportQuery(day="2026-10-05")),
        ("team network 2026-10-05", ReportQuery(team="network", day="2026-10-05")),
        ("2026-10-05 team network", ReportQuery(team="network", day="2026-10-05")),
        ("me Yesterday", ReportQuery(me=True, day="yesterday")),
        ("who", ReportQuery(topic=WHO)),
        (
            "Who team network yesterday",
            ReportQuery(topic=WHO, team="network", day="yesterday", until="yesterday"),
        ),
        ("times me 2026-10-05", ReportQuery(topic=TIMES, me=True, day="2026-10-05", until="2026-10-05")),
        ("times 2026-10-01..2026-10-05", ReportQuery(topic=TIMES, day="2026-10-01", until="2026-10-05")),
        ("hours 2026-10-01..", ReportQuery(topic=HOURS, day="2026-10-01")),
        ("escalations 2026-10-01", ReportQuery(topic=ESCALATIONS, day="2026-10-01")),
    ],
)
def test_a_question_is_read(text: str, asked: ReportQuery) -> None:
    assert parsed(text) == asked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hlep", "Did you mean `/report help`?"),
        ("network", "Did you mean `/report team network`?"),
        ("Support", "Did you mean `/report team support`?"),
        ("yesterdya", "Did you mean `/report yesterday`?"),
        ("xyzzy", "Unknown option `xyzzy`. Try"),
        ("team", "Which team? Write `/report team NAME`. Teams: `support`, `network`."),
        ("2026-10-05 2026-10-06", "One day at a time"),
        ("me too", "Unknown option `me too`."),
        ("tmes", "Did you mean `/report times`?"),
        ("who support", "Unknown option `support`. Did you mean `/report who team support`?"),
        ("hours team", "Which team? Write `/report hours team NAME`."),
        ("who 2026-10-01..2026-10-05", "Write `/report who` with `me` or `team NAME`, and with a day: `2026-09-30`."),
        ("times help", "Write `/report times` with `me` or `team NAME`, and with days: `2026-09-01..2026-09-30`."),
        ("times 2026-10-01 2026-10-02", "One period at a time: `2026-10-01` or `2026-10-02`?"),
    ],
)
def test_a_question_that_cannot_be_read_is_answered_with_what_may_be_meant(text: str, said: str) -> None:
    with pytest.raises(Refused) as refusal:
        parsed(text)

    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("2026-10-06", "2026-10-06 is in the future."),
        ("2026-02-30", "There is no day `2026-02-30`"),
        ("2026-13-01", "There is no day `2026-13-01`"),
        ("5.10.2026", "write year, month and day, such as `2026-10-05`"),
        ("05-10-2026", "write year, month and day"),
        ("0001-01-01", "is too early"),
    ],
)
def test_a_day_that_is_none_or_still_to_come_is_refused_in_a_sentence(word: str, said: str) -> None:
    with pytest.raises(Refused) as refusal:
        query_day(word, TODAY)

    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("times", TODAY, TODAY),
        ("times 2026-10-01", date(2026, 10, 1), date(2026, 10, 1)),
        ("hours 2026-10-01..", date(2026, 10, 1), TODAY),
        ("hours 2026-10-01..yesterday", date(2026, 10, 1), date(2026, 10, 4)),
        ("times 2026-07-06..2026-10-05", date(2026, 7, 6), TODAY),
        ("escalations", date(2026, 7, 7), TODAY),
        ("escalations 2026-10-01", date(2026, 10, 1), TODAY),
    ],
)
def test_a_span_is_read(text: str, first: date, last: date) -> None:
    assert query_span(parsed(text), TODAY) == (first, last)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "times 2026-10-05..2026-10-01",
            "`2026-10-05..2026-10-01` ends before it starts. Did you mean `2026-10-01..2026-10-05`?",
        ),
        (
            "hours 2026-07-05..2026-10-05",
            "2026-07-05 to 2026-10-05 is too long: `/report hours` covers at most 92 days",
        ),
        ("times 2026-10-06", "2026-10-06 is in the future"),
    ],
)
def test_a_span_that_is_none_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(Refused) as refusal:
        query_span(parsed(text), TODAY)

    assert said in str(refusal.value)


def test_days_are_read() -> None:
    assert [query_day(word, TODAY) for word in (None, "today", "yesterday", "2026-10-05")] == [
        None,
        None,
        date(2026, 10, 4),
        TODAY,
    ]


@pytest.mark.parametrize("person", ["U0MANAGER1", "U0OBSERVER1"])
def test_who_sees_the_whole_desk_is_answered_for_all_of_it(person: str) -> None:
    assert query_scope(POLICY, person, ReportQuery()) == ReportScope()


def test_a_lead_is_answered_for_the_teams_they_lead() -> None:
    both = replace(POLICY.team("network"), leads=("U0LEAD1", "U0LEAD2"))
    policy = replace(POLICY, teams={**POLICY.teams, "network": both})

    assert query_scope(POLICY, "U0LEAD1", ReportQuery()) == ReportScope(teams=frozenset(["support"]))
    assert query_scope(policy, "U0LEAD1", ReportQuery()) == ReportScope(teams=frozenset(["support", "network"]))


@pytest.mark.parametrize("person", ["U0AGENT1", "U0EXPERT1", "U0CLIENT1"])
def test_everyone_else_is_answered_for_themselves(person: str) -> None:
    assert query_scope(POLICY, person, ReportQuery()) == ReportScope(person=person)


def test_an_agent_who_asks_for_the_team_reads_who_may() -> None:
    with pytest.raises(Refused) as refusal:
        query_scope(POLICY, "U0AGENT1", ReportQuery(team="support"))

    assert str(refusal.value) == (
        "Only leads, managers, observers and admins can see the figures of Support. Your own: `/report me`."
    )


def test_how_long_people_were_at_work_is_no_observers() -> None:
    hours = ReportQuery(topic=HOURS)

    with pytest.raises(Refused) as refusal:
        query_scope(POLICY, "U0OBSERVER1", replace(hours, team="support"))

    assert (
        str(refusal.value)
        == "Only leads, managers and admins can see the hours of Support. Your own: `/report hours me`."
    )
    assert query_scope(POLICY, "U0OBSERVER1", hours) == ReportScope(person="U0OBSERVER1")
    assert query_scope(POLICY, "U0MANAGER1", hours) == ReportScope()
    assert query_scope(POLICY, "U0LEAD1", replace(hours, team="support")) == ReportScope(teams=frozenset(["support"]))


def test_a_lead_may_not_read_another_team() -> None:
    with pytest.raises(Refused):
        query_scope(POLICY, "U0LEAD1", ReportQuery(team="network"))


@pytest.mark.parametrize("name", ["network", "NETWORK", "Network"])
def test_a_team_is_found_by_key_or_name(name: str) -> None:
    assert query_scope(POLICY, "U0LEAD2", ReportQuery(team=name)) == ReportScope(teams=frozenset(["network"]))


def test_a_team_that_a_log_spelled_in_several_ways_is_one() -> None:
    asked = ReportScope(teams=frozenset(["gamma"]))

    found = match_imported_team(POLICY, asked, {"Gamma", "GAMMA", "gamma", "Gamma 2", "support"})

    assert found == ReportScope(teams=frozenset(["Gamma", "GAMMA", "gamma"]))


def test_a_team_of_imported_history_is_known_by_what_the_day_tells() -> None:
    asked = query_scope(POLICY, "U0MANAGER1", ReportQuery(team="group 70"))

    assert match_imported_team(POLICY, asked, {"Group 70", "support"}) == ReportScope(teams=frozenset(["Group 70"]))


def test_a_team_that_nobody_knows_is_answered_with_a_suggestion() -> None:
    asked = query_scope(POLICY, "U0MANAGER1", ReportQuery(team="netwrk"))

    with pytest.raises(Refused) as refusal:
        match_imported_team(POLICY, asked, {"support"})

    assert "Did you mean `/report team network`?" in str(refusal.value)


def test_an_agent_does_not_learn_which_teams_history_knows() -> None:
    with pytest.raises(Refused) as refusal:
        query_scope(POLICY, "U0AGENT1", ReportQuery(team="Group 70"))

    assert str(refusal.value) == "There is no team `Group 70`. Teams: `support`, `network`."


def test_the_day_of_a_whole_desk_is_cut_in_the_zone_that_most_teams_share() -> None:
    office = POLICY.calendars["office"]
    teams = {key: Team(key, key, calendar=where) for key, where in (("a", "utc"), ("b", "office"), ("c", "office"))}
    policy = Policy(calendars={"office": office, "utc": ALWAYS_OPEN}, teams=teams)

    assert report_calendar(policy, ReportScope()).timezone == "Europe/Warsaw"
    assert report_calendar(policy, ReportScope(teams=frozenset("a"))).timezone == "UTC"
    assert report_calendar(Policy(), ReportScope()).timezone == "UTC"
