"""Whatever people do, what they read is translated, and a language of long words has room."""

import asyncio
import json
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.slack.ids import Button
from handlers.text.translation import rendering
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
TYPED = ["VPN is down", "VPN is slow", "Tunnel flaps", "restarted client"]
COMPANY_NAMES = ["Ada", "Sam", "Nils", "Gus", "Pia"]
WORDS_LEFT = 120  # at most so many words of no sentence that can be translated; falls to none


# What the office's desk.yml names, and what people type here: all other words are sentences of Baton.
NAMED_AND_TYPED = [json.dumps([PLAIN, NAMES, COMPANY_NAMES, [way.answers for way in FORMS.values()], TYPED])]


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


async def test_nothing_is_drawn_past_the_translation(prepared: Prepared, databases: Path, clock: HeldClock) -> None:
    with rendering(translations=Pseudo()):
        drawn = await texts_of_a_day(prepared, databases, clock, parts.ROLES[Role.LEAD])

    past = words_of(drawn) - words_of(NAMED_AND_TYPED)
    assert len(past) <= WORDS_LEFT, sorted(past)


async def test_long_words_have_room(prepared: Prepared, databases: Path, clock: HeldClock) -> None:
    """The local Slack refuses what is over Slack's limits, and the office fails when something was refused."""
    with rendering(translations=LongWinded()):
        drawn = await texts_of_a_day(prepared, databases, clock, parts.ROLES[Role.LEAD])

    assert any("öööö" in text for text in drawn)
