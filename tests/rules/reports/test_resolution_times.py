"""How long tickets took, worked out by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.model.tickets import Status
from rules.reports.resolution_times import (
    ResolutionTime,
    ResolvedTicket,
    StatusPeriod,
    StatusTime,
    resolution_spread,
    resolution_time,
    summarise_resolution_times,
)
from tests.rules.office import DESK, H, warsaw

MONDAY, TUESDAY = warsaw("16T09:00"), warsaw("17T10:00")
VPN = ResolvedTicket(
    number=1,
    title="VPN is down",
    type="network",
    team="support",
    resolved_by="U0AGENT1",
    created_at=MONDAY,
    resolved_at=TUESDAY,
    calendar="office",
    status_periods=(
        StatusPeriod(MONDAY, Status.NEW),
        StatusPeriod(warsaw("16T11:00"), Status.IN_PROGRESS),
        StatusPeriod(TUESDAY, Status.RESOLVED),
    ),
)


def lasting(number: int, *, hours: int, type_: str = "network") -> ResolvedTicket:
    end = MONDAY + timedelta(hours=hours)
    return replace(VPN, number=number, type=type_, resolved_at=end, status_periods=(StatusPeriod(MONDAY, Status.NEW),))


def stay(at: str, status: Status) -> StatusPeriod:
    return StatusPeriod(warsaw(at), status)


def test_a_night_passes_and_is_not_open() -> None:
    assert resolution_time(VPN, DESK) == ResolutionTime(
        1, "VPN is down", "U0AGENT1", elapsed_s=25 * H, business_s=9 * H
    )


@pytest.mark.parametrize(
    ("calendar", "team", "open_h"),
    [(None, "support", 9), (None, "night", 25), ("", "support", 25), ("office", "night", 9)],
)
def test_open_time_is_that_of_the_promise_else_of_the_team(calendar: str | None, team: str, open_h: int) -> None:
    assert resolution_time(replace(VPN, calendar=calendar, team=team), DESK).business_s == open_h * H


def test_the_median_and_the_ninth_of_ten_lie_on_the_line_between_two() -> None:
    found = resolution_spread(resolution_time(lasting(hours, hours=hours), DESK) for hours in (1, 2, 3, 4))

    assert (found.n, found.median_s) == (4, 2.5 * H)
    assert found.p90_s == pytest.approx(3.7 * H)
    assert (found.business_median_s, found.is_small) == (2.5 * H, True)


def test_each_type_is_counted_by_itself_the_most_frequent_first() -> None:
    found = summarise_resolution_times(
        [lasting(1, hours=5, type_="other"), lasting(2, hours=1), lasting(3, hours=3)], DESK
    )

    assert found
    assert [(key, one.n, one.median_s) for key, one in found.by_type] == [("network", 2, 2 * H), ("other", 1, 5 * H)]


def test_the_five_slowest_are_named_the_slowest_first() -> None:
    found = summarise_resolution_times([lasting(hours, hours=hours) for hours in (1, 6, 2, 5, 3, 4)], DESK)

    assert found
    assert [one.number for one in found.slowest] == [6, 5, 4, 3, 2]


def test_of_nothing_there_are_no_times() -> None:
    assert summarise_resolution_times([], DESK) is None


def test_the_time_is_told_by_state_the_one_with_the_most_open_time_first() -> None:
    found = summarise_resolution_times([VPN], DESK)

    assert found
    assert found.by_status == (StatusTime(Status.IN_PROGRESS, 23 * H, 7 * H), StatusTime(Status.NEW, 2 * H, 2 * H))


def test_all_states_together_are_the_whole_time_of_a_ticket_that_was_reopened() -> None:
    stays = (
        stay("16T09:00", Status.NEW),
        stay("16T09:30", Status.IN_PROGRESS),
        stay("16T10:00", Status.WAITING),
        stay("16T15:00", Status.IN_PROGRESS),
        stay("16T15:30", Status.RESOLVED),
        stay("17T08:30", Status.NEW),
        stay("17T09:00", Status.ESCALATED),
        stay("17T10:00", Status.RESOLVED),
        stay("17T11:00", Status.RESOLVED),  # a note, written later
    )

    found = summarise_resolution_times([replace(VPN, status_periods=stays)], DESK)

    assert found
    assert sum(part.elapsed_s for part in found.by_status) == 25 * H
    assert sum(part.business_s for part in found.by_status) == 9 * H
    assert found.by_status[0] == StatusTime(Status.WAITING, 5 * H, 5 * H)
    assert {part.status: part.elapsed_s for part in found.by_status}[Status.RESOLVED] == 17 * H


def test_what_happened_after_the_solution_takes_no_time() -> None:
    later = replace(
        VPN, status_periods=(*VPN.status_periods, StatusPeriod(TUESDAY + timedelta(hours=5), Status.CLOSED))
    )

    assert summarise_resolution_times([later], DESK) == summarise_resolution_times([VPN], DESK)
