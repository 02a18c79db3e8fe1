"""How a step is done in Slack: a command, a press, a form, a word in a thread; and how it was answered."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from bot.emulator.events import payloads
from bot.emulator.people.participant import Outcome
from bot.emulator.people.person import Person
from bot.emulator.server import Emulator
from bot.emulator.types import Json
from handlers.slack.ids import Button, More
from services.desk import Desk
from storage.outbox.message_references import find_at
from tests.journeys.simulation.model import Step
from tests.journeys.simulation.world import CHANNELS, GENERAL, SUPPORT

PRESSES = {"take": Button.TAKE, "start": Button.START, "accept": Button.ACCEPT, "withdraw": Button.WITHDRAW}
FORMS = {
    "resolve": (Button.RESOLVE, "solution"),
    "reply": (Button.REPLY, "text"),
    "reopen": (Button.REOPEN, "reason"),
    "assign": (Button.ASSIGN, "reason"),
    "hand_back": (Button.PASS, "reason"),
    "escalate": (Button.ESCALATE, "why"),
    "reject": (Button.REJECT, "comment"),
    "ask_back": (Button.REQUEST_INFO, "question"),
    "redirect": (Button.REDIRECT, "reason"),
}
MENU = {"wait": More.WAIT_FOR_CUSTOMER, "note": More.NOTE}
MENU_FORMS = {"note": "text"}
PRESSED = {*PRESSES, "wait"}
ELSEWHERE = "T0ELSEWHERE"
CHOSEN = {"assign": "assignee", "escalate": "team", "redirect": "team"}  # the field in which somebody is chosen
ALSO = {"escalate": {"tried": "restarted"}, "reject": {"advice": "other"}}


class Answer(StrEnum):
    """What whoever did it knows."""

    DONE = "done"
    REFUSED = "refused"
    NOT_SAVED = "not saved"
    LOST = "no answer"
    SAID = "said"  # a word among others: Baton answers it with nothing, or later


@dataclass(frozen=True)
class Tried:
    step: Step
    answer: Answer
    words: str = ""


Act = Callable[[], Awaitable[Tried]]


async def prepare(emulator: Emulator, watcher: Desk, step: Step, dice: Random) -> Act | Tried | None:
    """The last press or word of the step, ready to be done; what it came to where it was refused before that.

    None where there is nothing to do it with.
    """
    person = emulator.person(step.by)
    emulator.workspace.modals.pop(step.by, None)
    if step.verb == "file":
        return lambda: _file(person, step)
    if step.verb.startswith("write"):
        return await _prepare_words(emulator, watcher, person, step)
    card = ticket_card(emulator, step.number)
    if card is None:
        return None
    if step.verb in PRESSED:
        return lambda: _press(person, card, step)
    return await _prepare_form(person, card, step, dice)


def ticket_card(emulator: Emulator, number: int) -> Json | None:
    found = emulator.workspace.channels[CHANNELS[SUPPORT]].messages.values()
    return next((one for one in found if one.get("text", "").startswith(f"Ticket #{number}:")), None)


async def _file(person: Person, step: Step) -> Tried:
    """By a command, or by a mention in the channel that is named."""
    if step.to:
        await person.say(step.to, f"@baton {step.title}")
        return Tried(step, Answer.SAID)
    tried = _read(step, await person.command(GENERAL, "/ticket", step.title))
    await _send_again(person, step, tried)
    number = re.match(r"(?:Created|Already created as) #(\d+)", tried.words)
    if tried.answer is Answer.LOST or not number:
        return tried
    return Tried(replace(step, number=int(number[1])), Answer.DONE, tried.words)


async def _prepare_words(emulator: Emulator, watcher: Desk, person: Person, step: Step) -> Act | None:
    """In the thread of the ticket's card, or in the one in which its requester is answered, once Baton knows of it."""
    in_team_thread = step.verb == "write_in_team_thread"
    if in_team_thread:
        root, channel = ticket_card(emulator, step.number), CHANNELS[SUPPORT]
    else:
        channel = step.to if step.to.startswith("C") else person.dm_channel(emulator.workspace.app.bot_user)
        root = _requester_thread(emulator, channel, step)
    if root is None or await watcher.read(find_at, channel, ts := root["ts"]) is None:
        return None

    async def say() -> Tried:
        await person.say(channel, step.mark, thread=ts)
        return Tried(step, Answer.SAID)

    return say


