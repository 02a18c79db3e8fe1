"""*Next ticket*: shown by `/desk next` or from Home, taken or skipped with one press."""

from slack_sdk.web.async_client import AsyncWebClient

from handlers.assignment.cards import next_ticket as cards
from handlers.slack import ephemeral
from handlers.slack.answers import may_take_long
from handlers.slack.blocks import Message, page_modal
from handlers.slack.ids import Button, Command
from handlers.slack.payloads import Press, TypedCommand
from handlers.slack.router import Router
from rules.people.permissions import NotAllowed, Permission, is_allowed, roles_anywhere
from rules.text import _
from services.assignment import routing
from services.desk import Desk
from services.tickets import tickets
from storage.assignment.candidates import find_next_ticket


def register(on: Router) -> None:
    help = _("the best ticket for you to take now, and why")
    on.word(Command.DESK, "next", Permission.TAKE_NEXT_TICKET, help)(answer_next_word)
    on.action(Button.NEXT_TICKET, Permission.TAKE_NEXT_TICKET)(show_next_ticket)
    on.action(Button.TAKE_NEXT, Permission.TAKE_TICKET)(take_next_ticket)
    on.action(Button.SKIP_NEXT, Permission.TAKE_NEXT_TICKET)(skip_next_ticket)


async def show_next_ticket(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    await _show_answer(client, press, await answer_next_ticket(desk, press.user))


async def take_next_ticket(press: Press, number: int, client: AsyncWebClient, desk: Desk) -> None:
    await desk.execute_once(press.key, tickets.take, number, by=press.user)
    await _show_answer(client, press, cards.ticket_taken(number))


async def skip_next_ticket(press: Press, client: AsyncWebClient, desk: Desk) -> None:
    await desk.execute_once(press.key, routing.skip_ticket, press.ticket, by=press.user)
    await _show_answer(client, press, await answer_next_ticket(desk, press.user))


@may_take_long
async def answer_next_word(command: TypedCommand, desk: Desk) -> Message:
    return await answer_next_ticket(desk, command.user)


async def answer_next_ticket(desk: Desk, by: str) -> Message:
    if not is_allowed(Permission.TAKE_NEXT_TICKET, roles_anywhere(desk.policy, by)):
        raise NotAllowed(Permission.TAKE_NEXT_TICKET)
    now = desk.clock()
    found = await desk.read_in_worker(find_next_ticket, by, policy=desk.policy, at=now)
    return cards.next_ticket_card(found, desk.policy, now)


async def _show_answer(client: AsyncWebClient, press: Press, message: Message) -> None:
    """On Home a page opens, in a page the page changes, in a channel the answer is replaced."""
    view = page_modal(_("Next ticket"), message.blocks)
    if press.view.get("type") == "modal":
        await ephemeral.answer_in_time(client.views_update(view_id=press.view_id, view=view))
    elif press.view:
        await ephemeral.answer_in_time(client.views_open(trigger_id=press.trigger_id, view=view))
    else:
        await ephemeral.answer_press(client, press, message, replace=True)
