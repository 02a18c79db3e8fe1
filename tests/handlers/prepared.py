"""A desk with a ticket for each button and form, prepared once for whoever tries them all."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from handlers.slack.ids import Button, More
from services.desk import Desk
from storage.schema.tickets import OutboxMessage
from tests.desks import NAMES, HeldClock, Office, opened_desk, opened_office, seed
from tests.handlers.brought import PIA, PLAIN
from tests.handlers.matrix import BUTTONS, FORMS, UNDER_MORE, Way
from tests.handlers.vpn import BATON
from tests.services import parts

GUEST, ORGANISATION = "U0GUEST1", "E0LAKES"

# prepared first: each of them moves the clock on, and looks at all tickets that are there
OVERDUE = (Button.SNOOZE, More.SNOOZE_ONE_HOUR, More.SNOOZE_TWO_HOURS)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database with a ticket for each button and form, the time at that desk, and what each of them carries."""

    database_url: str
    now: datetime
    values: Mapping[str, str]

    async def value(self, name: str, way: Way, desk: Desk, person: str) -> str:
        return await way.value(desk, person) if way.for_each else self.values[name]


async def prepare(database_url: str) -> Prepared:
    """Once for everybody; what Slack would read of it is left out."""
    ways = BUTTONS | UNDER_MORE | FORMS
    shared = [name for name in sorted(ways, key=lambda name: name not in OVERDUE) if not ways[name].for_each]
    async with opened_desk(database_url, clock := HeldClock(), plain=PLAIN) as desk:
        values = {name: await ways[name].value(desk, parts.NOBODY) for name in shared}
        await desk.execute(lambda tx: tx.execute(update(OutboxMessage).values(sent_at=tx.now, next_at=None)).rowcount)
    return Prepared(database_url, clock.now, values)


@asynccontextmanager
async def wider_office(database_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    """The office with an admin, other experts, a guest, somebody without any part, and an agent who is looked after."""
    company = seed()
    company["team"]["enterprise_id"] = ORGANISATION
    more = {parts.ADA: "Ada", parts.SAM: "Sam", parts.NOBODY: "Nils", GUEST: "Gus", PIA: "Pia"}
    company["people"] += [
        {"id": user, "name": name.lower(), "real_name": name, "tz": "Europe/Warsaw", "locale": "en-US"}
        for user, name in more.items()
    ]
    for channel in company["channels"]:
        channel["members"] = [*NAMES, *more, BATON]
    company["channels"] += [{"id": "C0SECURE", "name": "security", "members": [parts.SAM, BATON]}]
    async with opened_office(database_url, clock, plain=PLAIN, company=company) as opened:
        opened.emulator.change_person(GUEST, is_restricted=True)
        yield opened
