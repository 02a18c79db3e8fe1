"""Hours by name, as they were pressed."""

from datetime import date, timedelta

import pytest

from handlers.presence.cards.logged_time import logged_time_message
from handlers.reports.cards.resolution_times import DayRange
from handlers.slack.blocks import Message
from rules.presence.logged_time import LoggedTime
from rules.reports.daily import ReportDay, ReportScope
from tests.desks import MONDAY, POLICY, problems
from tests.handlers.reports.cards.test_daily import HOSTILE
from tests.handlers.screens import SCREEN, lines_of

H = 3600
DAY = date(2026, 10, 5)
DAYS = DayRange(DAY, DAY, ReportDay(DAY, MONDAY - timedelta(hours=9), MONDAY, "Europe/Warsaw", is_today=True))
BUSY = (("Back office", H // 2), ("Meeting", H), ("Phone", 600), ("Training", 300), ("Travel", 60))


def told(*rows: LoggedTime, whose: ReportScope | None = None) -> Message:
    return logged_time_message(rows, whose or ReportScope(teams=frozenset(["support"])), DAYS, POLICY)


def words(message: Message) -> str:
    return "\n".join(block["text"]["text"] for block in message.blocks if block["type"] == "section")


def test_a_line_adds_up_to_the_time_logged_in() -> None:
    ana = LoggedTime("U0AGENT1", 8 * H, H // 2, BUSY, action_count=9)

    line = "<@U0AGENT1>  8 h logged in: 5 h 44 min on tickets · 30 min on breaks · Meeting 1 h · Back office 30 min"
    assert f"{line} · Phone 10 min · 2 more 6 min" in words(told(ana))


def test_a_day_without_logging_out_is_marked() -> None:
    ana = LoggedTime("U0AGENT1", 15 * H, action_count=2, forgotten=2)

    assert "<@U0AGENT1>  15 h logged in: 15 h on tickets · not logged out on 2 days" in words(told(ana))


def test_a_person_without_check_ins_is_not_said_to_have_worked_none() -> None:
    said = words(told(LoggedTime("U0AGENT1", H, action_count=1), LoggedTime("U0AGENT2")))

    assert "1 of 2 checked in, logged in for 1 h" in said
    assert "\nNo check-ins: <@U0AGENT2>" in said


def test_where_nobody_checked_in_it_says_so() -> None:
    assert told(LoggedTime("U0AGENT1")).text == "Hours, Support, Mon 5 Oct 2026, so far: No check-ins."


def test_the_rest_is_counted_with_their_time() -> None:
    said = words(told(*(LoggedTime(f"U0PERSON{place}", H, action_count=1) for place in range(12))))

    assert "\nand 3 more, logged in for 3 h" in said


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_people_and_activities_are_called_it_is_within_slacks_limits(text: str) -> None:
    rows = [
        LoggedTime(f"{text}{place}", 8 * H, H, tuple((text, H) for _ in range(9)), action_count=1)
        for place in range(99)
    ]

    message = told(*rows, *(LoggedTime(f"{text}!{place}") for place in range(99)))

    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    assert "<!channel>" not in f"{message.text}{message.blocks}"


def test_hundreds_of_people_are_within_a_screen() -> None:
    rows = [LoggedTime(f"U0PERSON{place}", 8 * H, H, BUSY, action_count=9, forgotten=3) for place in range(300)]

    message = told(*rows, *(LoggedTime(f"U0IDLE{place}") for place in range(300)))

    assert len(lines_of({"blocks": message.blocks})) <= SCREEN
