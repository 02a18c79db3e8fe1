"""A command that reads for long is acknowledged in time, and answered below it when the answer is there."""

import asyncio

import pytest

from bot.emulator.people.person import Person
from handlers.slack import answers
from handlers.slack.answers import may_take_long
from handlers.slack.blocks import Message
from handlers.slack.router import Router
from rules.errors import Refused
from rules.people.permissions import Permission
from services.desk import Desk
from storage.database import Database
from tests.handlers.small_app import connected
from tests.handlers.vpn import ANA, SUPPORT


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "ACKNOWLEDGE_AFTER_SECONDS", 0.1)


def app_that_waits(until: asyncio.Event, refusal: str = "") -> Router:
    """Its /report is answered only when that has happened."""
    on = Router()

    @may_take_long
    async def answer() -> Message:
        await until.wait()
        if refusal:
            raise Refused(refusal)
        return Message("9 tickets are open.")

    on.command("/report", Permission.SEE_OWN_REPORT)(answer)
    return on


def read_by(person: Person) -> list[str]:
    return [one["text"] for one in person.visible_messages(SUPPORT) if one.get("is_ephemeral")]


@pytest.mark.parametrize(("refusal", "text"), [("", "9 tickets are open."), ("There is nothing.", "There is nothing.")])
async def test_what_takes_long_is_acknowledged_and_answered_below(
    sqlite_url: str, impatient: None, refusal: str, text: str
) -> None:
    counted, desk = asyncio.Event(), Desk(Database(sqlite_url), workspace="T0LOCAL")

    async with connected(app_that_waits(counted, refusal), desk) as emulator:
        ana = emulator.person(ANA)
        acknowledged = await ana.command(SUPPORT, "/report")
        counted.set()
        await desk.background_tasks.wait_until_done()

        assert (acknowledged.ephemerals, read_by(ana)) == ([], [text])


async def test_what_is_there_at_once_is_the_answer(sqlite_url: str) -> None:
    counted, desk = asyncio.Event(), Desk(Database(sqlite_url), workspace="T0LOCAL")
    counted.set()

    async with connected(app_that_waits(counted), desk) as emulator:
        outcome = await emulator.person(ANA).command(SUPPORT, "/report")

    assert [one["text"] for one in outcome.ephemerals] == ["9 tickets are open."]


async def test_who_waits_while_the_desk_is_stopped_reads_so(sqlite_url: str, impatient: None) -> None:
    desk = Desk(Database(sqlite_url), workspace="T0LOCAL")

    async with connected(app_that_waits(asyncio.Event()), desk) as emulator:
        ana = emulator.person(ANA)
        await ana.command(SUPPORT, "/report")
        await desk.background_tasks.stop(timeout_seconds=0)

        assert read_by(ana) == ["Baton was stopped before this was done. Please ask again in a minute."]
