"""What is said in the threads of tickets, and to Baton itself."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack import ephemeral
from handlers.slack.ids import Button, SlackEvent
from handlers.slack.payloads import Press, SlackMessage, bot_user_id
from handlers.slack.router import Router
from handlers.slack.ticket_actions import redraw_on_refusal
from handlers.tickets.cards import threads as cards
from services.desk import Desk
from services.tickets import threads
from storage.outbox import message_references

MESSAGE_SUBTYPES = (None, "file_share", "thread_broadcast")
DIRECT_CHANNEL_PREFIX = "D"


def register(on: Router) -> None:
    on.event(SlackEvent.MESSAGE)(record_message)
    on.action(Button.SEND_NOTE)(send_note)


async def record_message(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """A person's word in a thread of ours is kept; our own words, edits, joins and other people's threads are not."""
    said = SlackMessage.from_event(body)
    if said.from_bot or said.subtype not in MESSAGE_SUBTYPES or said.user in ("", bot_user_id(body)):
        await ack()
        return
    kept = await _record_thread_message(desk, said, mention_of=bot_user_id(body)) if said.thread_ts else None
    if kept is not None and (words := cards.message_recorded(kept)) is not None:
        await ephemeral.post_in_channel(client, said.channel, said.user, words, said.thread_ts)
    elif kept is None and said.channel.startswith(DIRECT_CHANNEL_PREFIX):
        await desk.execute_once(said.key, threads.send_welcome, by=said.user)
    await ack()


async def send_note(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.from_body(body)
    number, seq = press.ticket_and_index
    async with redraw_on_refusal(desk, number):
        await desk.execute_once(press.key, threads.send_note_to_requester, number, seq, by=press.user)
    if press.response_url:
        await ephemeral.replace_pressed_message(client, press.response_url, cards.note_sent(number))
    await ack()


async def _record_thread_message(desk: Desk, said: SlackMessage, *, mention_of: str) -> dict[str, Any] | None:
    # most of what is said in a workspace is not about tickets: that is found out without writing anything
    if await desk.read(message_references.find_at, said.channel, said.thread_ts or "") is None:
        return None
    return await desk.execute_once(
        f"said:{said.channel}:{said.ts}",
        threads.record_thread_message,
        by=said.user,
        channel=said.channel,
        root=said.thread_ts or "",
        text=said.text,
        files=[{"name": one["name"], "url": one["url"]} for one in said.files],
        mentioned_at=float(said.ts) if f"@{mention_of}" in said.text else None,
    )
