"""Somebody asks, reads the words at once, and sees the picture when it is drawn; or reads why there is none."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.errors import SlackError
from bot.emulator.server import Emulator
from bot.runtime.compute import ComputeWorker
from handlers.charts import upload
from handlers.charts.charts import (
    Chart,
    ForecastBand,
    ForecastRecord,
    QueueForecast,
    TicketChance,
    reliability_chart,
    risk_chart,
)
from handlers.slack.blocks import Message, actions, button, section
from handlers.slack.payloads import Press, TypedCommand
from handlers.slack.router import Router
from rules.people.permissions import Permission
from services.desk import Desk
from storage.database import Database
from tests.desks import problems
from tests.handlers.small_app import connected

ANA, BEN, SUPPORT = "U0AGENT1", "U0AGENT2", "C0SUPPORT"
CHANCES = (
    TicketChance(12, "VPN is <down> & out", 0.93, "today 12:30"),
    TicketChance(14, "Mouse is dead", 0.41, "today 16:00"),
)
OUTLOOK = QueueForecast("Support", "Europe/Warsaw", "Mon 5 Oct 09:00", 1000, CHANCES, "today 15:10", "Tue 6 Oct 10:20")
RECORD = ForecastRecord(
    "Support", "5 Jul to 5 Oct 2026", (ForecastBand(0.3, 12, 4), ForecastBand(0.9, 40, 37)), 0.11, 0.17
)
ASKED = {
    "risk": risk_chart(OUTLOOK),
    "record": reliability_chart(RECORD),
    "broken": Chart("tests.handlers.drawn:broken", (), "Risk", "Nothing to see."),
    "refused": Chart("tests.handlers.drawn:refused", (), "Risk", "Nothing to see."),
}
WORDS = Message(
    "Of 2 tickets 1 is at risk.", [section("Of 2 tickets 1 is at risk."), actions(button("Show", "show", 1))]
)
AT_ONCE = (0.0, 0.0)
PNG = b"\x89PNG"


async def typed(command: TypedCommand, client: AsyncWebClient, desk: Desk) -> Message:
    """`/report risk` answers in words, and with a picture below them."""
    if command.text:
        upload.post_chart_below(desk, client, command.response_url, ASKED[command.text], pauses=AT_ONCE)
    return WORDS


async def pressed(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    """*Show* puts the picture under the words that hold it."""
    upload.add_chart_to_answer(desk, client, press.response_url, WORDS, ASKED["risk"], pauses=AT_ONCE)


@dataclass
class Gallery:
    """The app in its workspace."""

    slack: Emulator
    desk: Desk

    async def asked(self, words: str) -> list[dict[str, Any]]:
        """What Ana reads in the end; what she reads at once are words alone."""
        outcome = await self.slack.person(ANA).command(SUPPORT, "/report", words)
        assert [one["text"] for one in outcome.ephemerals] == [WORDS.text]
        await self.desk.background_tasks.wait_until_done()
        return self.slack.person(ANA).visible_messages(SUPPORT)

    async def refused(self, words: str = "risk") -> str:
        """The small line that she reads in the picture's place."""
        answer, line = await self.asked(words)
        assert answer["blocks"][0]["text"]["text"] == WORDS.text
        assert not problems("message", line)
        return str(line["text"])


