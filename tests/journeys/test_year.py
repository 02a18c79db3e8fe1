"""A year on a held clock: leave, holidays, both nights on which the clocks change, and weekends in which all breaks.

Three teams work by three calendars; what reached Slack is held against what every ticket's history demands, counted
minute by minute on walls of our own. No alert is missing, none is told twice, none at night.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from services.alerts.delivery import ALERT_MENTION
from storage.alerts import ALERT_DIGEST
from storage.outbox.outbox import ALERT_GROUP
from tests.databases import sqlite_file
from tests.desks import HeldClock, opened_desk
from tests.journeys.year import findings, play
from tests.journeys.year.oracle import BREACH, Case
from tests.journeys.year.script import STORMS, WEEK, storm_breaks, year
from tests.journeys.year.wall import MINUTE, stamp
from tests.journeys.year.world import WORLD, channel_of, leads_of, team_of

SEED = 2026
JANUARY = datetime(2026, 1, 5, tzinfo=UTC)
SPRING = datetime(2026, 3, 18, tzinfo=UTC)
SHOWN = 10

Storm = tuple[datetime, str, int]


@dataclass(frozen=True)
class Lived:
    """What came of it: what was said beside what should have been, and when the desk says that each promise is due."""

    found: findings.Year
    cases: list[Case]
    due: dict[tuple[int, str, int], int]


async def lived(database_url: str, first: datetime, *, weeks: int, busy: int = 3) -> Lived:
    """Those weeks, by two desks that sweep in turns, both of which start again in the middle."""
    clock = HeldClock(first)
    run = play.Year(clock, year(SEED, first, weeks, busy=busy))
    for until in (first + weeks / 2 * WEEK, first + weeks * WEEK):
        async with opened_desk(database_url, clock, plain=WORLD) as one, opened_desk(database_url, clock) as other:
            await run.live(one, other, until=until)
            lives, due = await one.read(play.lives), await one.read(play.due)
    cases = [Case(ticket, history, stamp(clock.now)) for ticket, history in lives]
    return Lived(findings.Year(run.said, cases, until=stamp(clock.now)), cases, due)


@pytest.fixture(scope="module")
def whole(databases: Path, sqlite_desk: Path) -> Iterator[Lived]:
    with sqlite_file(databases, sqlite_desk) as database_url:
        yield asyncio.run(lived(database_url, JANUARY, weeks=52))


def first_few(found: Iterator[str]) -> list[str]:
    return list(islice(found, SHOWN))


def test_no_alert_of_a_year_is_missing(whole: Lived) -> None:
    assert first_few(whole.found.missing()) == []


def test_nobody_reads_of_what_did_not_happen(whole: Lived) -> None:
    assert first_few(whole.found.needless()) == []


def test_nothing_is_told_twice(whole: Lived) -> None:
    assert first_few(whole.found.doubled()) == []


def test_nobody_is_called_at_night_on_a_day_off_or_on_leave(whole: Lived) -> None:
    assert first_few(whole.found.at_night()) == []


@pytest.mark.parametrize("storm", STORMS, ids=lambda storm: f"{storm[0]:%B} {storm[1]}")
def test_a_weekend_in_which_all_breaks_is_one_message_for_the_channel_and_one_for_each_person(
    whole: Lived, storm: Storm
) -> None:
    begins, type_, many = storm
    opening, team = storm_breaks(begins, type_), team_of(type_)

    said = whole.found.between(opening, opening + MINUTE)

    posts = [one for one in said if one.lane == channel_of(team)]
    people = Counter(one.lane for one in said if one.kind == ALERT_DIGEST)
    assert [(one.kind, len(one.numbers) >= many) for one in posts if one.kind != ALERT_MENTION] == [(ALERT_GROUP, True)]
    assert set(people) >= set(leads_of(team))
    assert set(people.values()) == {1}


def test_every_promise_is_due_when_a_count_on_the_wall_says(whole: Lived) -> None:
    counted = {
        (case.ticket.number, count.target, count.started): count.due for case in whole.cases for count in case.counts
    }

    assert {key: (due, counted.get(key)) for key, due in whole.due.items() if counted.get(key) != due} == {}


def test_the_year_has_everything_that_can_go_wrong(whole: Lived) -> None:
    told = [told for case in whole.cases for told, _ in case.tellings]
    kinds = Counter((one.target, one.level) for one in told)
    happened = Counter(event.kind for case in whole.cases for event in case.history)

    assert len(whole.cases) > 250
    assert min(kinds["first_response", 1], kinds["resolution", 2], kinds["expert_answer", BREACH]) > 5
    assert kinds["next_response", BREACH] > 5
    assert min(sum(one.up for one in told), sum(one.again and not one.up for one in told)) > 20
    assert min(happened[each] for each in ("waiting", "extended", "snoozed", "reopened", "escalated")) > 10


async def test_some_busy_weeks_in_spring_are_told_as_well_on_either_database(database_url: str) -> None:
    spring = (await lived(database_url, SPRING, weeks=2, busy=12)).found

    assert len(spring.tellings) > 100
    assert first_few(spring.missing()) == []
    assert first_few(spring.needless()) == []
    assert [*first_few(spring.doubled()), *first_few(spring.at_night())] == []
