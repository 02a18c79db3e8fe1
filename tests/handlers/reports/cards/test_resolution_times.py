"""How long tickets took, in words that a lead can check."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handlers.reports.cards.resolution_times import DayRange, resolution_times_message
from handlers.slack.blocks import Message
from rules.model.policy import TicketType
from rules.model.tickets import Status
from rules.reports.daily import ReportDay, ReportScope
from rules.reports.resolution_times import ResolutionSpread, ResolutionTime, ResolutionTimes, StatusTime
from tests.desks import MONDAY, POLICY, problems
from tests.handlers.reports.cards.test_daily import HOSTILE
from tests.handlers.screens import SCREEN, lines_of

H = 3600
DAY = date(2026, 10, 5)
TODAY = ReportDay(DAY, MONDAY - timedelta(hours=9), MONDAY, "Europe/Warsaw", is_today=True)
DAYS = DayRange(DAY, DAY, TODAY)
SPREAD = ResolutionSpread(12, 25 * H, 50 * H, 8.5 * H, 17 * H)
FOUND = ResolutionTimes(
    SPREAD,
    (("network", SPREAD),),
    (ResolutionTime(4, "VPN is down", "U0AGENT1", 50 * H, 17 * H),),
    (StatusTime(Status.WAITING, 60 * H, 6 * H), StatusTime(Status.IN_PROGRESS, 6 * H, 3 * H)),
)


def told(found: ResolutionTimes | None, *, whose: ReportScope | None = None, days: DayRange = DAYS) -> Message:
    return resolution_times_message(found, whose or ReportScope(), days, POLICY)


def said(message: Message) -> str:
    return "\n".join(str(block.get("text") or block.get("elements")) for block in message.blocks)


def test_median_and_ninth_of_ten_are_elapsed_time_with_the_business_hours_in_it() -> None:
    words = said(told(FOUND))

    spread = "median 1 d 1 h (8 h 30 min in business hours), 90th percentile 2 d 2 h (17 h in business hours)"
    assert f"12 resolved · Resolution time: {spread}" in words
    assert f"Network  12 resolved: {spread}" in words
    assert "*#4* VPN is down · by <@U0AGENT1> · 2 d 2 h (17 h in business hours)" in words


def test_a_desk_that_never_closes_reads_each_figure_once() -> None:
    always_open = ResolutionSpread(12, 5 * H, 82 * H, 5 * H, 82 * H)
    statuses = (StatusTime(Status.IN_PROGRESS, 82 * H, 82 * H),)

    words = said(told(replace(FOUND, whole=always_open, by_type=(), slowest=(), by_status=statuses)))

    assert "Resolution time: median 5 h, 90th percentile 3 d 10 h" in words
    assert "in business hours" not in words


def test_one_further_type_is_one_type() -> None:
    types = tuple((f"t{place}", SPREAD) for place in range(5))

    assert "and 1 more type'" in said(told(replace(FOUND, by_type=types)))


def test_what_is_counted_stands_below_once() -> None:
    assert said(told(FOUND)).count("12 tickets, by the day they were resolved · Europe/Warsaw") == 1


def test_the_time_is_told_by_state_as_shares_of_open_time() -> None:
    assert "of 9 h in business hours\\nWaiting for customer 67 % (6 h) · In progress 33 % (3 h)" in said(told(FOUND))


def test_where_nothing_was_open_the_time_that_passed_is_shared() -> None:
    night = replace(FOUND, by_status=(StatusTime(Status.NEW, 3 * H, 0), StatusTime(Status.RESOLVED, H, 0)))

    assert "of 4 h\\nNew 75 % (3 h) · Resolved, then reopened 25 % (1 h)" in said(told(night))


def test_of_few_it_says_that_they_say_little() -> None:
    few = replace(SPREAD, n=4)

    words = said(told(replace(FOUND, whole=few, by_type=(("network", few),))))

    assert "4 resolved (small sample) · " in words
    assert "Network  4 resolved (small sample): " in words


@pytest.mark.parametrize(
    ("whose", "typed"),
    [
        (ReportScope(), "/report times 2026-09-06..2026-10-05"),
        (ReportScope(person="U0AGENT1"), "/report times me 2026-09-06..2026-10-05"),
        (ReportScope(teams=frozenset(["support"])), "/report times team support 2026-09-06..2026-10-05"),
    ],
)
def test_where_nothing_was_resolved_a_span_is_proposed(whose: ReportScope, typed: str) -> None:
    assert f"For more days write `{typed}`." in told(None, whose=whose).text


def test_a_span_that_was_long_already_is_not_made_shorter() -> None:
    asked = DayRange(DAY - timedelta(days=60), DAY, TODAY)

    message = told(None, days=asked)

    assert message.text == "Nothing was resolved, the whole desk, Thu 6 Aug 2026 to Mon 5 Oct 2026."


def test_the_day_is_named_and_today_is_said_not_to_be_over() -> None:
    yesterday = DAY - timedelta(days=1)

    assert "Mon 5 Oct 2026, so far:" in told(FOUND).text
    assert "Sun 4 Oct 2026:" in told(FOUND, days=DayRange(yesterday, yesterday, TODAY)).text
    assert "Sun 4 Oct 2026 to Mon 5 Oct 2026:" in told(FOUND, days=DayRange(yesterday, DAY, TODAY)).text


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_people_wrote_it_is_within_slacks_limits(text: str) -> None:
    types = {f"{text}{place}": TicketType(f"{text}{place}", text, "support") for place in range(60)}
    slowest = tuple(ResolutionTime(place, text, text, 50 * H, 17 * H) for place in range(5))

    message = resolution_times_message(
        replace(FOUND, by_type=tuple((key, SPREAD) for key in types), slowest=slowest),
        ReportScope(teams=frozenset([text])),
        DAYS,
        replace(POLICY, types=types),
    )

    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    assert "<!channel>" not in f"{message.text}{message.blocks}"


def test_long_titles_and_many_types_and_states_are_within_a_screen() -> None:
    types = {
        f"t{place}": TicketType(f"t{place}", "Trouble with something rather long " * 3, "t") for place in range(60)
    }
    slowest = tuple(
        ResolutionTime(place, "Trouble " * 30, "U0AGENT1", 50 * H, 17 * H) for place in range(100_000, 100_005)
    )
    parts = tuple(StatusTime(status, 60 * H, 6 * H) for status in Status)

    busy = ResolutionTimes(SPREAD, tuple((key, SPREAD) for key in types), slowest, parts)
    message = resolution_times_message(busy, ReportScope(), DAYS, replace(POLICY, types=types))

    assert len(lines_of({"blocks": message.blocks})) <= SCREEN
