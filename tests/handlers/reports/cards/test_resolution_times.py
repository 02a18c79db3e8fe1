"""How long tickets took, in words that a lead can check."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handlers.reports.cards.resolution_times import Days, answer
from handlers.slack.blocks import Message
from rules.model.policy import TicketType
from rules.model.tickets import Status
from rules.reports.daily import Day, Scope
from rules.reports.resolution_times import Part, Spread, Times, Took
from tests.desks import MONDAY, POLICY, problems
from tests.handlers.reports.cards.test_daily import HOSTILE
from tests.handlers.screens import SCREEN, lines_of

H = 3600
DAY = date(2026, 10, 5)
TODAY = Day(DAY, MONDAY - timedelta(hours=9), MONDAY, "Europe/Warsaw", is_today=True)
DAYS = Days(DAY, DAY, TODAY)
SPREAD = Spread(12, 25 * H, 50 * H, 8.5 * H, 17 * H)
FOUND = Times(
    SPREAD,
    (("network", SPREAD),),
    (Took(4, "VPN is down", "U0AGENT1", 50 * H, 17 * H),),
    (Part(Status.WAITING, 60 * H, 6 * H), Part(Status.IN_PROGRESS, 6 * H, 3 * H)),
)


def told(found: Times | None, *, whose: Scope | None = None, days: Days = DAYS) -> Message:
    return answer(found, whose or Scope(), days, POLICY)


def said(message: Message) -> str:
    return "\n".join(str(block.get("text") or block.get("elements")) for block in message.blocks)


def test_median_and_ninth_of_ten_are_told_as_time_that_passed_and_open_time() -> None:
    words = said(told(FOUND))

    assert "Resolved 12 · TRT median 1 d 1 h (8 h 30 min open), 90 % within 2 d 2 h (17 h open)" in words
    assert "Network  n = 12: median 1 d 1 h" in words
    assert "*#4* VPN is down · <@U0AGENT1> · 2 d 2 h (17 h open)" in words


def test_the_time_is_told_by_state_as_shares_of_open_time() -> None:
    assert "of 9 h open\\nWaiting for customer 67 % (6 h) · In progress 33 % (3 h)" in said(told(FOUND))


def test_where_nothing_was_open_the_time_that_passed_is_shared() -> None:
    night = replace(FOUND, parts=(Part(Status.NEW, 3 * H, 0), Part(Status.RESOLVED, H, 0)))

    assert "of 4 h\\nNew 75 % (3 h) · Resolved, then reopened 25 % (1 h)" in said(told(night))


def test_of_few_it_says_that_they_say_little() -> None:
    few = replace(SPREAD, n=4)

    words = said(told(replace(FOUND, whole=few, types=(("network", few),))))

    assert "Resolved 4: few, so it says little" in words
    assert "Network  n = 4 (few)" in words


@pytest.mark.parametrize(
    ("whose", "typed"),
    [
        (Scope(), "/report times 2026-09-06..2026-10-05"),
        (Scope(person="U0AGENT1"), "/report times me 2026-09-06..2026-10-05"),
        (Scope(teams=frozenset(["support"])), "/report times team support 2026-09-06..2026-10-05"),
    ],
)
def test_where_nothing_was_resolved_a_span_is_proposed(whose: Scope, typed: str) -> None:
    assert f"For more days write `{typed}`." in told(None, whose=whose).text


def test_a_span_that_was_long_already_is_not_made_shorter() -> None:
    asked = Days(DAY - timedelta(days=60), DAY, TODAY)

    message = told(None, days=asked)

    assert message.text == "Nothing was resolved, the whole desk, 2026-08-06 to 2026-10-05."


def test_the_day_is_named_and_today_is_said_not_to_be_over() -> None:
    yesterday = DAY - timedelta(days=1)

    assert "Mon 5 Oct 2026, so far:" in told(FOUND).text
    assert "Sun 4 Oct 2026:" in told(FOUND, days=Days(yesterday, yesterday, TODAY)).text
    assert "2026-10-04 to 2026-10-05:" in told(FOUND, days=Days(yesterday, DAY, TODAY)).text


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_people_wrote_it_is_within_slacks_limits(text: str) -> None:
    types = {f"{text}{place}": TicketType(f"{text}{place}", text, "support") for place in range(60)}
    slowest = tuple(Took(place, text, text, 50 * H, 17 * H) for place in range(5))

    message = answer(
        replace(FOUND, types=tuple((key, SPREAD) for key in types), slowest=slowest),
        Scope(teams=frozenset([text])),
        DAYS,
        replace(POLICY, types=types),
    )

    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    assert "<!channel>" not in f"{message.text}{message.blocks}"


def test_long_titles_and_many_types_and_states_are_within_a_screen() -> None:
    types = {
        f"t{place}": TicketType(f"t{place}", "Trouble with something rather long " * 3, "t") for place in range(60)
    }
    slowest = tuple(Took(place, "Trouble " * 30, "U0AGENT1", 50 * H, 17 * H) for place in range(100_000, 100_005))
    parts = tuple(Part(status, 60 * H, 6 * H) for status in Status)

    busy = Times(SPREAD, tuple((key, SPREAD) for key in types), slowest, parts)
    message = answer(busy, Scope(), DAYS, replace(POLICY, types=types))

    assert len(lines_of({"blocks": message.blocks})) <= SCREEN
