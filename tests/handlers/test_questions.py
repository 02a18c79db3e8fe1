"""The questions that a lead asks all day: each has one command, and its answer is within a screen.

A busy Tuesday at the office, and the same day at a desk of sixty people with hundreds of open tickets.
"""

from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from rules.intake.requests import TicketRequest
from rules.presence.leave import LeaveKind, LeavePeriod
from rules.presence.presence import PresenceAction
from services.escalations import escalations
from services.presence import presence
from services.tickets import tickets
from storage.schema.tickets import OutboxMessage
from storage.transaction import Transaction
from tests.desks import MONDAY, OFFICE, HeldClock, Office, opened_desk, opened_office
from tests.handlers.screens import SCREEN, lines_of
from tests.handlers.vpn import ANA, BEN, CLEO, EVA, LENA

MIA = "U0MANAGER1"
FRIDAY = MONDAY + timedelta(days=4)
TYPES = ["vpn", "mail", "phone", "licence", "printer", "access", "laptop", "training"]
SUPPORT, NETWORK = [[f"U0{team}{n:02}" for n in range(30)] for team in ("SUP", "NET")]

# row of the product list, what is typed, and what the answer must hold
QUESTIONS = [
    (34, "/report", "", "*Created* 4 · #4, #5, #6, #7"),
    (35, "/report", "", "By type: Other 3, Network 1\nBy status: In progress 3, Resolved 1"),
    (36, "/report", "who", f"<@{ANA}>  4 open (8 min of work): 3 from today · 1 from yesterday · ⚠️ 1 breached"),
    (39, "/report", "who", f"Most tickets: <@{ANA}> (4) ·"),
    (40, "/report", "who", f"· Most breached: <@{BEN}> (2)\n"),
    (41, "/report", "who", "· ✓ 1 resolved"),
    (42, "/report", "times", f"*#7* VPN is down · by <@{BEN}> · 1 h 30 min\n"),
    (43, "/desk", "network", f"<@{EVA}>  0 open · away, back"),
    (44, "/desk", "who network", "Network tickets go to Support.\n"),
    (49, "/report", "times", "of 1 h 30 min\nIn progress 67 % (1 h) · New 33 % (30 min)"),
    (157, "/report", "hours", f"<@{BEN}>  1 h 30 min logged in: 1 h 15 min on tickets · 15 min on breaks"),
]
COMMANDS = sorted({(command, text) for _, command, text, _ in QUESTIONS})


async def answer(office: Office, command: str, text: str) -> dict[str, Any]:
    outcome = await office.person(MIA).command("C0GENERAL", command, text)
    assert outcome.ok
    (said,) = outcome.ephemerals
    return said


def words(said: dict[str, Any]) -> str:
    return "\n".join(block["text"]["text"] for block in said["blocks"] if block["type"] == "section") + "\n"


def file(tx: Transaction, type_: str, *, by: str | None) -> int:
    """Cleo's request; who is named takes it."""
    asked = TicketRequest(title="VPN is down", requester=CLEO, registered_by=LENA, type=type_)
    number = tickets.create_ticket(tx, asked)
    if by is not None:
        tickets.take(tx, number, by=by)
    return number


@pytest.fixture
async def busy(office: Office, clock: HeldClock) -> Office:
    """On Monday Ana took one ticket and Ben two; on Tuesday three new ones are Ana's, and Ben resolved a fourth."""
    desk = office.desk
    for who in (ANA, BEN, BEN):
        await desk.execute(file, "network", by=who)
    clock.forward(days=1)
    for _ in range(3):
        await desk.execute(file, "other", by=ANA)
    await desk.execute(file, "network", by=None)
    await desk.execute(presence.set_presence, by=BEN, what=PresenceAction.IN)
    await desk.execute(presence.enter_leave, EVA, LeavePeriod(clock.now, FRIDAY, LeaveKind.HOLIDAY), by=EVA)
    clock.forward(minutes=30)
    await desk.execute(tickets.take, 7, by=BEN)
    clock.forward(minutes=45)
    await desk.execute(presence.set_presence, by=BEN, what=PresenceAction.BREAK)
    clock.forward(minutes=15)
    await desk.execute(presence.set_presence, by=BEN, what=PresenceAction.IN)
    await desk.execute(tickets.resolve, 7, by=BEN, solution="Restarted.")
    return office


@pytest.fixture
async def crowded(database_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    """Sixty people, and three hundred open tickets of ten types from ten days, most of them late, some nearly."""
    clock.forward(days=-8)
    async with opened_desk(database_url, clock, plain=large()) as desk:
        for day in range(9):
            await desk.execute(a_day, day)
            clock.forward(days=1)
        for place in range(30):
            await desk.execute(a_morning, place)
        for who in (*SUPPORT[:8], *NETWORK[:8]):
            await desk.execute(presence.enter_leave, who, LeavePeriod(clock.now, FRIDAY, LeaveKind.HOLIDAY), by=who)
        clock.forward(hours=1.5)
        for number in range(1, 250, 7):
            await desk.execute(tickets.resolve, number, by=SUPPORT[number % 30], solution="Restarted.")
        for number in range(261, 269):
            await desk.execute(to_the_experts, number)
        await desk.execute(cards_are_read)
    async with opened_office(database_url, clock, plain=large()) as office:
        yield office


def large() -> dict[str, Any]:
    """The office with many more people and types."""
    plain = deepcopy(OFFICE)
    plain["teams"]["support"] |= {"agents": SUPPORT}
    plain["teams"]["network"] |= {"experts": NETWORK}
    plain["types"] |= {key: {"name": f"Trouble with {key}", "team": "support"} for key in TYPES}
    levels = ["learning", "can", "expert"]
    plain["people"] = {
        who: {"skills": {"network": levels[place % 3]}} for place, who in enumerate((*SUPPORT, *NETWORK))
    }
    return plain


def a_day(tx: Transaction, day: int) -> None:
    for place in range(30):
        file(tx, TYPES[place % 8], by=SUPPORT[(place * 7 + day) % 30] if place % 9 else None)


def a_morning(tx: Transaction, place: int) -> None:
    """One of each team comes; one has a new ticket, and one more waits for somebody."""
    for who in (SUPPORT[place], NETWORK[place]):
        presence.set_presence(tx, by=who, what=PresenceAction.IN)
    for holder in (SUPPORT[place], None):
        file(tx, TYPES[place % 8], by=holder)


def to_the_experts(tx: Transaction, number: int) -> None:
    escalations.escalate(tx, number, by=LENA, team="network", why="w", tried="t")
    escalations.accept(tx, number, 1, by=NETWORK[number % 30])


def cards_are_read(tx: Transaction) -> None:
    """What was to be told until now was told."""
    tx.session.execute(delete(OutboxMessage))


@pytest.mark.parametrize(("row", "command", "text", "fact"), QUESTIONS)
async def test_the_question_is_answered_within_a_screen(
    busy: Office, row: int, command: str, text: str, fact: str
) -> None:
    said = await answer(busy, command, text)

    assert fact in words(said)
    assert len(lines_of(said)) <= SCREEN


async def test_at_a_large_desk_each_answer_is_within_a_screen_too(crowded: Office) -> None:
    lengths = {f"{command} {text}": len(lines_of(await answer(crowded, command, text))) for command, text in COMMANDS}

    assert {typed: many for typed, many in lengths.items() if many > SCREEN} == {}
