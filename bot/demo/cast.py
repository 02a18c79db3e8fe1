"""Sample people who keep working at the demo's desk; they act through Slack only."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

from bot.demo.stories import (
    ALREADY_TRIED,
    ESCALATION_REASON,
    SAMPLE_NOTES,
    THANKS_REPLY,
    UNKNOWN_TICKET_SOLUTION,
    SampleTicket,
    sample_tickets,
)
from bot.emulator.errors import SlackError
from bot.emulator.people.person import Person
from bot.emulator.server import Emulator
from rules.escalations.escalations import RejectionReason

log = logging.getLogger("baton.demo")

SUPPORT, NETWORK, APPS, HELP = "C0SUPPORT", "C0NETWORK", "C0APPS", "C0HELP"
PAUSE_SECONDS, THINKING_SECONDS = (12.0, 30.0), (2.0, 5.0)
NEWEST_MESSAGES = 30
NOTE_CHANCE, ACCEPT_CHANCE = 0.5, 0.6
CardMessage = dict[str, Any]
Scene = Callable[[Emulator, random.Random], Awaitable[None]]


async def play_scenes(emulator: Emulator, dice: random.Random) -> None:
    scenes: tuple[Scene, ...] = (
        ask_for_help,
        file_ticket,
        take_ticket,
        take_ticket,
        answer_requester,
        complete_step,
        escalate_ticket,
        decide_escalation,
        resolve_ticket,
        resolve_ticket,
    )
    while True:
        await asyncio.sleep(dice.uniform(*PAUSE_SECONDS))
        scene = dice.choice(scenes)
        try:
            await scene(emulator, dice)
        except (SlackError, LookupError) as error:
            log.debug("The scene %s found nothing to do: %s", getattr(scene, "__name__", scene), error)


async def ask_for_help(emulator: Emulator, dice: random.Random) -> None:
    ticket = dice.choice(sample_tickets())
    message = await emulator.person("U0CLEO").say(HELP, f"{ticket.title}. {ticket.description}")
    await _pause_to_think(dice)
    await emulator.person("U0BEN").say(HELP, f"@Baton type:{ticket.type}", thread=message["ts"])


async def file_ticket(emulator: Emulator, dice: random.Random) -> None:
    ticket = dice.choice(sample_tickets())
    priority = f" !{ticket.priority}" if ticket.priority else ""
    agent = emulator.person(dice.choice(("U0ANA", "U0BEN")))
    await agent.command(SUPPORT, "/ticket", f"{ticket.title}{priority} type:{ticket.type}")


async def take_ticket(emulator: Emulator, dice: random.Random) -> None:
    agent, card = _agent_and_card(emulator, dice, "ticket.take")
    await agent.press(SUPPORT, card["ts"], "ticket.take")


async def answer_requester(emulator: Emulator, dice: random.Random) -> None:
    agent, card = _agent_and_card(emulator, dice, "ticket.more")
    number, blocks = _ticket_number(card), str(card["blocks"])
    if dice.random() < NOTE_CHANCE and f"'note:{number}'" in blocks:
        await agent.press(SUPPORT, card["ts"], "ticket.more", choose=f"note:{number}")
        await agent.submit({"text": dice.choice(SAMPLE_NOTES)})
        return
    if "'ticket.reply'" in blocks:
        await agent.press(SUPPORT, card["ts"], "ticket.reply")
    else:
        await agent.press(SUPPORT, card["ts"], "ticket.more", choose=f"reply:{number}")
    await agent.submit({"text": THANKS_REPLY})


async def complete_step(emulator: Emulator, dice: random.Random) -> None:
    agent, card = _agent_and_card(emulator, dice, "ticket.step")
    await agent.press(SUPPORT, card["ts"], "ticket.step")


async def escalate_ticket(emulator: Emulator, dice: random.Random) -> None:
    agent, card = _agent_and_card(emulator, dice, "ticket.escalate")
    sample = _sample_on(card)
    team = sample.experts if sample else dice.choice(("network", "apps"))
    if team is None:
        raise LookupError("no experts for that ticket")
    await agent.press(SUPPORT, card["ts"], "ticket.escalate")
    await _pause_to_think(dice)
    await agent.submit({"team": team, "why": ESCALATION_REASON, "tried": ALREADY_TRIED})


async def decide_escalation(emulator: Emulator, dice: random.Random) -> None:
    channel, user = dice.choice(((NETWORK, "U0EMIL"), (NETWORK, "U0EVA"), (APPS, "U0IRIS")))
    expert = emulator.person(user)
    card = _card_with_button(expert, channel, "escalation.accept", dice)
    if dice.random() < ACCEPT_CHANCE:
        await expert.press(channel, card["ts"], "escalation.accept")
    else:
        await expert.press(channel, card["ts"], "escalation.reject")
        await _pause_to_think(dice)
        sample = _sample_on(card)
        advice = (sample and sample.rejection_reason) or RejectionReason.INFORMATION_MISSING
        comment = (sample and sample.comment) or "Send the log of the last hour first."
        await expert.submit({"advice": advice.value, "comment": comment})


async def resolve_ticket(emulator: Emulator, dice: random.Random) -> None:
    agent, card = _agent_and_card(emulator, dice, "ticket.resolve")
    await agent.press(SUPPORT, card["ts"], "ticket.resolve")
    await _pause_to_think(dice)
    sample = _sample_on(card)
    await agent.submit({"solution": sample.solution if sample else UNKNOWN_TICKET_SOLUTION})


async def _pause_to_think(dice: random.Random) -> None:
    await asyncio.sleep(dice.uniform(*THINKING_SECONDS))


def _agent_and_card(emulator: Emulator, dice: random.Random, button: str) -> tuple[Person, CardMessage]:
    agent = emulator.person(dice.choice(("U0ANA", "U0BEN")))
    return agent, _card_with_button(agent, SUPPORT, button, dice)


def _card_with_button(person: Person, channel: str, button: str, dice: random.Random) -> CardMessage:
    """A random one of the newest cards with that button; LookupError, which ends the scene, when there is none."""
    cards = [one for one in person.visible_messages(channel)[-NEWEST_MESSAGES:] if button in str(one.get("blocks"))]
    if not cards:
        raise LookupError(f"no card with {button}")
    return dice.choice(cards)


def _sample_on(card: CardMessage) -> SampleTicket | None:
    """The sample ticket that the card shows; None for a visitor's own ticket."""
    return next((sample for sample in sample_tickets() if sample.title in str(card["blocks"])), None)


def _ticket_number(card: CardMessage) -> str:
    menu = next(block["accessory"] for block in card["blocks"] if block.get("accessory", {}).get("type") == "overflow")
    return str(menu["options"][0]["value"]).partition(":")[2]
