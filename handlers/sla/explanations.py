"""*Why this deadline?*: the arithmetic behind a due time, for everyone who may see the ticket."""

from handlers.sla.cards import explanations as cards
from handlers.slack.blocks import Modal
from handlers.slack.ids import Button, More
from handlers.slack.menus import MenuEntry
from handlers.slack.payloads import Press
from handlers.slack.router import Router
from handlers.tickets.lists import ticket_for_viewer
from rules.calendars.timezones import time_zone
from rules.errors import Refused
from rules.people.permissions import Permission
from rules.text import _
from services.desk import Desk
from storage.people import people
from storage.transaction import Reader


def register(on: Router) -> None:
    on.menu(More.EXPLAIN_DEADLINE, Permission.SEE_TICKET, MenuEntry(_("Why this deadline?"), 60))(explain_deadline)
    on.action(Button.EXPLAIN_DEADLINE, Permission.SEE_TICKET)(explain_deadline)


async def explain_deadline(press: Press, desk: Desk) -> Modal:
    look = await desk.read(ticket_for_viewer, press.ticket, policy=desk.policy, by=press.user)
    reader = await desk.read(_person_zone, press.user)
    view = cards.explanation_page(
        look.ticket, look.timers, desk.policy, desk.clock(), roles=look.roles, viewer_zone=reader
    )
    return view


def _person_zone(reader: Reader, who: str) -> str:
    """Empty where Slack was not asked about the person, or gave an unknown zone."""
    person = people.find_person(reader, who)
    try:
        return time_zone(person.tz).key if person else ""
    except Refused:
        return ""
