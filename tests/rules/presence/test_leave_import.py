"""What a calendar's entries change in the leave that is kept."""

from datetime import UTC, datetime, timedelta

from rules.presence.leave import LeaveKind, LeavePeriod
from rules.presence.leave_import import (
    CalendarEntry,
    ImportOutcome,
    StoredLeave,
    entry_uid,
    plan_leave_import,
    series_of_uid,
)

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
PLACE = "Europe/Warsaw"


def span(first: int, last: int) -> LeavePeriod:
    """Days of October, `last` not included."""
    return LeavePeriod(datetime(2026, 10, first, tzinfo=UTC), datetime(2026, 10, last, tzinfo=UTC), LeaveKind.HOLIDAY)


def entry(uid: str, first: int, last: int, *, cancelled: bool = False) -> CalendarEntry:
    return CalendarEntry(uid, series_of_uid(uid), span(first, last), cancelled)


def planned(*entries: CalendarEntry, kept: tuple[StoredLeave, ...] = ()) -> list[tuple[str, ImportOutcome]]:
    return [(step.uid, step.outcome) for step in plan_leave_import(entries, kept, NOW, PLACE)]


def test_an_entry_that_is_not_kept_is_new() -> None:
    assert planned(entry("a", 12, 17)) == [("a", ImportOutcome.NEW)]


def test_one_that_is_kept_as_it_is_stays() -> None:
    assert planned(entry("a", 12, 17), kept=(StoredLeave(1, "a", span(12, 17)),)) == [("a", ImportOutcome.SAME)]


def test_one_that_was_taken_back_here_is_not_brought_again() -> None:
    assert planned(entry("a", 12, 17), kept=(StoredLeave(1, "a", span(12, 17), cancelled=True),)) == [
        ("a", ImportOutcome.SAME)
    ]


def test_one_with_other_days_moves() -> None:
    (step,) = plan_leave_import([entry("a", 13, 17)], [StoredLeave(1, "a", span(12, 17))], NOW, PLACE)

    assert (step.outcome, step.stored_id, step.period) == (ImportOutcome.MOVED, 1, span(13, 17))


def test_two_may_change_places() -> None:
    kept = (StoredLeave(1, "a", span(12, 14)), StoredLeave(2, "b", span(14, 16)))

    assert planned(entry("a", 14, 16), entry("b", 12, 14), kept=kept) == [
        ("b", ImportOutcome.MOVED),
        ("a", ImportOutcome.MOVED),
    ]


def test_what_lies_over_other_leave_is_refused_and_says_over_which() -> None:
    (step,) = plan_leave_import([entry("a", 12, 17)], [StoredLeave(1, "", span(16, 18))], NOW, PLACE)

    assert step.outcome is ImportOutcome.REFUSED
    assert "Fri 16 Oct" in str(step.reason)


def test_of_two_that_lie_over_each_other_the_first_counts() -> None:
    assert planned(entry("b", 13, 15), entry("a", 12, 14)) == [("a", ImportOutcome.NEW), ("b", ImportOutcome.REFUSED)]


def test_what_the_file_cancels_is_taken_back_once() -> None:
    gone = entry("a", 12, 17, cancelled=True)

    assert planned(gone, kept=(StoredLeave(1, "a", span(12, 17)),)) == [("a", ImportOutcome.CANCELLED)]
    assert planned(gone, kept=(StoredLeave(1, "a", span(12, 17), cancelled=True),)) == [("a", ImportOutcome.SAME)]
    assert planned(gone) == [("a", ImportOutcome.SAME)]


def test_a_day_that_the_series_leaves_out_now_is_taken_back() -> None:
    first, second = entry_uid("s", "2026-10-09"), entry_uid("s", "2026-10-16")
    kept = (
        StoredLeave(1, first, span(9, 10)),
        StoredLeave(2, second, span(16, 17)),
        StoredLeave(3, "other", span(20, 21)),
    )

    assert planned(entry(first, 9, 10), kept=kept) == [
        (first, ImportOutcome.SAME),
        (second, ImportOutcome.CANCELLED),
        ("other", ImportOutcome.MISSING),
    ]


def test_what_is_not_in_the_file_any_more_makes_room_when_it_is_dropped() -> None:
    kept = [StoredLeave(1, "deleted", span(9, 12)), StoredLeave(2, "", span(20, 21))]

    steps = plan_leave_import([entry("new", 10, 11)], kept, NOW, PLACE, drop_missing=True)

    assert [(step.uid, step.outcome) for step in steps] == [
        ("new", ImportOutcome.NEW),
        ("deleted", ImportOutcome.CANCELLED),
    ]


def test_what_is_over_is_left_alone() -> None:
    assert planned(entry("a", 1, 3)) == [("a", ImportOutcome.PAST)]


def test_who_came_back_early_is_not_sent_away_again() -> None:
    early = LeavePeriod(span(1, 17).begins, NOW - timedelta(hours=1), LeaveKind.HOLIDAY)

    (step,) = plan_leave_import([entry("a", 1, 17)], [StoredLeave(1, "a", early)], NOW, PLACE)

    assert step.outcome is ImportOutcome.REFUSED
    assert "came back" in str(step.reason)
