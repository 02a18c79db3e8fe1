"""Home is rendered when a person opens it, from the sections that the capabilities register."""

import logging
from collections.abc import Sequence
from datetime import datetime

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.home import cards
from handlers.home_sections import HomeSection, HomeView
from handlers.registry import Registry
from handlers.slack import blocks
from handlers.slack.blocks import Block, Modal
from handlers.slack.ephemeral import UNKNOWN_USER_ERRORS, answer_in_time, error_code
from handlers.slack.ids import SlackEvent
from handlers.slack.payloads import Body, is_home_tab, user_of
from rules.model.people import slack_user_id
from rules.model.policy import Policy
from rules.people.permissions import Permission
from rules.text import Text
from services.desk import Desk
from storage.tickets.home import has_open_tickets
from storage.transaction import Reader

log = logging.getLogger("baton.handlers")


def register(on: Registry) -> None:
    async def show_home(body: Body, client: AsyncWebClient, desk: Desk) -> None:
        if is_home_tab(body):
            await publish_home(client, desk, user_of(body))

    async def publish_home(client: AsyncWebClient, desk: Desk, user: str) -> None:
        view = await desk.read_in_worker(
            render_home, user, policy=desk.policy, now=desk.clock(), sections=on.home_sections
        )
        try:
            await answer_in_time(client.views_publish(user_id=slack_user_id(user), view=view))
        except SlackApiError as error:
            if error_code(error) not in UNKNOWN_USER_ERRORS:
                raise
            log.info("Slack shows no Home to a person whom it does not know")

    on.event(SlackEvent.HOME_OPENED, Permission.OPEN_HOME)(show_home)
    on.home_section(order=10)(render_welcome)
    on.publish_home = publish_home


def render_home(
    reader: Reader, person: str, *, policy: Policy, now: datetime, sections: Sequence[HomeSection]
) -> Modal:
    """The view to publish."""
    view, content = HomeView(reader, policy, now, person), list[Block]()
    title: Text | str = ""
    for section in sorted(sections, key=lambda one: one.order):
        if rows := section.render(view):
            is_titled = section.title and section.title != title
            content += [blocks.header(section.title), *rows] if is_titled else rows
            title = section.title
    return {"type": "home", "blocks": content}


def render_welcome(view: HomeView) -> list[Block]:
    """The first buttons; people who have never needed the desk read what it is."""
    if view.visible_teams or has_open_tickets(view.reader, view.person):
        return cards.first_buttons(view.policy, view.person)
    return cards.welcome()
