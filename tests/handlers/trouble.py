"""A small app that refuses or breaks on demand, in the local workspace: what people say and press says how."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.people.participant import Outcome
from bot.emulator.server import Emulator
from handlers.slack import blocks
from handlers.slack.router import Router
from rules.errors import FieldError, Refused
from rules.people.permissions import Permission
from tests.handlers.small_app import BATON, connected

ANA = "U0AGENT1"
SUPPORT = "C0SUPPORT"
REFUSAL = "Ask <@U0LEAD1>, not <!channel> & <b>."
TROUBLE: dict[str, Callable[[], Exception]] = {
    "refused": lambda: Refused(REFUSAL),
    "quoted": lambda: Refused("`quoted` is not a word of mine."),
    "broken": lambda: RuntimeError("the disk is full"),
    "field": lambda: FieldError("title", "Say in a few words what it is about."),
    "elsewhere": lambda: FieldError("team", "That team is gone."),
}


def register(on: Router) -> None:
    on.command("/ticket", Permission.FILE_TICKET)(typed)
    on.command("/desk", Permission.FILE_TICKET)(show)
    on.action("trouble", Permission.FILE_TICKET)(pressed)
    on.view("form", Permission.FILE_TICKET)(sent)
    on.shortcut("ticket_new", Permission.FILE_TICKET)(chosen)
    on.shortcut("ticket_from_message", Permission.FILE_TICKET)(chosen)
    on.event("app_mention", Permission.FILE_TICKET)(said)
    on.event("message", Permission.FILE_TICKET)(said)
    on.event("app_home_opened", Permission.FILE_TICKET)(looked)


def trouble(words: str) -> None:
    for word, error in TROUBLE.items():
        if word in words:
            raise error()


async def typed(body: dict[str, Any]) -> None:
    trouble(body["text"])


async def show(body: dict[str, Any], client: AsyncWebClient) -> None:
    """`/desk card|form|page|home WORD` puts a way into that trouble there, and one that nobody answers."""
    where, _, word = body["text"].partition(" ")
    ways = [blocks.actions(blocks.button("Press", "trouble", word), blocks.button("Old", "ticket.of_last_year", "1"))]
    typed_in = [
        blocks.input_field("Title", blocks.text_input("title")),
        blocks.input_field("Type", blocks.select("type", [("Network", "network")])),
    ]
    match where:
        case "card":
            await client.chat_postMessage(channel=body["channel_id"], text="A card", blocks=ways)
        case "page":
            await client.views_open(trigger_id=body["trigger_id"], view=blocks.page_modal("A page", ways))
        case "home":
            await client.views_publish(user_id=body["user_id"], view={"type": "home", "blocks": ways})
        case "form":
            name = "form.of_last_year" if word == "old" else "form"
            view = blocks.form_modal(name, "A form", typed_in, submit="Send", metadata=word)
            await client.views_open(trigger_id=body["trigger_id"], view=view)


async def pressed(body: dict[str, Any]) -> None:
    trouble(body["actions"][0]["value"])


async def sent(body: dict[str, Any]) -> None:
    trouble(body["view"]["private_metadata"])


async def chosen() -> None:
    trouble("broken")


async def said(body: dict[str, Any]) -> None:
    trouble(body["event"].get("text", ""))


async def looked() -> None:
    trouble("broken")


class Troubled:
    """The app in its workspace, and what Ana reads there."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.ana = emulator.person(ANA)

    async def card(self, word: str, channel: str = SUPPORT) -> str:
        """The ts of a card in that channel whose button leads into this trouble."""
        await self.ana.command(channel, "/desk", f"card {word}")
        return str(self.ana.visible_messages(channel)[-1]["ts"])

    async def sends(self, word: str, title: str = "VPN is down") -> Outcome:
        """The form, filled and sent into this trouble."""
        await self.ana.command(SUPPORT, "/desk", f"form {word}")
        return await self.ana.submit({"title": title, "type": "network"})

    def direct(self) -> list[str]:
        """What Ana was told by direct message."""
        return [one["text"] for one in self.ana.visible_messages(self.ana.dm_channel(BATON)) if one.get("bot_id")]

    def whispered(self, channel: str = SUPPORT) -> list[str]:
        """What she alone reads in that channel."""
        return [one["text"] for one in self.ana.visible_messages(channel) if one.get("is_ephemeral")]


@asynccontextmanager
async def troubled() -> AsyncIterator[Troubled]:
    on = Router()
    register(on)
    async with connected(on) as emulator:
        yield Troubled(emulator)
