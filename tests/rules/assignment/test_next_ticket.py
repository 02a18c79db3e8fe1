"""The next best ticket: priority, the risk to be late, and what one knows."""

from datetime import UTC, datetime, timedelta

from rules.assignment.next_ticket import UnassignedTicket, best_next_ticket
from rules.model.people import SkillLevel
from rules.model.tickets import Priority

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=40)


def number(*waiting: UnassignedTicket) -> int:
    found = best_next_ticket(waiting, NOW)
    assert found is not None
    return found.number


def test_the_more_urgent_of_two_that_are_due_alike() -> None:
    assert (
        number(UnassignedTicket(1, Priority.NORMAL, due_at=SOON), UnassignedTicket(2, Priority.HIGH, due_at=SOON)) == 2
    )


def test_the_one_that_is_more_likely_to_be_late() -> None:
    assert (
        number(
            UnassignedTicket(1, Priority.NORMAL, breach_chance=0.1),
            UnassignedTicket(2, Priority.NORMAL, breach_chance=0.7),
        )
        == 2
    )


def test_what_is_almost_lost_goes_before_what_is_urgent_and_safe() -> None:
    assert (
        number(
            UnassignedTicket(1, Priority.HIGH, breach_chance=0.05),
            UnassignedTicket(2, Priority.NORMAL, breach_chance=0.9),
        )
        == 2
    )


def test_without_an_outlook_the_due_time_decides() -> None:
    assert (
        number(UnassignedTicket(1, Priority.NORMAL, due_at=LATER), UnassignedTicket(2, Priority.NORMAL, due_at=SOON))
        == 2
    )


def test_of_two_that_press_alike_the_one_that_one_knows() -> None:
    assert (
        number(
            UnassignedTicket(1, Priority.LOW, due_at=SOON),
            UnassignedTicket(2, Priority.LOW, SkillLevel.EXPERT, due_at=SOON),
        )
        == 2
    )


def test_of_equals_the_oldest() -> None:
    assert number(UnassignedTicket(3, Priority.LOW), UnassignedTicket(2, Priority.LOW)) == 2


def test_where_nothing_waits_there_is_none() -> None:
    assert best_next_ticket([], NOW) is None
