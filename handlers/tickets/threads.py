"""Messages in the threads of tickets, and direct messages to Baton."""

from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack import ephemeral
from handlers.slack.blocks import Modal
from handlers.slack.ids import Button, SlackEvent
from handlers.slack.messages.messages import MessageEdit, SlackMessage
from handlers.slack.messages.names import with_names
from handlers.slack.payloads import Body, Press, bot_user_id
from handlers.slack.people.strangers import OwnWorkspace
from handlers.slack.router import Router
from handlers.tickets.cards import threads as cards
from rules.people.permissions import Permission
from services.desk import Desk
from services.tickets import threads
from storage.outbox import message_references

MESSAGE_SUBTYPES = (None, "file_share", "thread_broadcast")
EDIT_SUBTYPES = ("message_changed", "message_deleted")
DIRECT_CHANNEL_PREFIX = "D"


def register(on: Router) -> None:
    on.event(SlackEvent.MESSAGE, Permission.WRITE_AS_REQUESTER)(record_message)
    on.action(Button.SEND_NOTE, Permission.REPLY_TO_REQUESTER)(send_note)


async def record_message(
    message: SlackMessage, body: Body, client: AsyncWebClient, desk: Desk, own_workspace: OwnWorkspace
) -> None:
    """A person's word in a thread of ours is kept, and follows their edits; our own words, joins and other people's
    threads are not."""
    bot = bot_user_id(body) or own_workspace.bot_user
    if message.subtype in EDIT_SUBTYPES:
        await _follow_edit(desk, client, MessageEdit.from_event(body))
        return
    if message.from_bot or message.subtype not in MESSAGE_SUBTYPES or message.user in ("", bot):
        return
    kept = await _record_thread_message(desk, client, message, mention_of=bot) if message.thread_ts else None
    if kept is not None and (words := cards.message_recorded(kept)) is not None:
        await ephemeral.post_in_channel(client, message.channel, message.user, words, message.thread_ts)
    elif kept is None and message.channel.startswith(DIRECT_CHANNEL_PREFIX):
        await desk.execute_once(message.key, threads.send_welcome, by=message.user)


async def send_note(press: Press, number: int, client: AsyncWebClient, desk: Desk) -> None:
    await desk.execute_once(press.key, threads.send_note_to_requester, number, press.index, by=press.user)
    if press.response_url:
        await ephemeral.replace_pressed_message(client, press.response_url, cards.note_sent(number))


async def _record_thread_message(
    desk: Desk, client: AsyncWebClient, message: SlackMessage, *, mention_of: str
) -> Modal | None:
    # Most messages of a workspace are not about tickets; a read finds that out without a transaction.
    if await desk.read(message_references.find_at, message.channel, message.thread_ts or "") is None:
        return None
    said = await with_names(message, client, desk)
    return await desk.execute_once(
        f"said:{message.channel}:{message.ts}",
        threads.record_thread_message,
        threads.MessagePlace(message.channel, message.thread_ts or "", message.ts),
        by=message.user,
        text=said.text,
        files=[{"name": one["name"], "url": one["url"]} for one in message.files],
        mentioned_at=float(message.ts) if message.mentions(mention_of) else None,
    )


async def _follow_edit(desk: Desk, client: AsyncWebClient, edit: MessageEdit | None) -> None:
    if edit is None:
        return
    place = threads.MessagePlace(edit.channel, edit.root, edit.ts)
    if await desk.read(threads.ticket_of_message, place) is None:
        return
    now = None if edit.message is None else (await with_names(edit.message, client, desk)).text
    await desk.execute(threads.record_edit, place, text=now)
