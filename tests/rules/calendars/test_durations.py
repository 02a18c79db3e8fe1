"""A duration is read as people write it, and written back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendars.durations import Duration, duration_text, parse_duration
from rules.errors import Refused


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("20s", Duration(seconds=20)),
        ("15m", Duration(seconds=900)),
        ("4h", Duration(seconds=14_400)),
        ("1h30m", Duration(seconds=5_400)),
        (" 1h 30m ", Duration(seconds=5_400)),
        ("90m", Duration(seconds=5_400)),
        ("3d", Duration(days=3)),
        ("2 hours", Duration(seconds=7_200)),
        ("2 h", Duration(seconds=7_200)),
        ("90 min", Duration(seconds=5_400)),
        ("1 hour 30 minutes", Duration(seconds=5_400)),
        ("1 hr 5 mins", Duration(seconds=3_900)),
        ("20 Seconds", Duration(seconds=20)),
        ("3 days", Duration(days=3)),
        ("1 Day", Duration(days=1)),
        ("3 working days", Duration(days=3)),
    ],
)
def test_a_duration_is_read_as_people_write_it(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["0m", "0d", "15", "hours", "-5m", "1d4h", "30m1h", "1.5h", "2 month", "soon", "٣d"])
def test_what_is_no_duration_is_refused_with_the_text_and_the_forms(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_duration(text)

    assert f"`{text}`" in str(refused.value)
    assert "write 15m, 4 hours or 1h30m" in str(refused.value)
    assert "or 3d (working days)" in str(refused.value)


def test_without_a_duration_it_is_asked_how_long() -> None:
    with pytest.raises(Refused, match="Say how long: write 15m, 4 hours"):
        parse_duration(" ")


@pytest.mark.parametrize("text", ["3651d", "999999999d", "99999999h", "999999999h999999999m"])
def test_nobody_is_promised_an_answer_in_the_next_century(text: str) -> None:
    with pytest.raises(Refused, match="longer than 3650 days"):
        parse_duration(text)


@pytest.mark.parametrize(("seconds", "days"), [(0, 0), (60, 1), (-60, 0), (0, -1), (-60, 1)])
def test_a_duration_is_seconds_or_days_never_both_or_none(seconds: int, days: int) -> None:
    with pytest.raises(Refused, match="either hours and minutes or days"):
        Duration(seconds=seconds, days=days)


@given(
    st.one_of(
        st.builds(Duration, seconds=st.integers(1, 10**8)),
        st.builds(Duration, days=st.integers(1, 3650)),
    )
)
def test_a_duration_written_out_reads_back_as_itself(duration: Duration) -> None:
    assert parse_duration(str(duration)) == duration


@pytest.mark.parametrize(
    ("text", "shown"),
    [("15m", "15 min"), ("1h30m", "1 h 30 min"), ("40h", "40 h"), ("1d", "1 working day"), ("3d", "3 working days")],
)
def test_a_target_is_shown_in_hours_and_minutes_or_in_working_days(text: str, shown: str) -> None:
    assert str(duration_text(parse_duration(text))) == shown


@pytest.mark.parametrize("text", ["20s", "15m", "4h", "1h30m", "1m30s", "24h", "3d"])
def test_the_lead_sees_the_text_they_wrote(text: str) -> None:
    assert str(parse_duration(text)) == text
