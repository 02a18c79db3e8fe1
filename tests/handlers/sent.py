"""What Slack sends when somebody presses, fills in, types or looks, drawn up by hand.

A forged payload can name any button and any ticket, so nothing here asks whether the person has the card before them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from bot.emulator.events import payloads
from bot.emulator.events.delivery import Answer
from bot.emulator.people.person import Person
from bot.emulator.state import messages
from bot.emulator.types import Json
from tests.desks import Office
from tests.handlers.vpn import GENERAL

BEFORE = "What was there before"


@dataclass(frozen=True, slots=True)
class Home:
    """The workspace of who acts, and the organisation that the payload names; without them it is ours."""

    team: str = ""
    enterprise: str = ""


HERE = Home()
PARTNER = Home("T0PARTNER")  # another company, with which a channel is shared


@dataclass(frozen=True, slots=True)
class Told:
    """What the person reads; a refusal is bare words, with no block around them."""

    text: str
    bare: bool


async def pressed(office: Office, who: str, button: str, value: str, *, home: Home = HERE) -> list[Told]:
    workspace, person = office.emulator.workspace, office.person(who)
    message = messages.post_ephemeral(workspace, workspace.channels[GENERAL], who, {"text": BEFORE})
    payload = payloads.message_action_payload(workspace, person.user, workspace.channels[GENERAL], message, {})
    action = {"type": "button", "action_id": button, "block_id": "b", "value": value}
    told = await _told(office, person, "interactive", payload | {"actions": [action]}, home)
    now = person.message(GENERAL, message["ts"])
    return told if now["text"] == BEFORE else [*told, Told(now["text"], bare=not now.get("blocks"))]


async def filled(
    office: Office, who: str, form: str, about: str, answers: Mapping[str, str], *, home: Home = HERE
) -> list[Told]:
    person = office.person(who)
    view = {
        "id": f"V{token_hex(6)}",
        "type": "modal",
        "callback_id": form,
        "private_metadata": about,
        "blocks": [{"type": "input", "block_id": name} for name in answers],
        "state": {
            "values": {name: {name: {"type": "plain_text_input", "value": said}} for name, said in answers.items()}
        },
    }
    payload = payloads.view_submission_payload(office.emulator.workspace, person.user, view)
    return await _told(office, person, "interactive", payload, home)


async def typed(office: Office, who: str, command: str, text: str, *, home: Home = HERE) -> list[Told]:
    workspace, person = office.emulator.workspace, office.person(who)
    payload = payloads.command_payload(workspace, person.user, workspace.channels[GENERAL], command, text)
    if home.team:
        payload |= {"team_id": home.team, "enterprise_id": home.enterprise}
    return await _told(office, person, "slash_commands", payload, HERE)


async def asked_anywhere(office: Office, who: str, shortcut: str, *, home: Home = HERE) -> list[Told]:
    person = office.person(who)
    payload = payloads.global_shortcut_payload(office.emulator.workspace, person.user, shortcut)
    return await _told(office, person, "interactive", payload, home)


async def asked_about(office: Office, who: str, shortcut: str, *, home: Home = HERE) -> list[Told]:
    """The shortcut on a message of the person's own."""
    workspace, person = office.emulator.workspace, office.person(who)
    message = await person.say(GENERAL, "VPN is slow")
    payload = payloads.message_shortcut_payload(workspace, person.user, shortcut, workspace.channels[GENERAL], message)
    return await _told(office, person, "interactive", payload, home)


async def _told(office: Office, person: Person, kind: str, payload: Json, home: Home) -> list[Told]:
    """What the person reads of it; nothing where a form opened, or a card alone says what was done."""
    workspace = office.emulator.workspace
    workspace.modals.pop(person.id, None)
    if home.team:
        named = {"id": home.enterprise, "name": "Lakes"} if home.enterprise else None
        payload |= {"user": {**payload["user"], "team_id": home.team}, "enterprise": named}
    already = person.ephemeral_count()
    answer = await office.emulator.delivery.send_interaction(kind, payload)
    assert answer.error is None, answer
    return _words(answer, person.outcome(answer, already).ephemerals, person.view)


def _words(answer: Answer, whispers: list[Json], view: Json | None) -> list[Told]:
    body: dict[str, Any] = answer.body if isinstance(answer.body, dict) else {}
    said = [Told(one["text"], bare=not one.get("blocks")) for one in (*whispers, body) if one.get("text")]
    pages = [_page(shown) for shown in (view, body.get("view")) if shown and shown["title"]["text"] == "Not done"]
    return said + [Told(words, bare=True) for words in (*body.get("errors", {}).values(), *pages)]


def _page(view: Json) -> str:
    return str(view["blocks"][0]["text"]["text"])
