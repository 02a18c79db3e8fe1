"""Whatever people do, what they read is translated, and a language of long words has room."""

import asyncio
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from handlers.slack.ids import Button
from handlers.text import translation
from rules.people.permissions import Role
from tests.databases import copied, sqlite_file
from tests.desks import NAMES, HeldClock, Office
from tests.handlers import sent
from tests.handlers.brought import PLAIN
from tests.handlers.languages import LongWinded, Pseudo
from tests.handlers.matrix import BUTTONS, COMMANDS, FORMS, UNDER_MORE
from tests.handlers.prepared import Prepared, prepare, wider_office
from tests.plain_words import drawn_texts
from tests.services import parts

_NO_SENTENCE = re.compile(r"<[^>]*>|`[^`]*`|:[a-z_]+:|#[A-Za-z-]+")
_WORD = re.compile(r"[A-Za-z]{3,}")
# All other words are sentences of Baton: these the office's desk.yml names, people type, or libraries say.
COMPANY_NAMES = ["Ada", "Sam", "Nils", "Gus", "Pia"]
TYPED = ["VPN is down", "VPN is slow", "Tunnel flaps", "restarted client", "Printer is out of paper", "Third time"]
TYPED += ["close 1", "none", "Ports", "team network add @adam agent", "/desk away until 15:00"]
HOLIDAYS = ["Independence Day", "National Day"]
DATES = [date(2026, 1, day).strftime("%a") for day in range(1, 8)] + [f"{date(2026, n, 1):%b}" for n in range(1, 13)]
STORED_IN_ENGLISH = ["the answer time of Network"]  # why this target: rules/sla/targets.py keeps a finished sentence
NO_SENTENCES = [
    json.dumps([PLAIN, NAMES, COMPANY_NAMES, [way.answers for way in FORMS.values()]]),
    *(TYPED + HOLIDAYS + DATES + STORED_IN_ENGLISH),
]


@pytest.fixture(scope="module")
def prepared(databases: Path, sqlite_desk: Path) -> Iterator[Prepared]:
    with sqlite_file(databases, sqlite_desk) as database_url:
        yield asyncio.run(prepare(database_url))


async def texts_of_a_day(prepared: Prepared, folder: Path, clock: HeldClock, who: str) -> list[str]:
    """Everything that is drawn when one person tries every button, form and command."""
    clock.now = prepared.now
    said = list[str]()
    with copied(prepared.database_url, folder=folder) as database_url:
        async with wider_office(database_url, clock) as office:
            office.emulator.traffic.listeners.append(lambda entry: said.extend(drawn_texts(entry)))
            await try_everything(office, prepared, who)
            await office.settled()
    return said


async def try_everything(office: Office, prepared: Prepared, who: str) -> None:
    for name, way in (BUTTONS | UNDER_MORE).items():
        value = await prepared.value(name, way, office.desk, who)
        await sent.pressed(office, who, Button.MORE_MENU if name in UNDER_MORE else name, value)
        office.clock.now += timedelta(seconds=1)
    for name, way in FORMS.items():
        await sent.filled(office, who, name, await prepared.value(name, way, office.desk, who), way.answers)
        office.clock.now += timedelta(seconds=1)
    for name, text in COMMANDS:
        await sent.typed(office, who, name, text)
    await office.person(who).open_home()


def words_of(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(_NO_SENTENCE.sub("", text))}


async def test_nothing_is_drawn_past_the_translation(
    prepared: Prepared, databases: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translation, "DESK_LANGUAGE", Pseudo())
    drawn = await texts_of_a_day(prepared, databases, clock, parts.ROLES[Role.LEAD])

    assert words_of(drawn) - words_of(NO_SENTENCES) == set()


async def test_long_words_have_room(
    prepared: Prepared, databases: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The local Slack refuses what is over Slack's limits, and the office fails when something was refused."""
    monkeypatch.setattr(translation, "DESK_LANGUAGE", LongWinded())
    drawn = await texts_of_a_day(prepared, databases, clock, parts.ROLES[Role.LEAD])

    assert any("öööö" in text for text in drawn)
