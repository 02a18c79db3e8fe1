"""When a team's day is told, and what is read from its numbers."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from rules.model.policy import Team
from rules.reports.summaries import (
    DayLoad,
    PersonShare,
    build_team_summary,
    busiest_people,
    helper_candidates,
    next_summary_at,
    suggested_helpers,
    summary_day_due,
)
from tests.rules.office import OFFICE, warsaw

SUPPORT = Team("support", "Support", leads=("U0LEAD1",), agents=("U0AGENT1", "U0AGENT2"), summary_at=time(16))
MONDAY = date(2026, 11, 2)


def day_of(
    held: dict[str | None, DayLoad], moved: dict[str, DayLoad] | None = None, team: Team = SUPPORT
) -> list[PersonShare]:
    return list(build_team_summary(team, MONDAY, incoming=0, held=held, moved=moved or {}).people)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("02T15:59:59", None),
        ("02T16:00", MONDAY),
        ("02T23:59:59", MONDAY),
        ("03T00:00", None),
        ("07T16:00", None),  # a Saturday
        ("11T16:00", None),  # Independence Day
    ],
)
def test_a_day_is_due_from_its_hour_until_it_ends(moment: str, day: date | None) -> None:
    assert summary_day_due(SUPPORT, OFFICE, warsaw(moment)) == day


def test_an_hour_that_the_clock_skips_is_the_first_moment_after_it() -> None:
    night = replace(SUPPORT, summary_at=time(2, 30))
    always = replace(OFFICE, hours=(((0, 86_400),),) * 7, holidays="")

    at_one = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)  # 1:59 in Warsaw, and then it is 3:00

    assert summary_day_due(night, always, at_one) is None
    assert summary_day_due(night, always, datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == date(2026, 3, 29)


def test_a_team_without_an_hour_is_told_nothing() -> None:
    assert summary_day_due(replace(SUPPORT, summary_at=None), OFFICE, warsaw("02T18:00")) is None


def test_a_lead_stands_in_the_list_only_with_something_of_their_own() -> None:
    assert [one.who for one in day_of({})] == ["U0AGENT1", "U0AGENT2"]
    assert "U0LEAD1" in [one.who for one in day_of({"U0LEAD1": DayLoad(open=1)})]


def helpers_of(held: dict[str | None, DayLoad], absent: tuple[str, ...] = ()) -> list[str]:
    summary = build_team_summary(SUPPORT, MONDAY, incoming=0, held=held, moved={})
    return helper_candidates(SUPPORT, summary, absent)


def test_a_lead_without_tickets_could_help_and_the_busiest_could_not() -> None:
    held: dict[str | None, DayLoad] = {"U0AGENT1": DayLoad(open=3), "U0AGENT2": DayLoad(open=1)}

    assert helpers_of(held) == ["U0LEAD1", "U0AGENT2"]
    assert helpers_of(held, absent=("U0LEAD1",)) == ["U0AGENT2"]


def test_where_nothing_is_open_nobody_is_suggested_to_help() -> None:
    assert helpers_of({}) == []


def test_those_with_the_least_work_are_suggested_first() -> None:
    minutes = {"U0AGENT1": 90, "U0AGENT2": 15, "U0LEAD1": 0, "U0AGENT3": 400}

    assert [one.who for one in suggested_helpers(minutes)] == ["U0LEAD1", "U0AGENT2", "U0AGENT1"]


def test_somebody_who_left_the_team_is_seen_with_what_they_still_hold() -> None:
    assert day_of({"U0GONE": DayLoad(open=3)})[0] == PersonShare("U0GONE", DayLoad(open=3))


def test_two_who_hold_as_many_both_hold_most() -> None:
    even = build_team_summary(
        SUPPORT, MONDAY, incoming=0, held={"U0AGENT1": DayLoad(open=2), "U0AGENT2": DayLoad(open=2)}, moved={}
    )

    assert [one.who for one in busiest_people(even)] == ["U0AGENT1", "U0AGENT2"]


def test_when_nobody_holds_anything_nobody_holds_most() -> None:
    assert busiest_people(build_team_summary(SUPPORT, MONDAY, incoming=3, held={None: DayLoad(open=3)}, moved={})) == ()


def test_the_day_is_told_next_at_its_hour_of_the_next_working_day() -> None:
    team = Team("support", "Support", calendar="office", summary_at=time(16))
    friday_evening = warsaw("20 17:00")

    assert next_summary_at(team, OFFICE, warsaw("20 15:00")) == warsaw("20 16:00")
    assert next_summary_at(team, OFFICE, friday_evening) == warsaw("23 16:00")
    assert next_summary_at(replace(team, summary_at=None), OFFICE, friday_evening) is None
