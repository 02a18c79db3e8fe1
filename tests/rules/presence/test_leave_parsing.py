"""`/desk away …` is read as people write it, by their own clock, or asked back."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.text.slack import render
from rules.errors import Refused
from rules.presence.leave import MAX_REASON_LENGTH, LeaveKind, LeavePeriod, leave_period_text
from rules.presence.leave_parsing import leave_from_days, parse_leave

WARSAW, TOKYO = "Europe/Warsaw", "Asia/Tokyo"
KNOWN = """from until to for next today tomorrow friday 24 dec 2 days 3pm 15:00 2026-12-24 .. - sick week 24.12. on
at now 2027 24 weeks""".split()  # noqa: SIM905 - read as words are typed
NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)  # Monday 9:00 in Warsaw


def read(text: str, *, place: str = WARSAW, now: datetime = NOW) -> LeavePeriod:
    return parse_leave(text, now, place)


def said(text: str, *, place: str = WARSAW, now: datetime = NOW) -> str:
    span = read(text, place=place, now=now)
    return render(leave_period_text(span.begins, span.ends, now, place))


def at(text: str, place: str = WARSAW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(place)).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("until Friday", "until Fri 9 Oct"),
        ("till fri", "until Fri 9 Oct"),
        ("until Monday", "until midnight"),
        ("until tomorrow", "until Tue 6 Oct"),
        ("tomorrow", "on Tue 6 Oct"),
        ("today", "until midnight"),
        ("Friday", "on Fri 9 Oct"),
        ("on Friday", "on Fri 9 Oct"),
        ("from Thursday until Tuesday", "from Thu 8 Oct until Tue 13 Oct"),
        ("2026-12-24..2027-01-02", "from Thu 24 Dec until Sat 2 Jan 2027"),
        ("2026-12-24 … 2027-01-02", "from Thu 24 Dec until Sat 2 Jan 2027"),
        ("24 Dec - 2 Jan", "from Thu 24 Dec until Sat 2 Jan 2027"),
        ("Dec 24", "on Thu 24 Dec"),
        ("24th December 2026", "on Thu 24 Dec"),
        ("24.12.", "on Thu 24 Dec"),
        ("24.12.2026 to 31.12.2026", "from Thu 24 Dec until Thu 31 Dec"),
        ("2026-12-24", "on Thu 24 Dec"),
        ("until 15:00", "until 15:00"),
        ("until 3pm", "until 15:00"),
        ("until 15:00 today", "until 15:00"),
        ("tomorrow 9:00 to 12:00", "on Tue 6 Oct from 09:00 until 12:00"),
        ("today 13:00-15:00", "on Mon 5 Oct from 13:00 until 15:00"),
        ("Friday from 12 to 16", "on Fri 9 Oct from 12:00 until 16:00"),
        ("from Friday 12 to 16", "on Fri 9 Oct from 12:00 until 16:00"),
        ("24 Dec to 26 Dec", "from Thu 24 Dec until Sat 26 Dec"),
        ("Friday 12-16", "on Fri 9 Oct from 12:00 until 16:00"),
        ("12-16", "on Mon 5 Oct from 12:00 until 16:00"),
        ("Friday, 12-16, dentist", "on Fri 9 Oct from 12:00 until 16:00"),
        ("Friday afternoon", "on Fri 9 Oct from 12:00 until midnight"),
        ("Friday morning", "on Fri 9 Oct from midnight until 12:00"),
        ("tomorrow 12-24", "on Tue 6 Oct from 12:00 until midnight"),
        ("tomorrow 0-24", "on Tue 6 Oct"),
        ("tomorrow 12:00-24:00", "on Tue 6 Oct from 12:00 until midnight"),
        ("tomorrow 12:00 until midnight", "on Tue 6 Oct from 12:00 until midnight"),
        ("until 24:00", "until midnight"),
        ("until midnight", "until midnight"),
        ("until 0:00", "until midnight"),
        ("until Friday 24:00", "until Fri 9 Oct"),
        ("24-6", "on Tue 6 Oct from midnight until 06:00"),
        ("22:00-02:00", "from Mon 5 Oct 22:00 until Tue 6 Oct 02:00"),
        ("Friday 22:00 to 02:00", "from Fri 9 Oct 22:00 until Sat 10 Oct 02:00"),
        ("for 2 hours", "until 11:00"),
        ("for 90 minutes", "until 10:30"),
        ("for 1h", "until 10:00"),
        ("for 3 days", "until Wed 7 Oct"),
        ("for 2 weeks", "until Sun 18 Oct"),
        ("next week", "from Mon 12 Oct until Sun 18 Oct"),
        ("sick", "until further notice"),
        ("now until 15:00", "until 15:00"),
    ],
)
def test_it_is_understood_as_people_write_it(text: str, words: str) -> None:
    assert said(text) == words


def test_until_friday_includes_friday() -> None:
    assert read("until Friday") == LeavePeriod(NOW, at("2026-10-10 00:00"))


def test_the_day_ends_by_the_persons_own_clock() -> None:
    assert read("until Friday", place=TOKYO).ends == at("2026-10-10 00:00", TOKYO)


def test_late_in_the_evening_it_is_tomorrow_elsewhere() -> None:
    evening = datetime(2026, 10, 5, 16, 0, tzinfo=UTC)

    assert read("tomorrow", place=TOKYO, now=evening).begins == at("2026-10-07 00:00", TOKYO)


def test_the_day_on_which_the_clock_goes_back_is_an_hour_longer() -> None:
    span = read("2026-10-25")

    assert span.ends is not None
    assert span.ends - span.begins == timedelta(hours=25)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("until Friday", LeaveKind.LEAVE, ""),
        ("tomorrow family", LeaveKind.FAMILY, ""),
        ("until Friday vacation in the mountains", LeaveKind.HOLIDAY, "in the mountains"),
        ("until Friday, sick: flu", LeaveKind.SICK, "flu"),
        ("today 13:00-15:00 dentist", LeaveKind.LEAVE, "dentist"),
        ("tomorrow because I move to Berlin", LeaveKind.LEAVE, "because I move to Berlin"),
    ],
)
def test_a_kind_may_follow_and_what_is_left_is_the_reason(text: str, kind: LeaveKind, reason: str) -> None:
    span = read(text)

    assert (span.kind, span.reason) == (kind, reason)


def test_a_long_reason_is_cut() -> None:
    assert len(read(f"tomorrow {'x' * 5000}").reason) == MAX_REASON_LENGTH


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("foo", "When are you away? I did not understand `foo`. Write `/desk away until Friday`"),
        ("", "When are you away?"),
        ("until", "Until when are you away?"),
        ("until 12/24", "Until when are you away?"),
        ("for ages", "For how long are you away?"),
        ("for 0 days", "For how long are you away?"),
        ("next Monday", "Which Monday: 2026-10-12 or 2026-10-19?"),
        ("until next Friday", "Which Friday: 2026-10-09 or 2026-10-16?"),
        ("tomorrow and friday", "I did not understand `friday`"),
        ("tomorrow 0-0", "`00:00-00:00` is no length of time. Write `/desk away until Friday`"),
        ("tomorrow 12-12", "`12:00-12:00` is no length of time."),
        ("Friday from 9 to 9", "`09:00-09:00` is no length of time."),
        ("next summer", "I did not understand `next summer`"),
        ("Friday noon", "From when until when are you away? I did not understand `noon`."),
        ("Friday at 9", "I did not understand `9`."),
        ("Friday 9", "From when until when are you away?"),
        ("Friday half day", "I did not understand `half day`."),
        ("Friday dentist at 14:00", "I did not understand `dentist at 14:00`."),
        ("Friday from lunch on", "I did not understand `from lunch on`."),
        ("Friday dentist in the afternoon", "From when until when are you away?"),
        ("Friday 12-16h", "From when until when are you away?"),
        ("12-16 Dec", "I did not understand `12-16 Dec`"),
        ("Dec 12-16", "I did not understand `Dec 12-16`"),
        ("31.2.", "`31.2.` is not a date"),
        ("2026-02-31", "is not a date that can be entered"),
        ("until 25:00", "`25:00` is not a time of day"),
        ("9999-12-31", "is not a date that can be entered"),
        ("2026-09-01", "Tue 1 Sep is in the past. Enter leave for today or later"),
        ("2026-09-01..2026-12-01", "is in the past"),
        ("until 8:00", "08:00 is in the past"),
        (
            "2026-10-08..2026-10-06",
            "The end date is before the start date. Write first..last, for example `2026-12-24",
        ),
        ("until 2028-01-01", "Is the year right?"),
    ],
)
def test_what_cannot_be_meant_is_asked_back(text: str, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(text)

    assert words in str(refusal.value)


@given(text=st.text(max_size=40))
def test_any_words_are_leave_to_come_or_a_sentence(text: str) -> None:
    try:
        span = read(text)
    except Refused as refusal:
        assert str(refusal)
    else:
        assert span.ends is None or span.ends > max(NOW, span.begins)


@given(
    words=st.lists(
        st.sampled_from(KNOWN),
        max_size=7,
    )
)
def test_any_order_of_the_known_words_is_leave_to_come_or_a_sentence(words: list[str]) -> None:
    test_any_words_are_leave_to_come_or_a_sentence.hypothesis.inner_test(" ".join(words))  # type: ignore[attr-defined]


@given(first=st.dates(date(2026, 10, 5), date(2027, 6, 1)), days=st.integers(0, 60))
def test_two_days_written_out_are_the_same_as_in_the_form(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    filled = leave_from_days(first, last, NOW, WARSAW, kind=LeaveKind.FAMILY, reason="")

    assert read(f"{first}..{last} family") == filled
