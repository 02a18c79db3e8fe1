"""Whatever people type, and wherever: it is kept as it was typed, pings nobody, and fits within Slack's limits."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from copy import deepcopy

import pytest

from bot.emulator.limits.surfaces import check_payload
from bot.emulator.people.participant import Outcome
from bot.emulator.people.person import Person
from bot.emulator.types import Json
from services import summaries
from services.alerts import sweep
from services.assignment import reminders
from storage.escalations.escalations import find_escalation as escalation
from storage.events import ticket_history
from storage.tickets.tickets import get_ticket
from tests.desks import CHANNELS, NAMES, OFFICE, HeldClock, Office, opened_office

ANA, BEN, EVA, LENA, CLEO = "U0AGENT1", "U0AGENT2", "U0EXPERT1", "U0LEAD1", "U0CLIENT1"
SUPPORT, NETWORK, GENERAL, BATON = "C0SUPPORT", "C0NETWORK", "C0GENERAL", "U0BATON"
TYPED = {
    "call": "<!channel> & <b>bold</b> <!here|all>",
    "mention": "<@U0OBSERVER1> please",
    "ampersands": "&" * 3000,
    "long": "x" * 3000,
    "turned": "\u202egnp.exe\u202c مرحبا بالعالم \u2067abc",
    "emoji": "🔥👩‍💻" * 300,
    "marks": "```*bold* _it_ ~no~ `code` > quote\n\n\n• list",
}
NEVER = ("<!channel", "<!here", "<b>", "\u202e", "\u2067")
MENTION = "<@U0OBSERVER1>"


def described(text: str) -> Json:
    """desk.yml with the text wherever it has words of its own."""
    plain = deepcopy(OFFICE)
    for part in (*plain["teams"].values(), *plain["types"].values()):
        part["name"] = text[:75].replace("<@", "@")  # whoever writes desk.yml may mention people in it
    return plain


class Heard:
    """Every message and view that Baton said, whichever way it went."""

    def __init__(self, office: Office) -> None:
        self.payloads: list[tuple[str, Json]] = []
        self._pinging: list[str] = []  # what a person typed into a command and reads alone may mention anybody
        office.emulator.traffic.listeners.append(self._hear)

    def problems(self) -> list[str]:
        return [words for surface, payload in self.payloads for words in check_payload(surface, payload)]

    def alive(self) -> list[str]:
        """What Slack would act on, or turn round, though people typed it."""
        texts = [text for surface, payload in self.payloads for text in shown(payload, message=surface == "message")]
        return [text for text in texts if any(one in text for one in NEVER)] + self._pinging

    def _hear(self, entry: Json) -> None:
        part = entry["body"] if entry["direction"] == "in" else entry["answer"]
        if not isinstance(part, dict):
            return
        if entry["kind"] != "slash_commands":
            self._pinging += [text for text in shown(part, message="text" in part) if MENTION in text]
        if "view" in part:
            view = json.loads(part["view"]) if isinstance(part["view"], str) else part["view"]
            self.payloads.append((view["type"], view))
        elif part.get("text"):
            self.payloads.append(("message", {"text": part["text"], "blocks": part.get("blocks") or []}))


def shown(part: object, *, message: bool = False) -> Iterator[str]:
    """Everything that Slack reads as its own marks; what stands in a box to be edited is not."""
    if isinstance(part, dict):
        if message or part.get("type") == "mrkdwn":
            yield str(part["text"])
        for inner in part.values():
            yield from shown(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from shown(inner)


@pytest.fixture(params=TYPED)
def text(request: pytest.FixtureRequest) -> str:
    return TYPED[request.param]


@asynccontextmanager
async def hostile(database_url: str, clock: HeldClock, text: str) -> AsyncIterator[tuple[Office, Heard]]:
    """An office whose teams, types and people are all called that."""
    async with opened_office(database_url, clock, plain=described(text)) as office:
        heard = Heard(office)
        for who in NAMES:
            office.emulator.change_person(who, real_name=text)
        await office.settled()
        yield office, heard
        assert heard.problems() == []
        assert heard.alive() == []
        assert office.emulator.delivery.lost_events == []
        assert len(heard.payloads) > 5


class Card:
    """The card of #1 in #support, and who presses what on it."""

    def __init__(self, office: Office) -> None:
        self.office = office

    @property
    def ts(self) -> str:
        cards = [one for one in self.office.app_messages(SUPPORT) if one["text"].startswith("Ticket #1:")]
        return str(cards[0]["ts"])

    async def form(self, who: str, button: str, answers: dict[str, str], *, choose: str | None = None) -> Outcome:
        person = self.office.person(who)
        opened = await person.press(SUPPORT, self.ts, button, choose=choose)
        assert opened.view is not None, opened
        return await self.sent(person, answers)

    async def sent(self, person: Person, answers: dict[str, str]) -> Outcome:
        outcome = await person.submit(answers)
        assert outcome.ok, (outcome.error, outcome.errors)
        await self.office.settled()
        return outcome


