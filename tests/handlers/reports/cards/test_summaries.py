"""A team's day on one card, and one person's own."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from handlers.reports.cards.summaries import personal_summary, team_summary
from handlers.slack.blocks import Message
from handlers.text.slack import local_time
from rules.reports.summaries import DayLoad, Helper, OpenTicket, PersonShare, PersonSummary, TeamSummary
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

    assert told.startswith("*Support* · Monday, 5 October\nCreated 14 · Resolved 11 · Backlog 23 ")
    assert "(⚠️ 3 breached, ⏳ 2 due soon, 4 unassigned)" in told


def test_each_person_in_a_line_and_nobody_is_pinged() -> None:
    told = words(checked(team_summary(SUPPORT, POLICY)))

    assert "*Ana Kowalska*  7 open · 2 new · 4 resolved · ⚠️ 1 breached\n*Ben Adler*  0 open · 5 resolved" in told
    assert "<@" not in told


def test_somebody_whom_slack_has_not_named_yet_is_mentioned() -> None:
    unnamed = TeamSummary("support", DAY, DayLoad(), 0, (PersonShare("U0AGENT1", DayLoad(open=1)),))

    assert "<@U0AGENT1>  1 open" in words(checked(team_summary(unnamed, POLICY)))


def test_who_holds_most_and_who_could_help() -> None:
    helpers = (Helper("U0LEAD1", 0, "Lena Lis"), Helper("U0AGENT2", 125, "Ben Adler"))

    told = words(checked(team_summary(replace(SUPPORT, helpers=helpers), POLICY)))

    assert "Most open tickets: *Ana Kowalska* (7)\nSuggested to help: *Lena Lis* (0 min of work), " in told
    assert "*Ben Adler* (2 h 5 min of work)" in told


def test_a_summary_of_before_names_who_held_no_ticket() -> None:
    assert "Suggested to help: *Ben Adler*" in words(team_summary(SUPPORT, POLICY))


def test_a_day_without_work_is_not_blank() -> None:
    empty = TeamSummary("support", DAY, DayLoad(), 0, ())

    told = words(checked(team_summary(empty, POLICY)))

    assert "Created 0 · Resolved 0 · Backlog 0" in told
    assert "Suggested to help" not in told


def test_from_the_summary_one_goes_to_what_is_overdue_and_to_the_report() -> None:
    assert buttons(team_summary(SUPPORT, POLICY)) == {"Open breached": "breached:1:support", "Report": "team:support"}


def test_without_anything_overdue_there_is_no_way_to_it() -> None:
    calm = TeamSummary("support", DAY, DayLoad(open=1), 0, (ANA,))

    assert set(buttons(team_summary(calm, POLICY))) == {"Report"}


def test_a_crowd_is_told_in_twenty_lines() -> None:
    crowd = tuple(PersonShare(f"U0AGENT{place}", DayLoad(open=2), name=f"Person {place}") for place in range(60))

    told = words(checked(team_summary(TeamSummary("support", DAY, DayLoad(), 0, crowd), POLICY)))

    assert "and 40 more people with 80 open" in told


def test_ones_own_day_with_what_is_due_first() -> None:
    late, near = MONDAY - timedelta(hours=1), MONDAY + timedelta(hours=1)
    waiting = (OpenTicket(4, "Old one", late), OpenTicket(7, "VPN", near), OpenTicket(9, "Someday", None))

    message = checked(personal_summary(PersonSummary("support", DAY, ANA.load, waiting), POLICY, MONDAY))

    assert "*Your day in Support* · Monday, 5 October\n7 open · 2 new · 4 resolved · ⚠️ 1 breached" in words(message)
    assert f"*#4* · Old one · ⚠️ breached, was due {local_time(late)}" in words(message)
    assert f"*#7* · VPN · due {local_time(near)}\n*#9* · Someday" in words(message)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_people_are_called_stays_harmless(text: str) -> None:
    crowd = tuple(
        PersonShare(text, DayLoad(open=2, new=1, done=1, overdue=1, near=1), name=text, free=True) for _ in range(60)
    )
    team = checked(team_summary(TeamSummary(text[:60], DAY, DayLoad(9, 9, 9, 9, 9), 9, crowd), POLICY))
    own = checked(
        personal_summary(PersonSummary(text, DAY, DayLoad(), (OpenTicket(1, text, MONDAY),) * 5), POLICY, MONDAY)
    )

    for message in (team, own):
        assert "<!channel>" not in words(message) + message.text
