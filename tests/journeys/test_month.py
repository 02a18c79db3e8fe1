"""A month on a held clock: people are away, baskets go round, and two processes press on every escalation at once.

Two desks run the jobs in turns, as two processes do; a third is a real one and answers escalations against them. What
came of it is read off the history and held against who was away when, counted on walls of our own: no ticket sat with
somebody who was away for longer than their team waits, equals were given the same work, and every escalation was
decided once.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import select

from rules.escalations.outcomes import EscalationOutcomes, count_outcomes
from storage.escalations.improvement_items import open_items
from storage.escalations.outcomes import escalations_between
from storage.reassignment.bulk import REASSIGNMENT_CARD
from storage.schema.tickets import Escalation, OutboxMessage
from storage.transaction import Reader
from tests.databases import TEMPLATE, fresh, sqlite_file
from tests.desks import HeldClock, opened_desk
from tests.journeys.month import findings
from tests.journeys.month.findings import Lives
from tests.journeys.month.leaves import Absences
from tests.journeys.month.play import Month
from tests.journeys.month.pressing import Pressing
from tests.journeys.month.rival import Rival
from tests.journeys.month.world import EQUALS, FIRST, MANY, WEEKS, WORLD
from tests.journeys.year.play import lives
from tests.journeys.year.wall import stamp

SEED = 2026
SHOWN = 5


@dataclass(frozen=True)
class Lived:
    """What came of it."""

    lives: Lives
    escalations: Sequence[Escalation]
    gaps: int
    ledger: EscalationOutcomes
    told: frozenset[tuple[str, str]]
    absences: Absences
    counts: Counter[str]
    until: int


async def lived(database_url: str, *, weeks: int) -> Lived:
    clock, dice = HeldClock(FIRST), random.Random(SEED)
    async with opened_desk(database_url, clock, plain=WORLD) as one, opened_desk(database_url, clock) as other:
        rival = await Rival.started(database_url)
        month = Month(clock, (one, other), Pressing(one, rival, dice), dice)
        await month.live(weeks=weeks)
        await rival.stop()
        gaps, ledger = (
            await one.read(open_items, None),
            count_outcomes(await one.read(escalations_between, start=FIRST)),
        )
        found = await one.read(lives), await one.read(asked), sum(gap.count for gap in gaps), ledger
        told = await one.read(told_of_baskets)
    return Lived(*found, told, month.absences, month.counts + month.pressing.counts, stamp(clock.now))


def asked(reader: Reader) -> Sequence[Escalation]:
    return reader.session.scalars(select(Escalation).where(Escalation.workspace_id == reader.workspace)).all()


def told_of_baskets(reader: Reader) -> frozenset[tuple[str, str]]:
    """Each basket that the desk moved, with who read of it as somebody who leads."""
    rows = select(OutboxMessage).where(
        OutboxMessage.workspace_id == reader.workspace, OutboxMessage.kind == REASSIGNMENT_CARD
    )
    subjects = [(row.subject.partition("."), row.lane) for row in reader.session.scalars(rows)]
    return frozenset((basket, lane) for (basket, _, role), lane in subjects if role == "lead")


@pytest.fixture(scope="module")
def month(databases: Path, sqlite_desk: Path) -> Iterator[Lived]:
    """The whole month, on SQLite."""
    with sqlite_file(databases, sqlite_desk) as database_url:
        yield asyncio.run(lived(database_url, weeks=WEEKS))


@pytest.fixture(scope="module")
def week(postgresql_desk: str) -> Iterator[Lived]:
    """Its first week, on PostgreSQL, where two processes really write at once."""
    with fresh(postgresql_desk, template=TEMPLATE) as database_url:
        yield asyncio.run(lived(database_url, weeks=1))


@pytest.fixture(params=["month", "week"])
def either(request: pytest.FixtureRequest) -> Lived:
    """The one and the other."""
    result: Lived = request.getfixturevalue(request.param)
    return result


def first_few(found: Iterator[str]) -> list[str]:
    return list(islice(found, SHOWN))


def test_no_ticket_sits_with_somebody_who_is_away_for_longer_than_their_team_waits(either: Lived) -> None:
    assert first_few(findings.sat_too_long(either.lives, either.absences, either.until)) == []


def test_who_is_known_to_be_away_for_long_is_not_waited_for_at_all(either: Lived) -> None:
    assert first_few(findings.was_waited_for(either.lives, either.absences, either.until)) == []


def test_what_is_given_to_nobody_could_be_nobodys_and_somebody_who_leads_and_is_there_reads_it(either: Lived) -> None:
    assert first_few(findings.left_lying(either.lives, either.absences, either.told)) == []


@pytest.mark.parametrize("team", EQUALS)
def test_no_equal_is_given_a_tenth_more_or_less_work_than_they_get_on_average(month: Lived, team: str) -> None:
    given = findings.minutes_given(month.lives, team)

    assert min(given.values()) > 2000
    assert findings.unfairness(given) <= 0.1, given


def test_every_escalation_is_decided_exactly_once_whoever_presses_at_the_same_moment(either: Lived) -> None:
    assert first_few(findings.not_decided_once(either.lives, either.escalations)) == []


def test_what_the_experts_answered_is_counted_once_in_the_ledger_and_among_what_is_missing(either: Lived) -> None:
    happened = findings.happened(either.lives)

    assert (either.ledger.accepted, either.ledger.rejected) == (happened["accepted"], happened["rejected"])
    assert either.gaps == happened["rejected"]


def test_the_month_has_everything_that_can_go_wrong(month: Lived) -> None:
    happened = findings.happened(month.lives)
    left = [leave for leave in month.absences.entered if leave.gone]
    ended_early = [leave for leave in month.absences.entered if leave.back is not None and not leave.gone]

    assert len(month.lives) == sum(MANY.values()) >= 600
    assert len(month.absences.entered) > 80
    assert min(len(left), len(ended_early)) >= 3
    assert min(happened[each] for each in ("escalated", "handed", "waiting")) > 60
    assert min(happened[each] for each in ("accepted", "rejected", "reopened", "passed", "voted")) > 5
    assert min(happened[each] for each in ("redirected", "withdrawn", "passed_over", "asked_back")) > 5
    assert min(month.counts[each] for each in ("given by mistake", "taken back", "undone")) >= 1
    assert min(month.counts[each] for each in ("won here", "won there")) > 25


def test_the_week_has_absences_escalations_and_races(week: Lived) -> None:
    happened = findings.happened(week.lives)

    assert min(happened[each] for each in ("escalated", "handed", "accepted")) >= 3
    assert min(week.counts[each] for each in ("won here", "won there")) >= 1