async def told(office: Office, kind: str, field: str = "text") -> list[str]:
    """What the history of #1 keeps of these events."""
    return [one.data[field] for one in await office.desk.read(ticket_history, 1) if one.kind == kind]


def same(kept: str, typed: str) -> bool:
    """Whether all that was typed is there, though the title may have taken its first line."""
    return " ".join(typed.split()) in " ".join(kept.split())


async def file_by_form(office: Office, text: str) -> Card:
    cleo = office.person(CLEO)
    await cleo.command(GENERAL, "/ticket")
    answers = {"title": text[:150], "description": text, "customer": text[:150], "type": "network"}
    return await _filed(office, cleo, answers)


async def _filed(office: Office, who: Person, answers: dict[str, str]) -> Card:
    card = Card(office)
    await card.sent(who, answers)
    return card


async def test_in_every_box_of_the_ticket(database_url: str, clock: HeldClock, text: str) -> None:
    async with hostile(database_url, clock, text) as (office, _):
        card = await file_by_form(office, text)
        ana = office.person(ANA)
        await card.form(ANA, "ticket.more", {"text": text}, choose="reply:1")
        await card.form(ANA, "ticket.more", {"text": text}, choose="note:1")
        await card.form(ANA, "ticket.more", {"title": f"New {text}"[:150], "customer": text[:149]}, choose="change:1")
        await card.form(LENA, "ticket.assign", {"assignee": BEN})
        ben = office.person(BEN)
        offer = ben.visible_messages(ben.dm_channel(BATON))[-1]
        await ben.press(ben.dm_channel(BATON), offer["ts"], "offer.pass")
        await card.sent(ben, {"reason": text})
        await card.form(ANA, "ticket.resolve", {"solution": text})
        await ana.press(SUPPORT, card.ts, "ticket.more", choose="open:1")
        await card.form(ANA, "ticket.more", {"reason": text}, choose="reopen:1")

        ticket = await office.desk.read(get_ticket, 1)
        assert (ticket.description, ticket.customer) == (text, text[:149].strip())
        assert ticket.title == " ".join(f"New {text}"[:150].split())
        for kind in ("replied", "noted", "passed", "resolved", "reopened"):
            assert await told(office, kind) == [text]


async def test_between_first_line_and_experts(database_url: str, clock: HeldClock, text: str) -> None:
    async with hostile(database_url, clock, text) as (office, _):
        card = await file_by_form(office, text)
        eva, evidence = office.person(EVA), {"team": "network", "why": text, "tried": text}
        await card.form(ANA, "ticket.escalate", evidence)
        approval = office.app_messages(NETWORK)[-1]["ts"]
        await eva.press(NETWORK, approval, "escalation.ask_back")
        await card.sent(eva, {"question": text})
        await card.form(ANA, "ticket.more", {"text": text}, choose="note:1")
        await eva.press(NETWORK, approval, "escalation.reject")
        await card.sent(eva, {"advice": "other", "comment": text})
        await card.form(ANA, "ticket.escalate", evidence)
        clock.forward(days=2)
        for deed in (sweep.send_due_alerts, reminders.remind_assignees):
            await office.desk.execute(deed)
        await office.settled()

        first = await office.desk.read(escalation, 1, 1)
        assert first is not None
        assert [first.why, first.tried, first.question, first.comment] == [text] * 4


