"""The card of a forecast: one measure under one word, work in hours, and nothing cut without a word."""

from datetime import timedelta
from typing import Any

from handlers.forecasts.cards import risk
from handlers.forecasts.cards.risk import ForecastView
from handlers.text.slack import local_time, render
from rules.forecasts.forecasts import Forecast, PersonForecast, TicketForecast
from rules.forecasts.what_if import WhatIfAction, WhatIfKind
from rules.model.tickets import Priority
from rules.text import TicketNumber, _
from storage.forecasts import applied_text
from storage.schema.forecasts import AppliedAction
from storage.texts import text_to_json
from tests.desks import MONDAY, POLICY

ANA, BEN, LENA = "U0AGENT1", "U0AGENT2", "U0LEAD1"
NOON = MONDAY + timedelta(hours=3)


def forecast(*loads: PersonForecast, breaches: float = 0.0) -> Forecast:
    clears_at = int(NOON.timestamp())
    ticket = TicketForecast(7, made=0.9, if_later=None, median_at=None, p90_at=None, due_at=clears_at)
    return Forecast((ticket,), 0, breaches, 0, 3, clears_at, clears_at, loads)


def view(*loads: PersonForecast, **more: Any) -> ForecastView:
    return ForecastView("support", POLICY, MONDAY, forecast(*loads), **more)


def applied(words: object) -> AppliedAction:
    return AppliedAction(team="support", at=MONDAY, by=LENA, lever={"words": words}, before=3.0, after=1.0)


def read_sections(view: ForecastView) -> str:
    return "\n".join(block["text"]["text"] for block in risk.risk_card(view).blocks if block["type"] == "section")


def test_a_person_clears_by_the_same_measure_and_word_as_the_team() -> None:
    busy = PersonForecast(ANA, 8, 320.0, int(NOON.timestamp()), waiting_minutes=60.0)

    said = read_sections(view(busy))

    assert f"Backlog without tickets on hold expected to clear by {local_time(NOON)}" in said
    assert f"<@{ANA}>: 8 tickets · 5 h 20 min of work · 1 h on hold · expected to clear by {local_time(NOON)}" in said


def test_work_of_unassigned_tickets_has_no_person() -> None:
    said = read_sections(view(PersonForecast(None, 2, 49.0, None)))

    assert "Unassigned: 2 tickets · 49 min of work" in said.splitlines()


def test_people_beyond_ten_are_counted_with_a_way_to_see_them() -> None:
    said = read_sections(view(*(PersonForecast(f"U0AGENT{n}", 1, 60.0, None) for n in range(12))))

    assert "<@U0AGENT9>" in said
    assert "2 more people with less work: type `/report who`." in said


def test_teams_beyond_twenty_are_counted_with_a_way_to_see_them() -> None:
    rows = risk.risk_overview([view()] * 21).blocks

    assert len(rows) == 21
    assert "1 more team with fewer expected breaches. Type `/desk risk TEAM` to see it." in str(rows[-1])


def test_everything_that_was_applied_is_shown() -> None:
    done = tuple(
        applied(text_to_json(_("SLA of {tickets} extended by one working day", tickets=TicketNumber(number))))
        for number in range(1, 6)
    )

    said = read_sections(view(applied=done))

    assert all(f"✓ SLA of #{number} extended by one working day" in said for number in range(1, 6))


def test_what_was_applied_before_sentences_were_values_is_still_read() -> None:
    before = applied(f"#3, #4 from <@{ANA}> to <@{BEN}>")

    assert render(applied_text(before)) == f"#3, #4 from <@{ANA}> to <@{BEN}>"


def test_what_would_help_says_the_expected_breaches() -> None:
    extend = WhatIfAction(WhatIfKind.EXTEND, (327, 322), before=7.1, after=5.2)
    pause = WhatIfAction(WhatIfKind.PAUSE, priority=Priority.LOW, before=7.1, after=6.0)

    said = read_sections(view(actions=(extend, pause)))

    assert "Extend the SLA of #327, #322 by one working day: expected breaches 7.1 → 5.2" in said
    assert "Work on Low priority last for one working day: expected breaches 7.1 → 6.0" in said
