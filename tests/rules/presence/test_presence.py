"""Where somebody is: leave before what was pressed, what was pressed before the hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.alerts import reachable_at
from rules.calendars.calendars import Calendar
from rules.errors import Refused
from rules.forecasts.inputs import person_work_periods
from rules.model.people import PersonProfile
from rules.model.policy import Policy, Team
from rules.presence.presence import (
    MAX_LOOKAHEAD,
    Leave,
    Presence,
    PresenceAction,
    PresenceStatus,
    RecordedAction,
    away_since,
    check_presence_action,
    current_presence,
    find_stand_in,
)

H = 3600
WARSAW = ZoneInfo("Europe/Warsaw")
OFFICE = Calendar("Europe/Warsaw", (*[((8 * H, 16 * H),)] * 5, (), ()))
NIGHT = Calendar("Europe/Warsaw", (((0, 6 * H), (22 * H, 24 * H)),) * 7)
ALWAYS = Calendar("Europe/Warsaw", (((0, 24 * H),),) * 7)
FREE = PersonProfile()
NOBODY_PRESSED = None


def warsaw(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW).astimezone(UTC)


MONDAY = warsaw("2026-10-05 09:00")


def now_is(
    at: str = "2026-10-05 09:00",
    *,
    pressed: RecordedAction | None = None,
    leaves: tuple[Leave, ...] = (),
    **more: object,
) -> Presence:
    hours = more.pop("hours", OFFICE)
    available = more.pop("available", FREE)
    assert isinstance(hours, Calendar)
    assert isinstance(available, PersonProfile)
    return current_presence(hours, available, leaves, pressed, warsaw(at))


def test_who_goes_on_leave_later_today_is_here_until_then() -> None:
    leave = Leave(warsaw("2026-10-05 13:00"), warsaw("2026-10-06 00:00"))
    yesterday = Leave(warsaw("2026-10-04 08:00"), warsaw("2026-10-05 00:00"))
    pressed = RecordedAction(PresenceAction.IN, warsaw("2026-10-05 08:30"))

    until = [now_is(leaves=(yesterday, leave), pressed=one).until for one in (None, pressed)]

    assert until == [warsaw("2026-10-05 13:00")] * 2


def test_who_pressed_nothing_is_here_until_their_hours_end() -> None:
    assert now_is() == Presence(PresenceStatus.AT_WORK, until=warsaw("2026-10-05 16:00"))


def test_outside_their_hours_they_are_off_until_the_next_opening() -> None:
    assert now_is("2026-10-09 17:00") == Presence(PresenceStatus.OFF, until=warsaw("2026-10-12 08:00"))


def test_who_logged_out_is_off_until_the_next_day() -> None:
    out = RecordedAction(PresenceAction.OUT, warsaw("2026-10-05 11:00"))

    assert now_is("2026-10-05 12:00", pressed=out).until == warsaw("2026-10-06 08:00")
    assert now_is("2026-10-05 23:59", pressed=out).status is PresenceStatus.OFF
    assert now_is("2026-10-06 09:00", pressed=out).status is PresenceStatus.AT_WORK


def test_a_log_in_that_was_forgotten_ends_with_the_hours() -> None:
    pressed = RecordedAction(PresenceAction.IN, warsaw("2026-10-05 09:00"))

    assert now_is("2026-10-05 15:59", pressed=pressed).until == warsaw("2026-10-05 16:00")
    assert now_is("2026-10-05 20:00", pressed=pressed) == Presence(PresenceStatus.OFF, until=warsaw("2026-10-06 08:00"))


def test_who_logged_in_before_their_hours_is_here_until_they_end() -> None:
    pressed = RecordedAction(PresenceAction.IN, warsaw("2026-10-05 07:00"))

    assert now_is("2026-10-05 07:30", pressed=pressed).is_at_work
    assert now_is("2026-10-05 16:30", pressed=pressed).status is PresenceStatus.OFF


@pytest.mark.parametrize(("day", "hour"), [("2026-10-04", "09:00"), ("2026-10-05", "18:00")])
def test_who_logged_in_outside_their_hours_is_here_until_midnight(day: str, hour: str) -> None:
    pressed = RecordedAction(PresenceAction.IN, warsaw(f"{day} {hour}"))

    assert now_is(f"{day} 23:59", pressed=pressed).is_at_work
    assert now_is("2026-10-06 00:30", pressed=pressed).status is PresenceStatus.OFF


def test_who_logged_out_in_the_night_is_off_until_the_next_night() -> None:
    out = RecordedAction(PresenceAction.OUT, warsaw("2026-10-05 23:00"))

    assert now_is("2026-10-06 00:01", pressed=out, hours=NIGHT).until == warsaw("2026-10-06 22:00")
    assert now_is("2026-10-06 22:01", pressed=out, hours=NIGHT).is_at_work


def test_who_logged_in_for_the_night_is_here_until_the_morning() -> None:
    pressed = RecordedAction(PresenceAction.IN, warsaw("2026-10-05 22:05"))

    assert now_is("2026-10-06 05:59", pressed=pressed, hours=NIGHT).until == warsaw("2026-10-06 06:00")
    assert now_is("2026-10-06 06:01", pressed=pressed, hours=NIGHT).status is PresenceStatus.OFF


def since(at: str, *leaves: tuple[str, str], available: PersonProfile = FREE) -> datetime:
    found = [Leave(warsaw(begins), warsaw(ends)) for begins, ends in leaves]
    return away_since(OFFICE, available, found, warsaw(at))


def test_who_added_hours_to_their_hours_off_is_away_since_the_first_of_them() -> None:
    typed = ("2026-10-05 09:00", "2026-10-05 11:00"), ("2026-10-05 11:00", "2026-10-05 13:00")

    assert since("2026-10-05 12:00", *typed) == MONDAY


def test_a_night_between_does_not_make_it_another_leave_and_a_morning_at_work_does() -> None:
    friday, monday = ("2026-10-09 13:00", "2026-10-09 16:00"), ("2026-10-12 08:00", "2026-10-12 12:00")
    later = ("2026-10-12 10:00", "2026-10-12 12:00")

    assert since("2026-10-12 11:00", friday, monday) == warsaw("2026-10-09 13:00")
    assert since("2026-10-12 11:00", friday, later) == warsaw("2026-10-12 10:00")


def test_a_day_off_of_the_description_counts_with_leave_that_follows_it() -> None:
    off = PersonProfile(days_away=((date(2026, 10, 5), date(2026, 10, 5)),))

    assert since("2026-10-06 09:00", ("2026-10-06 00:00", "2026-10-06 12:00"), available=off) == warsaw(
        "2026-10-05 00:00"
    )


def test_who_is_busy_gets_no_new_work() -> None:
    busy = now_is(pressed=RecordedAction(PresenceAction.ACTIVITY, warsaw("2026-10-05 08:30"), "Meeting"))

    assert (busy.status, busy.activity, busy.is_at_work) == (PresenceStatus.ACTIVITY, "Meeting", False)


def test_leave_counts_before_what_was_pressed() -> None:
    leave = Leave(warsaw("2026-10-05 08:00"), warsaw("2026-10-08 00:00"))

    stands = now_is(pressed=RecordedAction(PresenceAction.IN, warsaw("2026-10-05 08:30")), leaves=(leave,))

    assert stands == Presence(PresenceStatus.AWAY, until=warsaw("2026-10-08 00:00"))


def test_leave_that_follows_leave_is_one() -> None:
    leaves = (
        Leave(warsaw("2026-10-05 00:00"), warsaw("2026-10-06 00:00")),
        Leave(warsaw("2026-10-06 00:00"), warsaw("2026-10-07 00:00")),
    )
    by_desk = PersonProfile(days_away=((date(2026, 10, 7), date(2026, 10, 7)),))

    assert now_is(leaves=leaves, available=by_desk).until == warsaw("2026-10-08 00:00")


def test_leave_without_an_end_has_none() -> None:
    assert now_is(leaves=(Leave(warsaw("2026-10-01 00:00"), None),)) == Presence(PresenceStatus.AWAY)


def test_on_the_day_when_the_clock_goes_back_leave_lasts_an_hour_longer() -> None:
    by_desk = PersonProfile(days_away=((date(2026, 10, 25), date(2026, 10, 25)),))

    stands = now_is("2026-10-25 00:00", available=by_desk)

    assert stands.until == warsaw("2026-10-25 00:00") + timedelta(hours=25)


def test_a_night_shift_ends_in_the_morning() -> None:
    assert now_is("2026-10-05 22:30", hours=NIGHT).until == warsaw("2026-10-06 06:00")


def test_a_break_in_the_night_ends_no_shift() -> None:
    broken = Calendar("Europe/Warsaw", (((0, 2 * H), (3 * H, 6 * H), (22 * H, 24 * H)),) * 7)
    out = RecordedAction(PresenceAction.OUT, warsaw("2026-10-05 23:00"))

    assert now_is("2026-10-06 04:00", pressed=out, hours=broken).status is PresenceStatus.OFF


def test_where_work_never_stops_each_day_is_a_shift() -> None:
    out = RecordedAction(PresenceAction.OUT, warsaw("2026-10-05 11:00"))

    assert now_is("2026-10-05 23:59", pressed=out, hours=ALWAYS).until == warsaw("2026-10-06 00:00")
    assert now_is("2026-10-06 00:01", pressed=out, hours=ALWAYS).status is PresenceStatus.AT_WORK


def test_where_work_never_stops_the_end_is_not_known_but_by_leave() -> None:
    leave = Leave(warsaw("2026-10-05 18:00"), None)

    assert now_is("2026-10-05 11:00", hours=ALWAYS).until is None
    assert now_is("2026-10-05 11:00", leaves=(leave,), hours=ALWAYS).until == warsaw("2026-10-05 18:00")


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
LEAVES = st.lists(
    st.builds(
        lambda begins, hours, ends: Leave(begins, begins + timedelta(hours=hours) if ends else None),
        MOMENTS,
        st.integers(1, 24 * 40),
        st.booleans(),
    ),
    max_size=4,
)
PRESSES = st.none() | st.builds(RecordedAction, st.sampled_from(PresenceAction), MOMENTS, st.just("Meeting"))


@given(now=MOMENTS, leaves=LEAVES, pressed=PRESSES, hours=st.sampled_from([OFFICE, NIGHT]))
def test_nobody_is_at_work_while_leave_covers_the_moment(
    now: datetime, leaves: list[Leave], pressed: RecordedAction | None, hours: Calendar
) -> None:
    stands = current_presence(hours, FREE, leaves, pressed, now)

    assert (stands.status is PresenceStatus.AWAY) == any(leave.covers(now) for leave in leaves)


@given(now=MOMENTS, leaves=LEAVES, pressed=PRESSES)
def test_an_end_that_is_told_lies_ahead_and_the_leave_is_over_then(
    now: datetime, leaves: list[Leave], pressed: RecordedAction | None
) -> None:
    stands = current_presence(OFFICE, FREE, leaves, pressed, now)

    assert stands.until is None or stands.until > now
    if stands.status is PresenceStatus.AWAY and stands.until is not None:
        assert not any(leave.covers(stands.until) for leave in leaves)


@given(day=st.dates(date(2026, 1, 1), date(2027, 12, 31)), hour=st.integers(0, 23))
def test_on_any_hour_of_a_day_away_nobody_is_here_also_when_the_clock_jumps(day: date, hour: int) -> None:
    now = datetime.combine(day, time(hour, 30), WARSAW).astimezone(UTC)

    stands = current_presence(
        NIGHT, PersonProfile(days_away=((day, day),)), (), RecordedAction(PresenceAction.IN, now), now
    )

    assert stands.status is PresenceStatus.AWAY


@given(now=MOMENTS, leaves=LEAVES)
def test_an_alert_reaches_nobody_on_leave(now: datetime, leaves: list[Leave]) -> None:
    policy = Policy(calendars={"office": OFFICE}, teams={"a": Team("a", "A", calendar="office", agents=("U1",))})

    at = reachable_at(policy, "U1", "a", now, leaves)

    assert at >= now
    assert (
        at >= now + MAX_LOOKAHEAD or current_presence(OFFICE, FREE, leaves, None, at).status is PresenceStatus.AT_WORK
    )


@given(now=MOMENTS, leaves=LEAVES)
def test_the_simulation_lets_nobody_work_on_leave(now: datetime, leaves: list[Leave]) -> None:
    policy = Policy(calendars={"office": OFFICE}, teams={"a": Team("a", "A", calendar="office", agents=("U1",))})

    shifts = person_work_periods(policy, "U1", "a", now, leaves)

    middles = [datetime.fromtimestamp((shift.start + shift.end) // 2, UTC) for shift in shifts]
    assert not any(leave.covers(middle) for leave in leaves for middle in middles)
    assert all(shift.start < shift.end for shift in shifts)


SINCE = datetime(2026, 10, 5, 7, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stands", "what", "words"),
    [
        (Presence(PresenceStatus.AT_WORK, since=SINCE), PresenceAction.IN, "You are already here, since 09:12."),
        (Presence(PresenceStatus.OFF), PresenceAction.OUT, "You are already off work."),
        (Presence(PresenceStatus.OFF), PresenceAction.BREAK, "You are off work. Log in first"),
        (Presence(PresenceStatus.BREAK, since=SINCE), PresenceAction.BREAK, "You are already on a break, since 09:12"),
        (
            Presence(PresenceStatus.ACTIVITY, since=SINCE, activity="Meeting"),
            PresenceAction.ACTIVITY,
            "You are already busy with Meeting",
        ),
        (Presence(PresenceStatus.AWAY), PresenceAction.IN, "End it with `/desk back`"),
    ],
)
def test_pressing_what_one_is_already_says_so(stands: Presence, what: PresenceAction, words: str) -> None:
    with pytest.raises(Refused, match=words):
        check_presence_action(stands, what, "Meeting", "Europe/Warsaw")


@pytest.mark.parametrize(
    ("stands", "what"),
    [
        (Presence(PresenceStatus.AT_WORK), PresenceAction.IN),
        (Presence(PresenceStatus.AT_WORK, since=SINCE), PresenceAction.OUT),
        (Presence(PresenceStatus.ACTIVITY, since=SINCE, activity="Training"), PresenceAction.ACTIVITY),
        (Presence(PresenceStatus.BREAK, since=SINCE), PresenceAction.IN),
        (Presence(PresenceStatus.OFF), PresenceAction.IN),
    ],
)
def test_anything_else_can_be_pressed(stands: Presence, what: PresenceAction) -> None:
    check_presence_action(stands, what, "Meeting", "Europe/Warsaw")


def deputies(**by_person: str) -> Policy:
    return Policy(people={who: PersonProfile(deputy=deputy) for who, deputy in by_person.items()})


@pytest.mark.parametrize(
    ("policy", "absent", "acts"),
    [
        (deputies(ANA="BEN"), set(), "ANA"),
        (deputies(ANA="BEN"), {"ANA"}, "BEN"),
        (deputies(ANA="BEN", BEN="EVA"), {"ANA", "BEN"}, "EVA"),
        (deputies(ANA="BEN", BEN="ANA"), {"ANA", "BEN"}, None),
        (deputies(ANA="BEN"), {"ANA", "BEN"}, None),
        (Policy(), {"ANA"}, None),
    ],
)
def test_a_deputy_acts_while_the_person_is_away(policy: Policy, absent: set[str], acts: str | None) -> None:
    assert find_stand_in(policy, "ANA", absent) == acts
