"""What is said in the threads of tickets, and to Baton itself."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack import ephemeral
from handlers.slack.ids import Button, Happening
from handlers.slack.payloads import Message, Press, ourselves
from handlers.slack.router import Router
from handlers.slack.ticket_actions import up_to_date
from handlers.tickets.cards import threads as cards
from services.desk import Desk
from services.tickets import threads
from storage.outbox import message_references

SPOKEN = (None, "file_share", "thread_broadcast")
DIRECT = "D"


def register(on: Router) -> None:
    on.event(Happening.MESSAGE)(hear)
    on.action(Button.SEND_NOTE)(send_note)


async def hear(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """A person's word in a thread of ours is kept; our own words, edits, joins and other people's threads are not."""
    said = Message.of_event(body)
    if said.from_bot or said.subtype not in SPOKEN or said.by in ("", ourselves(body)):
        await ack()
        return
    kept = await _kept(desk, said, mention_of=ourselves(body)) if said.thread_ts else None
    if kept is not None and (words := cards.kept(kept)) is not None:
        await ephemeral.in_channel(client, said.channel, said.by, words, said.thread_ts)
    elif kept is None and said.channel.startswith(DIRECT):
        await desk.execute_once(said.key, threads.greet, by=said.by)
    await ack()


async def send_note(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    number, seq = press.numbers
    async with up_to_date(desk, number):
        await desk.execute_once(press.key, threads.send_note, number, seq, by=press.by)
    if press.response_url:
        await ephemeral.in_place(client, press.response_url, cards.note_sent(number))
    await ack()


async def _kept(desk: Desk, said: Message, *, mention_of: str) -> dict[str, Any] | None:
    # most of what is said in a workspace is not about tickets: that is found out without writing anything
    if await desk.read(message_references.at, said.channel, said.thread_ts or "") is None:
        return None
    return await desk.execute_once(
        f"said:{said.channel}:{said.ts}",
        threads.hear,
        by=said.by,
        channel=said.channel,
        root=said.thread_ts or "",
        text=said.text,
        files=[{"name": one["name"], "url": one["url"]} for one in said.files],
        began_it=float(said.ts) if f"@{mention_of}" in said.text else None,
    )
