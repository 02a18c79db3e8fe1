"""Why this deadline? The arithmetic behind a due time, for whoever may see the ticket."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.sla.cards import explanations as cards
from handlers.slack.ids import Button
from handlers.slack.payloads import Press
from handlers.slack.router import Router
from handlers.slack.ticket_actions import show
from handlers.tickets.lists import looked_at
from rules.calendars.timezones import zone
from rules.errors import DeskError
from services.desk import Desk
from storage.people import people
from storage.transaction import Reader


def register(on: Router) -> None:
    on.action(Button.WHY)(why)


async def why(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """For whoever may see the ticket; a button and a menu of tickets lead here."""
    press = Press.read(body)
    look = await desk.read(looked_at, press.number, policy=desk.policy, by=press.by)
    reader = await desk.read(_zone_of, press.by)
    view = cards.explained(look.ticket, look.clocks, desk.policy, desk.clock(), held=look.held, reader=reader)
    await show(client, press, view)
    await ack()


def _zone_of(reader: Reader, who: str) -> str:
    """The person's time zone; empty where Slack was not asked about them, or told one that is none."""
    person = people.find(reader, who)
    try:
        return zone(person.tz).key if person else ""
    except DeskError:
        return ""
