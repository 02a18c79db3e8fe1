"""Somebody asks and reads one message: the chart above its words, or the words and why there is no chart."""

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
    ChartedMessage,
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
from tests.handlers.small_app import BATON, connected

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
BELOW = [section("Of 2 tickets 1 is at risk.")]
AT_ONCE = (0.0, 0.0)
PNG = b"\x89PNG"


def answer_of(words: str) -> ChartedMessage:
    return ChartedMessage(WORDS, BELOW, ASKED[words])


async def typed(command: TypedCommand, client: AsyncWebClient, desk: Desk) -> Message | None:
    """`/report risk` answers with a chart, `/report` in words alone."""
    if not command.text:
        return WORDS
    upload.answer_with_chart(desk, client, command, answer_of(command.text), pauses=AT_ONCE)
    return None


async def pressed(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    """*Show* puts the chart above the words that hold it."""
    upload.add_chart_to_answer(desk, client, press, answer_of("risk"), pauses=AT_ONCE)


@dataclass
class Gallery:
    """The app in its workspace."""

    slack: Emulator
    desk: Desk

    async def asked(self, words: str) -> dict[str, Any]:
        """The one message that Ana reads."""
        await self.slack.person(ANA).command(SUPPORT, "/report", words)
        await self.desk.background_tasks.wait_until_done()
        (answer,) = self.slack.person(ANA).visible_messages(SUPPORT)
        return answer

    async def refused(self, words: str = "risk") -> str:
        """The small line below the words, which stand alone."""
        answer = await self.asked(words)
        assert [block["type"] for block in answer["blocks"]] == ["section", "actions", "context"]
        assert answer["blocks"][0]["text"]["text"] == WORDS.text
        assert not problems("message", answer)
        line = str(answer["blocks"][-1]["elements"][0]["text"])
        assert answer["text"] == f"{WORDS.text} {line}"
        return line

    def shared(self) -> list[dict[str, Any]]:
        """The files in Ana's direct message with Baton."""
        ana = self.slack.person(ANA)
        return [file for one in ana.visible_messages(ana.dm_channel(BATON)) for file in one.get("files", [])]


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
async def test_the_chart_is_above_the_words_in_one_message(gallery: Gallery, chart: str) -> None:
    answer = await gallery.asked(chart)

    assert answer["is_ephemeral"]
    assert answer["text"] == WORDS.text
    assert [block["type"] for block in answer["blocks"]] == ["image", "section"]
    assert answer["blocks"][0]["alt_text"] == ASKED[chart].alt_text
    assert gallery.slack.person(ANA).open_file(file_of(answer)).startswith(PNG)
    assert not problems("message", answer)


async def test_its_file_is_shared_with_the_reader_alone(gallery: Gallery) -> None:
    answer = await gallery.asked("risk")

    (file,) = gallery.shared()
    assert (file["id"], file["title"]) == (file_of(answer), ASKED["risk"].title)
    assert gallery.slack.refusals == []


async def test_baton_at_work_draws_it_in_another_process(gallery: Gallery) -> None:
    gallery.desk.compute = reckoner = ComputeWorker()

    answer = await gallery.asked("risk")
    await reckoner.stop()

    assert gallery.slack.person(ANA).open_file(file_of(answer)).startswith(PNG)


async def test_nobody_else_sees_it(gallery: Gallery) -> None:
    answer = await gallery.asked("risk")

    assert gallery.slack.person(BEN).visible_messages(SUPPORT) == []
    with pytest.raises(SlackError):
        gallery.slack.person(BEN).open_file(file_of(answer))


async def test_a_message_that_is_pressed_keeps_its_words_below_the_chart(gallery: Gallery) -> None:
    ana = gallery.slack.person(ANA)
    answer = await gallery.asked("")

    await ana.press(SUPPORT, answer["ts"], "show")
    await gallery.desk.background_tasks.wait_until_done()

    (now,) = ana.visible_messages(SUPPORT)
    assert [block["type"] for block in now["blocks"]] == ["image", "section"]
    assert ana.open_file(file_of(now)).startswith(PNG)


async def test_a_card_gets_its_chart_on_top_and_the_file_into_its_thread(gallery: Gallery) -> None:
    client = AsyncWebClient(token="xoxb-local", base_url=gallery.slack.api_url)
    posted = await client.chat_postMessage(channel=SUPPORT, text=WORDS.text, blocks=WORDS.blocks)

    upload.add_chart_to_card(gallery.desk, client, SUPPORT, str(posted["ts"]), answer_of("risk"), pauses=AT_ONCE)
    await gallery.desk.background_tasks.wait_until_done()

    card, below = gallery.slack.person(ANA).thread(SUPPORT, posted["ts"])
    assert [block["type"] for block in card["blocks"]] == ["image", "section"]
    assert [file["id"] for file in below["files"]] == [file_of(card)]


async def test_a_title_may_hold_anything(gallery: Gallery) -> None:
    answer = await gallery.asked("risk")

    assert "VPN is <down> & out" in answer["blocks"][0]["alt_text"]


async def test_a_fresh_file_is_tried_again(gallery: Gallery) -> None:
    gallery.slack.faults.delay_files(2)

    answer = await gallery.asked("risk")

    assert gallery.slack.person(ANA).open_file(file_of(answer)).startswith(PNG)
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


async def test_a_reader_with_whom_baton_may_not_speak_reads_the_words_alone(gallery: Gallery) -> None:
    gallery.slack.faults.fail_next("conversations.open", error="messages_tab_disabled")

    assert await gallery.refused() == "The chart could not be shown: Slack refused it (`messages_tab_disabled`)."


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
