"""Single nights, weekends and days off at which an alert is easily lost, told twice, or told to somebody asleep."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from services.desk import Desk
from storage.alerts import ALERT_CARD, ALERT_DIGEST
from storage.outbox.outbox import ALERT_GROUP
from tests.desks import HeldClock, opened_desk
from tests.journeys.year.play import Said, Year
from tests.journeys.year.script import WARSAW, WEEK, Step
from tests.journeys.year.wall import moment, stamp
from tests.journeys.year.world import CLEO, WORLD

ANA, LENA, MIA, OMAR, WANDA = "U0ANA", "U0LENA", "U0MIA", "U0OMAR", "U0WANDA"
SUPPORT = "C0SUPPORT"
TOLD = (ALERT_CARD, ALERT_GROUP, ALERT_DIGEST)


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    async with opened_desk(database_url, clock, plain=WORLD) as opened:
        yield opened


def step(local: str, verb: str, by: str = CLEO, to: str = "") -> Step:
    """Somebody does it at that time in Warsaw."""
    return Step(stamp(datetime.fromisoformat(local).replace(tzinfo=WARSAW)), verb, by, to=to)


async def lived(desk: Desk, clock: HeldClock, *steps: Step) -> list[Said]:
    """What was newly said until a week after the last step."""
    clock.now = moment(steps[0].at)
    year = Year(clock, steps)
    await year.live(desk, until=moment(steps[-1].at) + WEEK)
    return [one for one in year.said if one.new and one.kind in TOLD]


def read_by(said: list[Said], lane: str) -> list[str]:
    """When this person or channel was told, by the clock in Warsaw, and how far it had come."""
    return [
        f"{moment(one.at).astimezone(WARSAW):%a %d %H:%M} {max(alarm.level for alarm in one.alarms)}"
        for one in said
        if one.lane == lane
    ]


async def test_what_is_due_at_closing_on_friday_is_overdue_when_the_office_opens(desk: Desk, clock: HeldClock) -> None:
    said = await lived(desk, clock, step("2026-05-22 14:30", "file", to="mail normal"))

    first_reply = [one for one in said if any(alarm.target == "first_response" for alarm in one.alarms)]
    assert read_by(first_reply, LENA)[:2] == ["Fri 22 16:06 2", "Mon 25 08:00 100"]


async def test_on_the_day_after_a_holiday_the_managers_stand_in_for_a_lead_on_leave(
    desk: Desk, clock: HeldClock
) -> None:
    said = await lived(
        desk,
        clock,
        step("2026-06-03 15:00", "file", to="mail normal"),  # the 4th is Corpus Christi; Lena is away on the 5th
        step("2026-06-08 07:00", "resolve", by=ANA),
    )

    assert read_by(said, SUPPORT) == ["Wed 03 16:00 1"]
    assert read_by(said, OMAR) == ["Fri 05 15:00 100"]  # 9 in New York; in Warsaw it was overdue since 8:30
    assert [read_by(said, lead) for lead in (LENA, MIA)] == [[], []]  # when they are back it is done


async def test_while_whoever_has_it_is_on_leave_the_lead_is_told(desk: Desk, clock: HeldClock) -> None:
    said = await lived(
        desk,
        clock,
        step("2026-02-06 15:00", "file", to="network normal"),
        step("2026-02-06 15:10", "take", by=ANA),  # from Monday on she is away for two weeks
        step("2026-02-06 15:11", "reply", by=ANA),
    )

    assert read_by(said, LENA)[0] == "Mon 09 10:30 1"
    assert read_by(said, ANA) == []


async def test_what_burns_day_and_night_waits_for_the_team_that_sleeps(desk: Desk, clock: HeldClock) -> None:
    said = await lived(
        desk,
        clock,
        step("2026-05-08 22:00", "file", to="mail critical"),  # to be done in four hours, whatever the hour
        step("2026-05-11 08:20", "take", by="U0DORA"),
    )

    assert read_by(said, SUPPORT) == ["Mon 11 08:00 100"]
    assert read_by(said, LENA) == ["Mon 11 08:00 100"]


@pytest.mark.parametrize(
    ("filed", "half", "lead"),
    [
        ("2026-03-28 22:00", "Sun 29 05:00 1", "Mon 30 08:00 100"),  # the clocks go forward that night
        ("2026-10-24 22:00", "Sun 25 03:00 1", "Mon 26 08:00 100"),  # they go back
    ],
)
async def test_six_hours_are_six_hours_in_the_night_in_which_the_clocks_change(
    desk: Desk, clock: HeldClock, filed: str, half: str, lead: str
) -> None:
    replied = "U0QUINN"
    begun = step(filed, "file", to="servers normal")  # to be done in twelve hours
    answered = Step(begun.at + 60, "take", replied), Step(begun.at + 90, "reply", replied)

    said = await lived(desk, clock, begun, *answered)

    assert read_by(said, "C0WATCH") == [half]
    assert read_by(said, WANDA)[0] == lead  # she leads the watch in office hours


async def test_a_pause_just_before_a_warning_moves_the_warning_and_doubles_nothing(
    desk: Desk, clock: HeldClock
) -> None:
    said = await lived(
        desk,
        clock,
        step("2026-05-11 08:00", "file", to="network normal"),  # to be done in eight hours, half of them by 12:00
        step("2026-05-11 08:05", "take", by="U0DORA"),
        step("2026-05-11 08:06", "reply", by="U0DORA"),
        step("2026-05-11 11:59", "wait", by="U0DORA"),
        step("2026-05-12 08:00", "write", by=CLEO),
        step("2026-05-12 08:30", "reply", by="U0DORA"),
        step("2026-05-12 09:00", "wait", by="U0DORA"),
        step("2026-05-12 13:00", "write", by=CLEO),
        step("2026-05-12 14:00", "resolve", by="U0DORA"),
    )

    assert read_by(said, SUPPORT) == ["Tue 12 08:01 1"]


async def test_a_desk_that_starts_again_between_a_breach_and_its_step_up_tells_the_managers_once(
    database_url: str, clock: HeldClock
) -> None:
    filed = step("2026-05-11 09:00", "file", to="mail critical")
    clock.now = moment(filed.at)
    year = Year(clock, [filed])
    for until in ("2026-05-11 09:30", "2026-05-11 12:00"):
        async with opened_desk(database_url, clock, plain=WORLD) as desk:
            await year.live(desk, until=datetime.fromisoformat(until).replace(tzinfo=WARSAW))

    told = read_by(year.said, MIA)
    assert told == ["Mon 11 09:50 100"]