async def test_in_what_is_said_in_channels_and_threads(database_url: str, clock: HeldClock, text: str) -> None:
    async with hostile(database_url, clock, text) as (office, _):
        ana, ben, cleo = office.person(ANA), office.person(BEN), office.person(CLEO)
        asked = await cleo.say(GENERAL, text)
        await ana.message_shortcut("ticket_from_message", GENERAL, asked["ts"])
        card = await _filed(office, ana, {"type": "network"})
        await cleo.say(GENERAL, text, asked["ts"])
        await ben.say(SUPPORT, text, card.ts)
        await office.settled()
        whisper = next(one for one in ben.thread(SUPPORT, card.ts) if one.get("is_ephemeral"))
        await ben.press(SUPPORT, whisper["ts"], "note.send")
        await cleo.say(GENERAL, f"@baton {text}")
        await office.settled()

        assert (await office.desk.read(get_ticket, 1)).description == text
        assert await told(office, "wrote") == await told(office, "noted") == await told(office, "replied") == [text]
        second = await office.desk.read(get_ticket, 2)
        assert same(f"{second.title} {second.description}", text)


async def test_in_what_is_typed_after_a_command(database_url: str, clock: HeldClock, text: str) -> None:
    async with hostile(database_url, clock, text) as (office, _):
        cleo, lena = office.person(CLEO), office.person(LENA)
        one_word = text.split(maxsplit=1)[0]
        for words in (f"Down {text[:2900]}", f"{text[:2980]} !urgent", f"type:{text[:2900]}", one_word[:2900]):
            await cleo.command(GENERAL, "/ticket", words)
        for words in ("list all", f"list {text[:2900]}", f"list team {text[:2900]}", "1", "help"):
            await lena.command(SUPPORT, "/ticket", words)
        for command in ("/report", "/desk"):
            for words in ("", "help", text[:2990], f"team {text[:2900]}", f"who {text[:2900]}", "who network"):
                await lena.command(SUPPORT, command, words)
        for person in (cleo, lena):
            await person.open_home()
        clock.forward(hours=8)
        await office.desk.execute(summaries.send_summaries)
        await office.settled()

        filed = await office.desk.read(get_ticket, 1)
        assert same(f"{filed.title} {filed.description}", text[:2900])


ASKED_AGAIN: dict[str, tuple[str, dict[str, str], str]] = {
    "reply": ("ticket.more", {"text": ""}, "reply:1"),
    "note": ("ticket.more", {"text": ""}, "note:1"),
    "title": ("ticket.more", {"title": ""}, "change:1"),
    "solution": ("ticket.resolve", {"solution": ""}, ""),
    "why": ("ticket.escalate", {"why": "", "tried": "restarted", "team": "network"}, ""),
    "tried": ("ticket.escalate", {"tried": "", "why": "flaps", "team": "network"}, ""),
}


@pytest.mark.parametrize("blank", ["   \n ", "\u200b\u202e \u2067"], ids=["spaces", "invisible"])
async def test_a_box_in_which_nothing_can_be_read_is_asked_for_again(office: Office, blank: str) -> None:
    await office.file("VPN is down type:network")
    ana, card = office.person(ANA), Card(office)
    empty: dict[str, Callable[[str], bool]] = {}

    for button, answers, choose in ASKED_AGAIN.values():
        field = next(iter(answers))
        await ana.press(SUPPORT, card.ts, button, choose=choose or None)
        outcome = await ana.submit({name: value or blank for name, value in answers.items()})
        empty[field] = set(outcome.errors).__contains__
        await ana.close(everything=True)

    assert [field for field, refused in empty.items() if not refused(field)] == []
    assert [one.kind for one in await office.desk.read(ticket_history, 1)] == ["filed"]


async def test_a_new_ticket_without_a_word_is_asked_for_again(office: Office) -> None:
    cleo = office.person(CLEO)
    for blank in (" \t ", "\u200b\u202e"):
        await cleo.command(GENERAL, "/ticket")

        assert set((await cleo.submit({"title": blank, "description": blank})).errors) == {"title"}

    assert all(office.app_messages(channel) == [] for channel in CHANNELS)
