"""Home, as far as a listener whose button may stand there needs it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.blocks import Element, button
from handlers.slack.ids import Button, listing_value
from handlers.slack.payloads import Press
from rules.intake.commands import ListView, TicketListing
from rules.text import _
from services.desk import Desk

PublishHome = Callable[[AsyncWebClient, Desk, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class HomeTab:
    client: AsyncWebClient
    desk: Desk
    press: Press
    publish: PublishHome

    async def refresh(self) -> bool:
        """Shows how things are now, if that is where the button stood; False when it stood elsewhere."""
        is_shown = self.press.view.get("type") == "home"
        if is_shown:
            await self.publish(self.client, self.desk, self.press.user)
        return is_shown


def ticket_buttons() -> list[Element]:
    own_list = listing_value(TicketListing(ListView.MINE))
    return [
        button(_("New ticket"), Button.NEW_TICKET, "new", style="primary"),
        button(_("My tickets"), Button.SHOW_LIST, own_list, spoken=_("List my tickets")),
    ]
