"""Why this deadline? Every sentence plain, within Slack's limits whatever happened to the clock."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from handlers.sla.cards.explanations import explanation_page
from rules.calendars.calendars import Calendar
from rules.calendars.durations import parse_duration
from rules.model.policy import Policy, SlaRule
from rules.model.tickets import Priority
from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.people.permissions import Role
from rules.sla.targets import SlaCase
from rules.sla.timers import (
    cancel_timer,
    close_timer,
    extend_timer,
    pause_timer,
    recalculate_timer,
    reopen_timer,
    resume_timer,
    start_timer,
)
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, policy_of, ticket_of
from tests.rules.office import DESK, RESOLUTION, changed, filed, promising, warsaw

AGENT, CLEO = (Role.AGENT,), (Role.REQUESTER,)
_MOMENT = re.compile(r"<!date\^(\d+)\^[^|]*\|([^>]*) UTC>")


def view(
    *clocks: SlaTimer,
    at: str = "20 09:30",
    policy: Policy = DESK,
    held: Collection[Role] = AGENT,
    reader: str = "Europe/Warsaw",
) -> dict[str, Any]:
    ticket = ticket_of("VPN is down")
    page = explanation_page(
        ticket, {one.target: one for one in clocks}, policy, warsaw(at), roles=held, viewer_zone=reader
    )
    assert problems("modal", page) == []
    return page


def read(page: dict[str, Any]) -> list[str]:
    """The page line by line below its head, moments as they are in UTC."""
    texts = [block["text"]["text"] for block in page["blocks"] if block["type"] == "section"]
    small = [one["text"] for block in page["blocks"][1:] for one in block.get("elements", [])]
    return [_MOMENT.sub(r"\2", line) for text in [*texts, *small] for line in text.split("\n")]


def test_on_friday_afternoon_ana_reads_why_it_is_monday_morning() -> None:
    assert read(view(filed("20 15:00"))) == [
        "*Resolution*",
        "Started 2026-11-20 14:00 · 4 h of business hours · SLA for every ticket",
        "Fri 20 Nov  15:00-16:00 · 1 h",
        "Sat 21 and Sun 22 Nov · weekend",
        "Mon 23 Nov  08:00-11:00 · 3 h",
        "*= 4 h: due 2026-11-23 10:00* · 9 h 30 min of business hours left",
        "Days and hours in Europe/Warsaw time · next holiday Thu 24 Dec: Christmas Eve",
    ]


def test_no_second_is_shown_and_the_lines_still_add_up() -> None:
    started = filed("20 15:00:56")

    assert read(view(started))[2:-1] == [
        "Fri 20 Nov  15:00-16:00 · 1 h",
        "Sat 21 and Sun 22 Nov · weekend",
        "Mon 23 Nov  08:00-11:00 · 3 h",
        "*= 4 h: due 2026-11-23 10:00* · 9 h 30 min of business hours left",
    ]


def test_after_a_pause_between_two_minutes_they_add_up_too() -> None:
    paused = pause_timer(DESK, filed("20 09:00:30"), warsaw("20 09:20:10"))
    resumed = resume_timer(DESK, paused, warsaw("20 10:00:50"))

    assert [line.rpartition(" · ")[2] for line in read(view(resumed)) if line.startswith("Fri 20 Nov")] == [
        "20 min",
        "3 h 40 min",
    ]
    assert read(view(resumed))[-2].startswith("*= 4 h: due 2026-11-20 12:41*")


def test_what_is_shorter_than_a_minute_is_told_in_seconds() -> None:
    policy = promising(SlaRule(resolution=parse_duration("20s")))

    assert "Fri 20 Nov  09:00 · 20 s" in read(view(filed("20 09:00", policy=policy), policy=policy))


def test_a_day_that_is_open_all_day_says_so_and_a_window_up_to_its_end_says_midnight() -> None:
    policy = replace(DESK, calendars={**DESK.calendars, "office": Calendar("Europe/Warsaw", (((0, 86_400),),) * 7)})

    lines = read(view(filed("20 22:00", policy=policy), policy=policy))

    assert [lines[2], lines[3]] == ["Fri 20 Nov  22:00-midnight · 2 h", "Sat 21 Nov  00:00-02:00 · 2 h"]


def test_a_paused_clock_says_how_much_is_left_and_when_it_runs_on() -> None:
    lines = read(view(pause_timer(DESK, filed("20 09:00"), warsaw("20 09:20"))))

    assert lines[-3:-1] == [
        "⏸ On hold since 2026-11-20 08:20: waiting for customer",
        "*= 20 min of 4 h used: 3 h 40 min left* · It continues when the customer answers.",
    ]


def test_a_promise_in_days_is_told_in_days() -> None:
    policy = promising(SlaRule(resolution=parse_duration("3d")))

    assert read(view(filed("09 15:00", policy=policy), at="10 09:00", policy=policy))[1:-1] == [
        "Started 2026-11-09 14:00 · 3 working days · SLA for every ticket",
        "Mon 9 Nov · counting starts at 15:00",
        "Tue 10 Nov · day 1",
        "Wed 11 Nov · National Independence Day",
        "Thu 12 Nov · day 2",
        "Fri 13 Nov · day 3",
        "*= 3 working days: due 2026-11-13 14:00* · 22 h of business hours left",
    ]


def test_a_moved_promise_says_why_what_is_promised_now_and_what_was_used() -> None:
    lines = read(view(changed(filed("20 09:00"), "20 09:30", Priority.CRITICAL)))

    assert "↪ Target changed 2026-11-20 08:30: now 2 h · 30 min used, 1 h 30 min left" in lines
    assert lines[-2].startswith("*= 2 h: due 2026-11-20 10:00* · SLA for priority critical")


def test_the_reason_for_more_time_is_for_the_team_alone() -> None:
    longer = extend_timer(
        DESK, filed("20 09:00"), parse_duration("2h"), warsaw("20 09:30"), reason="They forgot to pay."
    )

    assert "＋ Extended 2026-11-20 08:30 by 2 h · because: They forgot to pay. · 5 h 30 min left" in read(view(longer))
    assert "＋ Extended 2026-11-20 08:30 by 2 h · 5 h 30 min left" in read(view(longer, held=CLEO))


def test_the_experts_answer_is_not_the_requesters_matter() -> None:
    experts = replace(filed("20 09:00"), target=TimerKind.EXPERT_ANSWER)

    assert "*Expert answer*" in read(view(experts))
    assert "*Expert answer*" not in read(view(experts, held=CLEO))
    assert "There is no SLA for this ticket." in read(view(experts, held=CLEO))


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("20 10:00", "*= 1 h of 4 h used: 3 h left* · ✓ met 2026-11-20 09:00"),
        ("20 15:00", "*= 4 h: was due 2026-11-20 12:00* · ⚠️ late by 2 h of business hours, at 2026-11-20 14:00"),
    ],
)
def test_what_ended_says_by_how_much_it_was_kept_or_missed(at: str, words: str) -> None:
    assert words in read(view(close_timer(DESK, filed("20 09:00"), warsaw(at)), at="27 09:00"))


def test_what_is_not_owed_any_more_says_why() -> None:
    gone = cancel_timer(DESK, filed("20 09:00"), warsaw("20 10:00"), reason="the escalation was decided")

    assert read(view(gone))[-2] == "*= no longer due* · since 2026-11-20 09:00: the escalation was decided"


def test_a_clock_from_elsewhere_says_that_nobody_knows() -> None:
    foreign = SlaTimer(RESOLUTION, TimerState.RUNNING, warsaw("20 09:00"), warsaw("23 17:00"), 3600)

    lines = read(view(foreign))

    assert "Imported ticket: the due time's calculation isn't available." in lines[1]
    assert "*= time unknown: due 2026-11-23 16:00*" in lines[-2]


def test_what_is_due_first_stands_on_top_and_what_ended_at_the_bottom() -> None:
    reply = close_timer(DESK, filed("20 09:00", TimerKind.FIRST_RESPONSE), warsaw("20 09:10"))
    step = replace(filed("20 09:00", priority=Priority.CRITICAL), target=TimerKind.STEP)

    heads = [line for line in read(view(reply, filed("20 09:00"), step)) if re.fullmatch(r"\*[A-Z][\w ]+\*", line)]

    assert heads == ["*Step*", "*Resolution*", "*First reply*"]


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        ("Europe/Berlin", "Days and hours in Europe/Warsaw time ·"),
        ("America/New_York", "Days and hours in Europe/Warsaw time, due times in yours ·"),
        ("", "Days and hours in Europe/Warsaw time, due times in yours ·"),
    ],
)
def test_who_reads_it_elsewhere_is_told_whose_clock_the_hours_are(reader: str, words: str) -> None:
    assert read(view(filed("20 15:00"), reader=reader))[-1].startswith(words)


def test_a_change_of_the_clocks_is_a_line_of_its_own() -> None:
    clock = start_timer(
        DESK, RESOLUTION, SlaCase("other", Priority.LOW, "support"), datetime.fromisoformat("2026-10-23T15:00Z")
    )
    assert clock

    lines = read(view(extend_timer(DESK, clock, parse_duration("40h"), clock.started_at, reason="spare parts")))

    assert "Sun 25 Oct 03:00 · clocks go back by 1 h" in lines


@pytest.mark.parametrize("text", TYPED)
def test_whatever_people_typed_it_is_harmless_and_within_limits(text: str) -> None:
    policy = policy_of(text)
    clocks = {
        kind: extend_timer(policy, replace(clock, conditions_text=text), parse_duration("2h"), NOW, reason=text)
        for kind, clock in clocks_of(policy).items()
    }
    paused = {kind: pause_timer(policy, clock, NOW, reason=text) for kind, clock in clocks.items()}

    for some in (clocks, paused):
        page = explanation_page(ticket_of(text), some, policy, NOW + timedelta(hours=9), roles=AGENT)
        assert problems("modal", page) == []
        assert alarms(page) == []


def test_however_much_happened_it_fits_a_page() -> None:
    busy = {}
    for kind in TimerKind:
        clock, at = replace(filed("02 09:00"), target=kind), warsaw("02 09:00")
        for number in range(80):
            at += timedelta(minutes=7)
            case = SlaCase("other", (Priority.CRITICAL, Priority.LOW)[number % 2], "support")
            clock = resume_timer(DESK, pause_timer(DESK, clock, at, reason="w" * 300), at + timedelta(minutes=3))
            clock = recalculate_timer(DESK, clock, case, now=at, reason="y" * 300)
            clock = reopen_timer(DESK, close_timer(DESK, clock, at + timedelta(minutes=4)), at + timedelta(minutes=5))
        busy[kind] = clock

    lines = read(view(*busy.values(), at="27 09:00"))

    assert len(lines) < 300
    assert any("more lines, which count too" in line for line in lines)
