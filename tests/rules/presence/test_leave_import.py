"""What a calendar's entries change in the leave that is kept."""

from datetime import UTC, datetime, timedelta

from rules.presence.leave import LeaveKind, Span
from rules.presence.leave_import import Becomes, Entry, Kept, plan, series_of, uid_of

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
PLACE = "Europe/Warsaw"


def span(first: int, last: int) -> Span:
    """Days of October, `last` not included."""
    return Span(datetime(2026, 10, first, tzinfo=UTC), datetime(2026, 10, last, tzinfo=UTC), LeaveKind.HOLIDAY)


def entry(uid: str, first: int, last: int, *, cancelled: bool = False) -> Entry:
    return Entry(uid, series_of(uid), span(first, last), cancelled)


def planned(*entries: Entry, kept: tuple[Kept, ...] = ()) -> list[tuple[str, Becomes]]:
    return [(step.uid, step.becomes) for step in plan(entries, kept, NOW, PLACE)]


def test_an_entry_that_is_not_kept_is_new() -> None:
    assert planned(entry("a", 12, 17)) == [("a", Becomes.NEW)]


def test_one_that_is_kept_as_it_is_stays() -> None:
    assert planned(entry("a", 12, 17), kept=(Kept(1, "a", span(12, 17)),)) == [("a", Becomes.SAME)]


def test_one_that_was_taken_back_here_is_not_brought_again() -> None:
    assert planned(entry("a", 12, 17), kept=(Kept(1, "a", span(12, 17), cancelled=True),)) == [("a", Becomes.SAME)]


def test_one_with_other_days_moves() -> None:
    (step,) = plan([entry("a", 13, 17)], [Kept(1, "a", span(12, 17))], NOW, PLACE)

    assert (step.becomes, step.kept, step.span) == (Becomes.MOVED, 1, span(13, 17))


def test_two_may_change_places() -> None:
    kept = (Kept(1, "a", span(12, 14)), Kept(2, "b", span(14, 16)))

    assert planned(entry("a", 14, 16), entry("b", 12, 14), kept=kept) == [("b", Becomes.MOVED), ("a", Becomes.MOVED)]


def test_what_lies_over_other_leave_is_refused_and_says_over_which() -> None:
    (step,) = plan([entry("a", 12, 17)], [Kept(1, "", span(16, 18))], NOW, PLACE)

    assert step.becomes is Becomes.REFUSED
    assert "Fri 16 Oct" in step.why


def test_of_two_that_lie_over_each_other_the_first_counts() -> None:
    assert planned(entry("b", 13, 15), entry("a", 12, 14)) == [("a", Becomes.NEW), ("b", Becomes.REFUSED)]


def test_what_the_file_cancels_is_taken_back_once() -> None:
    gone = entry("a", 12, 17, cancelled=True)

    assert planned(gone, kept=(Kept(1, "a", span(12, 17)),)) == [("a", Becomes.CANCELLED)]
    assert planned(gone, kept=(Kept(1, "a", span(12, 17), cancelled=True),)) == [("a", Becomes.SAME)]
    assert planned(gone) == [("a", Becomes.SAME)]


def test_a_day_that_the_series_leaves_out_now_is_taken_back() -> None:
    first, second = uid_of("s", "2026-10-09"), uid_of("s", "2026-10-16")
    kept = (Kept(1, first, span(9, 10)), Kept(2, second, span(16, 17)), Kept(3, "other", span(20, 21)))

    assert planned(entry(first, 9, 10), kept=kept) == [
        (first, Becomes.SAME),
        (second, Becomes.CANCELLED),
        ("other", Becomes.MISSING),
    ]


def test_what_is_not_in_the_file_any_more_makes_room_when_it_is_dropped() -> None:
    kept = [Kept(1, "deleted", span(9, 12)), Kept(2, "", span(20, 21))]

    steps = plan([entry("new", 10, 11)], kept, NOW, PLACE, drop=True)

    assert [(step.uid, step.becomes) for step in steps] == [("new", Becomes.NEW), ("deleted", Becomes.CANCELLED)]


def test_what_is_over_is_left_alone() -> None:
    assert planned(entry("a", 1, 3)) == [("a", Becomes.PAST)]


def test_who_came_back_early_is_not_sent_away_again() -> None:
    early = Span(span(1, 17).begins, NOW - timedelta(hours=1), LeaveKind.HOLIDAY)

    (step,) = plan([entry("a", 1, 17)], [Kept(1, "a", early)], NOW, PLACE)

    assert step.becomes is Becomes.REFUSED
    assert "came back" in step.why
