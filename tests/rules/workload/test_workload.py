"""Work in minutes, and when a day holds more than one person can keep in hand."""

import pytest

from rules.workload.workload import WorkItem, Workload, day_fullness, find_overloads

H, M = 3600.0, 60.0


def long(many: int, *, first: int = 1, waits: bool = False) -> tuple[WorkItem, ...]:
    return tuple(WorkItem(number, "move", H, H, waits) for number in range(first, first + many))


def short(many: int, *, first: int = 1000) -> tuple[WorkItem, ...]:
    return tuple(WorkItem(number, "password", 5 * M, 5 * M) for number in range(first, first + many))


def test_minutes_are_what_is_left_and_what_waits_is_told_apart() -> None:
    load = Workload(
        (
            WorkItem(1, "move", H, 20 * M),
            WorkItem(2, "move", H, 10 * M),
            WorkItem(3, "move", H, 45 * M, is_waiting=True),
        )
    )

    assert (load.minutes, load.waiting_minutes, len(load.workable_items)) == (30, 45, 2)


@pytest.mark.parametrize(
    ("load", "too_much"),
    [
        (Workload(long(10)), False),
        (Workload(long(11)), True),
        (Workload(short(100)), False),
        (Workload(short(101)), True),
        (Workload(long(5) + short(50)), False),
        (Workload(long(5) + short(51)), True),
        (Workload(long(8), done_long=2), False),
        (Workload(long(8), done_long=3), True),
        (Workload(long(10) + long(9, first=50, waits=True)), False),
    ],
)
def test_ten_tickets_of_an_hour_or_a_hundred_of_minutes_are_a_day_and_one_more_is_too_much(
    load: Workload, too_much: bool
) -> None:
    assert bool(find_overloads({"UANA": load}, {})) is too_much
    assert (day_fullness(load) > 1 + 1e-9) is too_much


def test_an_hour_is_long_and_a_minute_less_is_not() -> None:
    assert WorkItem(1, "move", 60 * M, 0).is_long
    assert not WorkItem(1, "move", 59 * M, 0).is_long


def test_it_is_said_who_could_take_what_until_the_day_can_be_managed() -> None:
    loads = {"UANA": Workload(long(13)), "UBEN": Workload(long(8, first=100)), "UCLEO": Workload()}

    (found,) = find_overloads(loads, dict.fromkeys(range(1, 14), ("UBEN", "UCLEO")))

    assert (found.person, found.long_count, found.minutes) == ("UANA", 13, 780)
    assert found.moves == ((1, "UCLEO"), (2, "UCLEO"), (3, "UCLEO"))


def test_nobody_is_asked_to_take_what_would_be_too_much_for_them() -> None:
    loads = {"UANA": Workload(long(13)), "UBEN": Workload(long(9, first=100))}

    (found,) = find_overloads(loads, dict.fromkeys(range(1, 14), ("UBEN",)))

    assert found.moves == ((1, "UBEN"),)


def test_who_is_not_competent_is_not_named() -> None:
    loads = {"UANA": Workload(long(11)), "UBEN": Workload()}

    assert find_overloads(loads, {})[0].moves == ()


def test_the_fullest_stands_first() -> None:
    found = find_overloads({"UANA": Workload(long(11)), "UBEN": Workload(long(14, first=100))}, {})

    assert [one.person for one in found] == ["UBEN", "UANA"]
