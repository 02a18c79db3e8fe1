"""Who has how many, in lines that stay short."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handlers.reports.cards.open_work import open_work_message, people_shown
from handlers.slack.blocks import Message
from rules.reports.daily import ReportDay, ReportScope
from rules.reports.open_work import AssigneeWork, OpenWork, TopPeople
from tests.desks import MONDAY, POLICY, problems
from tests.handlers.reports.cards.test_daily import HOSTILE
from tests.handlers.screens import SCREEN, lines_of

DAY = date(2026, 10, 5)
TODAY = ReportDay(DAY, MONDAY - timedelta(hours=9), MONDAY, "Europe/Warsaw", is_today=True)
ANA = AssigneeWork("U0AGENT1", ((DAY, 3), (DAY - timedelta(days=1), 2), (DAY - timedelta(days=3), 1)))
QUIET = OpenWork((), AssigneeWork(None), TopPeople(), TopPeople())


def told(
    found: OpenWork, *, day: ReportDay = TODAY, whose: ReportScope | None = None, team: tuple[str, ...] = ()
) -> Message:
    minutes = dict.fromkeys((one.person for one in people_shown(found) if one.person), 80) if day.is_today else {}
    return open_work_message(found, whose or ReportScope(), day, POLICY, minutes=minutes, team=team)


def words(message: Message) -> str:
    return "\n".join(block["text"]["text"] for block in message.blocks if block["type"] == "section")


def test_a_line_is_the_sum_the_work_and_the_days() -> None:
    found = replace(QUIET, people=(replace(ANA, overdue=2, due_soon=1, resolved=4),))

    line = "<@U0AGENT1>  6 open (1 h 20 min of work): 3 from today · 2 from yesterday · 1 from Fri 2"
    assert f"{line} · ⚠️ 2 breached · ⏳ 1 due soon · ✓ 4 resolved" in words(told(found))


def test_days_long_ago_are_one_figure_and_have_their_month() -> None:
    long_ago = AssigneeWork("U0AGENT1", tuple((DAY - timedelta(days=40 * place), place + 1) for place in range(6)))

    said = words(told(replace(QUIET, people=(long_ago,))))

    assert "21 open (1 h 20 min of work): 1 from today · 2 from 26 Aug 2026 · 3 from 17 Jul 2026 · 15 before" in said


def test_of_an_earlier_day_today_is_that_day() -> None:
    said = words(told(replace(QUIET, people=(ANA,)), day=replace(TODAY, is_today=False)))

    assert "6 open: 3 from that day · 2 from the day before · 1 from Fri 2" in said


def test_the_head_names_who_has_the_most_and_all_of_them_where_several_have_as_many() -> None:
    found = replace(
        QUIET, people=(ANA,), most_open=TopPeople(("U0AGENT1", "U0AGENT2"), 6), most_overdue=TopPeople(("U0LEAD1",), 3)
    )

    assert "Most tickets: <@U0AGENT1>, <@U0AGENT2> (6 each) · Most breached: <@U0LEAD1> (3)" in told(found).text


def test_where_nobody_has_one_the_head_says_so() -> None:
    idle = told(QUIET)
    waiting = told(replace(QUIET, unassigned=AssigneeWork(None, ((DAY, 2),))))
    in_time = told(replace(QUIET, people=(ANA,), most_open=TopPeople(("U0AGENT1",), 6)))

    assert "0 open. No open tickets." in idle.text
    assert "No ticket is assigned, 2 unassigned." in waiting.text
    assert "None breached" in in_time.text


def test_the_rest_is_counted_and_who_has_nothing_is_named() -> None:
    people = tuple(replace(ANA, person=f"U0PERSON{place}") for place in range(11))

    said = words(told(replace(QUIET, people=people), team=("U0PERSON1", "U0AGENT2")))

    assert said.count(" open (") == 8
    assert "\nand 3 more people with 18 open\nNo open tickets: <@U0AGENT2>" in said


def test_ones_own_answer_holds_nobody_against_anybody() -> None:
    found = replace(QUIET, people=(ANA,), most_open=TopPeople(("U0AGENT1",), 6))

    said = told(found, whose=ReportScope(person="U0AGENT1"))

    assert "Most tickets" not in f"{said.text}{said.blocks}"


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_people_are_called_it_is_within_slacks_limits(text: str) -> None:
    people = tuple(replace(ANA, person=f"{text}{place}") for place in range(300))
    most = TopPeople(tuple(one.person or "" for one in people), 6)

    message = told(OpenWork(people, ANA, most, most), team=tuple(f"{text}!{place}" for place in range(300)))

    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    assert "<!channel>" not in f"{message.text}{message.blocks}"


def test_hundreds_of_people_are_within_a_screen() -> None:
    people = tuple(replace(ANA, person=f"U0PERSON{place}", overdue=5, due_soon=5, resolved=5) for place in range(300))
    most = TopPeople(tuple(one.person or "" for one in people), 6)

    message = told(OpenWork(people, ANA, most, most), team=tuple(f"U0IDLE{place}" for place in range(300)))

    assert len(lines_of({"blocks": message.blocks})) <= SCREEN
