"""What a picture shows, in words; and a drawing for whatever is in the values."""

import importlib
import struct

import pytest

from handlers.charts import charts
from handlers.charts.charts import (
    ForecastBand,
    ForecastRecord,
    QueueForecast,
    TicketChance,
    reliability_chart,
    risk_chart,
)
from handlers.slack.blocks import Message, section
from services.background import import_function
from tests.desks import problems

TITLES = ("VPN is down", "$x^2$ \\frac{ & <!channel>", "発注書 🖨️", "", "a\nb\tc\u202e", "W" * 500)


def outlook(*chances: TicketChance, clears: str = "today 15:10", late: str = "Tue 6 Oct 10:20") -> QueueForecast:
    return QueueForecast("Support", "Europe/Warsaw", "Mon 5 Oct 09:00", 1000, chances, clears, late)


def chance(number: int, share: float, title: str = "VPN is down") -> TicketChance:
    return TicketChance(number, title, share, "today 12:30")


def record(*bands: ForecastBand) -> ForecastRecord:
    return ForecastRecord("Support", "5 Jul to 5 Oct 2026", bands, 0.11, 0.17)


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    wide, high = struct.unpack("!II", png[16:24])
    return wide, high


def drawn(picture: charts.Chart) -> tuple[int, int]:
    return size(import_function(picture.renderer)(*picture.arguments))


def test_who_does_not_see_the_risk_reads_it() -> None:
    assert risk_chart(outlook(chance(12, 0.93), chance(14, 0.41), chance(15, 0.65))).alt_text == (
        "Chances that Support's tickets are resolved by their due time, as of Mon 5 Oct 09:00. "
        "Backlog without tickets on hold expected to clear by today 15:10 (90 % by Tue 6 Oct 10:20). "
        "#12 VPN is down, due today 12:30: 93 % (Likely). #14 VPN is down, due today 12:30: 41 % (In doubt). "
        "#15 VPN is down, due today 12:30: 65 % (In doubt)."
    )


def test_who_does_not_see_what_forecasts_were_worth_reads_it() -> None:
    assert reliability_chart(
        record(ForecastBand(0.3, 12, 4), ForecastBand(0.5, 0, 0), ForecastBand(0.9, 40, 37))
    ).alt_text == (
        "Forecasts of Support compared with outcomes, 5 Jul to 5 Oct 2026: 52 forecasts. "
        "Brier score 0.11 (baseline 0.17); lower is better. "
        "Forecast 30 %: 4 of 12 came true (33 %). Forecast 90 %: 37 of 40 came true (92 %)."
    )


def test_a_queue_that_does_not_clear_says_so() -> None:
    assert "not expected to clear within" in risk_chart(outlook(clears="")).alt_text
    assert "today 15:10 (90 %: not within the simulated time)." in risk_chart(outlook(late="")).alt_text


def test_of_many_tickets_the_least_likely_are_shown_by_due_time_and_the_others_counted() -> None:
    whole = outlook(*(chance(number, number * 37 % 101 / 100) for number in range(40)))

    kept = charts.drawn_tickets(whole)

    assert [one.number for one in kept] == sorted(one.number for one in kept)
    assert len(kept) == 12
    assert max(one.chance for one in kept) < 0.3
    assert str(charts.left_out_text(whole)) == "28 more tickets are at 30 % or above."


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0 %"), (0.004, "under 1 %"), (0.5, "50 %"), (0.996, "over 99 %"), (1.0, "100 %")]
)
def test_nothing_is_called_certain_that_is_not(share: float, words: str) -> None:
    assert charts.percent_text(share) == words


def test_a_picture_stands_within_slacks_limits() -> None:
    picture = risk_chart(outlook(*(chance(number, 0.5, "W" * 500) for number in range(40))))

    words = Message("40 tickets", [section("40 tickets")])
    said = charts.chart_message(charts.ChartedMessage(words, words.blocks, picture), "F0CHART001")

    assert not problems("message", {"text": said.text, "blocks": said.blocks})


@pytest.mark.parametrize("many", [0, 1, 12, 40])
def test_the_risk_is_drawn_as_wide_as_a_phone_needs_and_never_too_high(many: int) -> None:
    wide, high = drawn(
        risk_chart(outlook(*(chance(number, number / 40, TITLES[number % 6]) for number in range(many))))
    )

    assert wide == 1200
    assert high < 2.2 * wide


@pytest.mark.parametrize(
    "bands", [(), (ForecastBand(0.5, 1, 1),), tuple(ForecastBand(at / 100, 2000, at) for at in range(0, 101, 5))]
)
def test_what_forecasts_were_worth_is_drawn_for_any_bands(bands: tuple[ForecastBand, ...]) -> None:
    assert drawn(reliability_chart(record(*bands)))[0] == 1200


def test_the_paper_is_opaque_so_that_it_reads_the_same_on_a_dark_slack() -> None:
    image = importlib.import_module("matplotlib.image")
    png = import_function("handlers.charts.render:draw_risk_chart")(outlook(chance(12, 0.9)))
    pixels = image.imread(importlib.import_module("io").BytesIO(png))

    assert pixels[0, 0, :3].min() == 1
    assert pixels.shape[2] == 3 or pixels[:, :, 3].min() == 1