@pytest.fixture
async def gallery(tmp_path: Path) -> AsyncIterator[Gallery]:
    on, desk = Router(), Desk(Database(f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"), workspace="T0LOCAL")
    on.command("/report", Permission.FILE_TICKET)(typed)
    on.action("show", Permission.FILE_TICKET)(pressed)
    async with connected(on, desk) as slack:
        yield Gallery(slack, desk)


def file_of(message: dict[str, Any]) -> str:
    (image,) = [block for block in message["blocks"] if block["type"] == "image"]
    return str(image["slack_file"]["id"])


@pytest.mark.parametrize("chart", ["risk", "record"])
async def test_the_picture_comes_below_the_words(gallery: Gallery, chart: str) -> None:
    answer, below = await gallery.asked(chart)

    assert answer["text"] == WORDS.text
    assert below["is_ephemeral"]
    assert below["blocks"][0]["alt_text"] == ASKED[chart].alt_text
    assert gallery.slack.person(ANA).open_file(file_of(below)).startswith(PNG)
    assert not problems("message", below)


async def test_baton_at_work_draws_it_in_another_process(gallery: Gallery) -> None:
    gallery.desk.compute = reckoner = ComputeWorker()

    _, below = await gallery.asked("risk")
    await reckoner.stop()

    assert gallery.slack.person(ANA).open_file(file_of(below)).startswith(PNG)


async def test_nobody_else_sees_it(gallery: Gallery) -> None:
    _, below = await gallery.asked("risk")

    assert gallery.slack.person(BEN).visible_messages(SUPPORT) == []
    with pytest.raises(SlackError):
        gallery.slack.person(BEN).open_file(file_of(below))


async def test_a_whisper_that_is_pressed_keeps_its_words_and_gets_the_picture(gallery: Gallery) -> None:
    ana = gallery.slack.person(ANA)
    (answer,) = await gallery.asked("")

    await ana.press(SUPPORT, answer["ts"], "show")
    await gallery.desk.background_tasks.wait_until_done()

    (now,) = ana.visible_messages(SUPPORT)
    assert [block["type"] for block in now["blocks"]] == ["section", "actions", "image"]
    assert ana.open_file(file_of(now)).startswith(PNG)


async def test_a_title_may_hold_anything(gallery: Gallery) -> None:
    _, below = await gallery.asked("risk")

    assert "VPN is &lt;down&gt; &amp; out" in below["text"]
    assert "VPN is <down> & out" in below["blocks"][0]["alt_text"]


async def test_a_fresh_file_is_tried_again(gallery: Gallery) -> None:
    gallery.slack.faults.delay_files(2)

    _, below = await gallery.asked("risk")

    assert gallery.slack.person(ANA).open_file(file_of(below)).startswith(PNG)
    assert gallery.slack.refusals == []


async def test_a_file_that_slack_is_not_done_with_becomes_a_line(gallery: Gallery) -> None:
    gallery.slack.faults.delay_files(9)

    assert await gallery.refused() == (
        "The chart could not be shown: Slack is still processing it. Try again in a minute."
    )


async def test_a_missing_scope_becomes_a_line_that_says_what_to_do(gallery: Gallery) -> None:
    gallery.slack.faults.fail_next("files.getUploadURLExternal", error="missing_scope")

    assert "lacks the scope `files:write` here. `baton check` tells" in await gallery.refused()
    assert gallery.desk.health.missing_scopes == ["files:write"]


async def test_any_other_refusal_is_named(gallery: Gallery) -> None:
    gallery.slack.faults.fail_next("files.completeUploadExternal", error="file_type_not_allowed")

    assert await gallery.refused() == "The chart could not be shown: Slack refused it (`file_type_not_allowed`)."


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_a_line_that_breaks_becomes_a_line_of_words(gallery: Gallery, method: str) -> None:
    gallery.slack.faults.fail_next(method, drop_after=True)

    assert await gallery.refused() == "The chart could not be shown: Slack did not answer."


async def test_a_drawing_that_refuses_says_its_sentence(gallery: Gallery) -> None:
    assert await gallery.refused("refused") == (
        "The chart could not be shown: Too few tickets were done to forecast &lt;anything&gt;."
    )


async def test_a_drawing_that_breaks_gives_the_reference_that_the_log_has(
    gallery: Gallery, caplog: pytest.LogCaptureFixture
) -> None:
    line = await gallery.refused("broken")

    reference = line.partition("reference ")[2][:8]
    (kept,) = [one for one in caplog.records if reference in one.getMessage()]
    assert kept.exc_info is not None
    assert isinstance(kept.exc_info[1], ZeroDivisionError)