def _requester_thread(emulator: Emulator, channel: str, step: Step) -> Json | None:
    """The mention that asked, or the first direct message about the ticket."""
    first = re.compile(re.escape(step.title) if channel == GENERAL else rf"(replied on|resolved) #{step.number} ")
    found = [one for one in emulator.workspace.channels[channel].messages.values() if _is_root(one)]
    return next((one for one in found if first.search(one["text"])), None)


def _is_root(message: Json) -> bool:
    return message.get("thread_ts") in (None, message["ts"])


async def _press(person: Person, card: Json, step: Step) -> Tried:
    payload = _payload(person, card, step)
    pressed = [person.interact("interactive", payload) for _ in range(1 + step.twice)]
    tried = [_read(step, outcome) for outcome in await asyncio.gather(*pressed)]
    return min(tried, key=lambda one: [*Answer].index(one.answer))


async def _prepare_form(person: Person, card: Json, step: Step, dice: Random) -> Act | Tried | None:
    opened = await person.interact("interactive", _payload(person, card, step))
    tried = _read(step, opened)
    if opened.view is None:
        return tried if tried.answer is Answer.REFUSED and "Slack refused" not in tried.words else None
    if not opened.view.get("submit"):
        return None
    field = MENU_FORMS.get(step.verb) or FORMS[step.verb][1]
    values: dict[str, object] = {field: step.mark, **ALSO.get(step.verb, {})}
    if step.verb in CHOSEN:
        to = _one_of(opened.view, CHOSEN[step.verb], dice)
        step, values = replace(step, to=to), values | {CHOSEN[step.verb]: to}
    return lambda: _submit(person, step, values)


def _one_of(view: Json, field: str, dice: Random) -> str:
    elements = [block["element"] for block in view["blocks"] if block["type"] == "input"]
    (element,) = [one for one in elements if one["action_id"] == field]
    return str(dice.choice(sorted(option["value"] for option in element["options"])))


async def _submit(person: Person, step: Step, values: dict[str, object]) -> Tried:
    tried = _read(step, await person.submit(values))
    await _send_again(person, step, tried)
    return tried


async def _send_again(person: Person, step: Step, tried: Tried) -> None:
    """Slack sends this person's newest command or form once more, as if its answer had got lost."""
    if not step.twice or tried.answer is Answer.LOST:
        return
    for sent in reversed(person.session.traffic.entries_after(0)):
        body, kind = sent["body"], "slash_commands" if "command" in sent["body"] else "interactive"
        if sent["direction"] == "out" and person.id in (body.get("user_id"), (body.get("user") or {}).get("id")):
            await person.session.delivery.send_interaction(kind, body)
            return


def _payload(person: Person, card: Json, step: Step) -> Json:
    """What Slack sends when the button is pressed, whether or not the card still shows it."""
    channel = person.workspace.channels[CHANNELS[SUPPORT]]
    payload = payloads.message_action_payload(person.workspace, person.user, channel, card, {})
    value = f"{step.number}.{step.round}" if step.round else str(step.number)
    action: Json = {"block_id": "buttons", "action_ts": person.workspace.new_ts()}
    if step.verb in MENU:
        chosen = {"text": {"type": "plain_text", "text": "…"}, "value": f"{MENU[step.verb]}:{value}"}
        action |= {"type": "overflow", "action_id": Button.MORE_MENU, "selected_option": chosen}
    else:
        button = PRESSES.get(step.verb) or FORMS[step.verb][0]
        action |= {"type": "button", "action_id": button, "value": value}
    if step.foreign:
        payload |= {"user": payload["user"] | {"team_id": ELSEWHERE}, "team": {"id": ELSEWHERE, "domain": "elsewhere"}}
    return payload | {"actions": [action]}


def _read(step: Step, outcome: Outcome) -> Tried:
    words = " ".join(one["text"] for one in outcome.ephemerals)
    if outcome.error == "operation_timeout":
        return Tried(step, Answer.LOST)
    if outcome.view and outcome.view["title"]["text"] == "Not done":
        words += str(outcome.view["blocks"])
    words += " ".join(outcome.errors.values())
    if "Nothing was saved" in words:
        return Tried(step, Answer.NOT_SAVED, words)
    return Tried(step, Answer.REFUSED if words else Answer.DONE, words)
