"""A team's day on one card, and one person's own."""

from datetime import date, timedelta
from typing import Any

import pytest

from handlers.reports.cards.summaries import personal_summary, team_summary
from handlers.slack.blocks import Message
from handlers.text.slack import local_time
from rules.reports.summaries import DayLoad, OpenTicket, PersonShare, PersonSummary, TeamSummary
from tests.desks import MONDAY, POLICY, problems

DAY = date(2026, 10, 5)
HOSTILE = ["<!channel> & <b>", "x" * 3000, "\u202eمرحبا", "🔥" * 400]
ANA = PersonShare("U0AGENT1", DayLoad(open=7, new=2, done=4, overdue=1), name="Ana Kowalska")
BEN = PersonShare("U0AGENT2", DayLoad(done=5), name="Ben Adler", free=True)
SUPPORT = TeamSummary("support", DAY, DayLoad(open=23, new=14, done=11, overdue=3, near=2), 4, (ANA, BEN))


def checked(message: Message) -> Message:
    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    return message


def words(message: Message) -> str:
    return "\n".join(block["text"]["text"] for block in message.blocks if block["type"] == "section")


def buttons(message: Message) -> dict[str, Any]:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return {one["text"]["text"]: one["value"] for row in rows for one in row}


def test_the_day_in_one_line() -> None:
    told = words(checked(team_summary(SUPPORT, POLICY)))

    assert told.startswith("*Support* · Monday, 5 October\nIn 14 · done 11 · open 23 ")
    assert "(⚠️ 3 overdue, ⏳ 2 near, 4 unassigned)" in told


def test_each_person_in_a_line_and_nobody_is_pinged() -> None:
    told = words(checked(team_summary(SUPPORT, POLICY)))

    assert "*Ana Kowalska*  7 open · 2 new · 4 done · ⚠️ 1 overdue\n*Ben Adler*  0 open · 5 done" in told
    assert "<@" not in told


def test_somebody_whom_slack_has_not_named_yet_is_mentioned() -> None:
    unnamed = TeamSummary("support", DAY, DayLoad(), 0, (PersonShare("U0AGENT1", DayLoad(open=1)),))

    assert "<@U0AGENT1>  1 open" in words(checked(team_summary(unnamed, POLICY)))


def test_who_holds_most_and_who_could_help() -> None:
    assert "Most: *Ana Kowalska* (7). Free to help: *Ben Adler*." in words(team_summary(SUPPORT, POLICY))


def test_a_day_without_work_is_not_blank() -> None:
    empty = TeamSummary("support", DAY, DayLoad(), 0, ())

    told = words(checked(team_summary(empty, POLICY)))

    assert "In 0 · done 0 · open 0" in told
    assert "Most: nobody holds anything. Free to help: nobody." in told


def test_from_the_summary_one_goes_to_what_is_overdue_and_to_the_report() -> None:
    assert buttons(team_summary(SUPPORT, POLICY)) == {"Open overdue": "overdue:1:support", "Report": "team:support"}


def test_without_anything_overdue_there_is_no_way_to_it() -> None:
    calm = TeamSummary("support", DAY, DayLoad(open=1), 0, (ANA,))

    assert set(buttons(team_summary(calm, POLICY))) == {"Report"}


def test_a_crowd_is_told_in_twenty_lines() -> None:
    crowd = tuple(PersonShare(f"U0AGENT{place}", DayLoad(open=2), name=f"Person {place}") for place in range(60))

    told = words(checked(team_summary(TeamSummary("support", DAY, DayLoad(), 0, crowd), POLICY)))

    assert "and 40 more with 80 open" in told


def test_ones_own_day_with_what_is_due_first() -> None:
    late, near = MONDAY - timedelta(hours=1), MONDAY + timedelta(hours=1)
    waiting = (OpenTicket(4, "Old one", late), OpenTicket(7, "VPN", near), OpenTicket(9, "Someday", None))

    message = checked(personal_summary(PersonSummary("support", DAY, ANA.load, waiting), POLICY, MONDAY))

    assert "*Your day in Support* · Monday, 5 October\n7 open · 2 new · 4 done · ⚠️ 1 overdue" in words(message)
    assert f"*#4* · Old one · ⚠️ overdue since {local_time(late)}" in words(message)
    assert f"*#7* · VPN · due {local_time(near)}\n*#9* · Someday" in words(message)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_people_are_called_stays_harmless(text: str) -> None:
    crowd = tuple(
        PersonShare(text, DayLoad(open=2, new=1, done=1, overdue=1, near=1), name=text, free=True) for _ in range(60)
    )
    team = checked(team_summary(TeamSummary(text, DAY, DayLoad(9, 9, 9, 9, 9), 9, crowd), POLICY))
    own = checked(
        personal_summary(PersonSummary(text, DAY, DayLoad(), (OpenTicket(1, text, MONDAY),) * 5), POLICY, MONDAY)
    )

    for message in (team, own):
        assert "<!channel>" not in words(message) + message.text
