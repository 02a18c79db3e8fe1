"""A disk that is full and a file that is removed: people read that nothing was saved, and monitoring sees it."""

import pytest
from sqlalchemy.engine import make_url

from bot.runtime.health import WriteProbe
from rules.model.health import HealthState
from storage.connections.sqlite_files import sqlite_files
from tests.desks import Office
from tests.storage.broken import full_disk


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_while_the_disk_is_full_nobody_reads_of_a_fault_and_then_all_goes_on(
    office: Office, database_url: str
) -> None:
    await office.file("VPN is down")
    card, ana, probe = office.card("C0SUPPORT", "VPN is down"), office.person("U0AGENT1"), WriteProbe(office.desk)
    with full_disk(database_url):
        typed = await ana.command("C0SUPPORT", "/ticket", "Mail is slow")
        pressed = await ana.press("C0SUPPORT", card["ts"], "ticket.take")
        await probe.look()
        state = office.desk.health.state

    await probe.look()
    again = await office.file("Mail is slow")

    read = [message["text"] for outcome in (typed, pressed) for message in outcome.ephemerals]
    assert all(text.startswith("Nothing was saved: the desk's disk refused it.") for text in read), read
    assert len(read) == 2
    assert (state, office.desk.health.state) == (HealthState.UNREADY, HealthState.OK)
    assert again.ephemerals[0]["text"].startswith("Created #2")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_when_the_file_is_removed_nothing_is_confirmed_that_would_be_lost(
    office: Office, database_url: str
) -> None:
    await office.file("VPN is down")
    card, ana, probe = office.card("C0SUPPORT", "VPN is down"), office.person("U0AGENT1"), WriteProbe(office.desk)
    for path in sqlite_files(make_url(database_url)):
        path.unlink()

    typed = await ana.command("C0SUPPORT", "/ticket", "Mail is slow")
    pressed = await ana.press("C0SUPPORT", card["ts"], "ticket.take")
    await probe.look()

    read = [message["text"] for outcome in (typed, pressed) for message in outcome.ephemerals]
    assert all(text.startswith("Nothing was saved: the desk's database file was removed") for text in read), read
    assert len(read) == 2
    assert office.desk.health.state is HealthState.UNREADY
